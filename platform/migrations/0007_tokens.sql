-- Tokens beside sessions: API keys, access tokens of apps, and the grants that those follow from. One table, so that one statement finds who asks, and
-- one column ends any of them from the next request on. A grant is a row whose hash belongs to no token: when it ends, so does all that was given under it.
alter table session
  add column kind       text not null default 'session',
  add column scopes     text[], -- null: whatever the roles permit
  add column client_id  uuid,   -- the app
  add column patient_id uuid,   -- the one patient that scopes beginning with patient/ open
  add column parent_id  uuid,   -- the grant
  add column used_at    timestamptz;
alter table session add constraint session_kind check (kind in ('session', 'api-key', 'access-token', 'client-token', 'grant')) not valid;

-- When a key was last used, at most once in five minutes: requests must not queue for the row of a key that many of them carry.
create function touch_token(token uuid, at timestamptz) returns void language sql security definer set search_path = platform, pg_temp as $$
  update session set used_at = at where id = token and kind = 'api-key' and (used_at is null or used_at < at - interval '5 minutes')
$$;
revoke all on function touch_token(uuid, timestamptz) from public;
grant execute on function touch_token(uuid, timestamptz) to openhcs_room;
