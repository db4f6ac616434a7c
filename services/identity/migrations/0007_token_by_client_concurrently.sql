-- What ends when an app is revoked; nearly all sessions have none.
create index concurrently if not exists session_by_client on platform.session (client_id) where client_id is not null;
