-- Tokens beside sessions: API keys, access tokens of apps, and the grants that those follow from. One table, so that one statement finds who asks, and
-- one column ends any of them from the next request on. A grant is a row whose hash belongs to no token: when it ends, so does all that was given under it.
alter table session
  add column kind       text not null default 'session',
  add column scopes     text[], -- null: whatever the roles permit
  add column client_id  uuid,   -- the app
  add column patient_id uuid,   -- the one patient that scopes beginning with patient/ open
  add column parent_id  uuid;   -- the grant
alter table session add constraint session_kind check (kind in ('session', 'api-key', 'access-token', 'client-token', 'grant', 'calendar-feed')) not valid;

-- When it was last used, and how long it may rest. Rows without them (of the release before) end at expires_at alone.
alter table session add column last_used_at timestamptz;
alter table session add column idle_seconds integer;
-- A short-lived token ends before its session does, and is renewed by identity.
alter table session add column token_expires_at timestamptz;
-- How somebody proved to be themselves, and 'password' where it says nothing.
alter table session add column signed_in_by text;
alter table session add column version integer not null default 1;

-- Every room meets sessions and none but identity may write them: this notes a use, and can do nothing else. Later uses win; of many
-- that meet at the row of one key, the first writes it.
create function note_use(used uuid, at timestamptz) returns void language sql security definer set search_path = pg_catalog, pg_temp as $$
  update platform.session set last_used_at = at
  where id = used and revoked_at is null and (last_used_at is null or last_used_at < at - interval '10 seconds');
$$;
revoke all on function note_use(uuid, timestamptz) from public;
grant execute on function note_use(uuid, timestamptz) to openhcs_room;
