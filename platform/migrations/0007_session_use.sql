-- When a session was last used, and how long it may rest. Rows without them (of the release before) end at expires_at alone.
alter table session add column last_used_at timestamptz;
alter table session add column idle_seconds integer;
-- A short-lived token ends before its session does, and is renewed by identity.
alter table session add column token_expires_at timestamptz;
alter table session add column version integer not null default 1;

-- Every room meets sessions and none but identity may write them: this notes a use, and can do nothing else. Later uses win, so two
-- processes that note one at the same moment do not undo each other.
create function note_use(used uuid, at timestamptz) returns void language sql security definer set search_path = pg_catalog, pg_temp as $$
  update platform.session set last_used_at = at where id = used and revoked_at is null and last_used_at < at;
$$;
revoke all on function note_use(uuid, timestamptz) from public;
grant execute on function note_use(uuid, timestamptz) to openhcs_room;
