-- What lets a reader of the database (DATABASE_READER_URL, platform/reader.ts) be asked without promising more than it can keep. Rows, and no positions in
-- the log: they mean the same on a streaming replica and on readers that share the primary's storage.

-- Each process that has a reader writes its row every second. Who shows it there shows all that was committed before it was written; another database,
-- to which an address may lead by mistake, does not have it.
create table heartbeat (
  process uuid primary key,
  at      timestamptz not null
) with (fillfactor = 50);

-- The newest write of an account, in the transaction of that write: a reader that shows the same row as the primary has the write too.
create table newest_write (
  account_id uuid primary key,
  at         timestamptz not null
) with (fillfactor = 70);

grant select on heartbeat, newest_write to openhcs_room;

-- Microseconds, which a number of JavaScript's holds. Never the same one twice, nor one before it, whatever the clock does. Takes rows of processes that ended.
create function beat(beating uuid) returns bigint language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  made timestamptz;
begin
  insert into platform.heartbeat as h (process, at) values (beating, clock_timestamp())
  on conflict (process) do update set at = greatest(excluded.at, h.at + interval '1 microsecond') returning at into made;
  delete from platform.heartbeat where at < made - interval '1 hour';
  return extract(epoch from made) * 1000000;
end $$;
revoke all on function beat(uuid) from public;
grant execute on function beat(uuid) to openhcs_room;

create function note_write(account uuid) returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into platform.newest_write as w (account_id, at) values (account, clock_timestamp())
  on conflict (account_id) do update set at = greatest(excluded.at, w.at + interval '1 microsecond');
end $$;
revoke all on function note_write(uuid) from public;
grant execute on function note_write(uuid) to openhcs_room;

-- Every reader has had these long ago, and without a row nothing is waited for. In bites; says how many went. By the clock that wrote them.
create function forget_writes(bite integer) returns bigint language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  gone bigint;
begin
  delete from platform.newest_write where account_id in (
    select w.account_id from platform.newest_write w where w.at < clock_timestamp() - interval '1 day' limit bite);
  get diagnostics gone = row_count;
  return gone;
end $$;
revoke all on function forget_writes(integer) from public;
grant execute on function forget_writes(integer) to openhcs_room;
