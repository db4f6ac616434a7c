-- Rooms ask for jobs through this one function, and have no other right on the job engine's tables.
--
-- The engine's own add_jobs() ends with a NOTIFY. A transaction with NOTIFY holds a lock of the whole database while it is flushed to disk,
-- so all of them commit one after another: 1,260 a second where 6,490 were possible without (16 connections, one insert each, two cores).
-- Jobs without a key, which are what requests make, are therefore inserted as add_jobs() inserts them, and whoever committed them wakes
-- the workers afterwards (platform/wake.ts); a waking that is lost costs a second. Jobs with a key replace others, and go the engine's way.
create function add_jobs(requests json) returns void language plpgsql security definer set search_path = graphile_worker, pg_temp as $$
declare
  added int[];
  keyed job_spec[];
  dropped text;
begin
  -- Nearly always this is all.
  with jobs as (
    insert into _private_jobs (task_id, payload, run_at, max_attempts)
    select t.id, coalesce(r.payload, '{}'), coalesce(r.run_at, now()), coalesce(r.max_attempts, 25::smallint)
    from json_to_recordset(requests) as r(identifier text, payload json, run_at timestamptz, max_attempts smallint, job_key text)
    join _private_tasks t on t.identifier = r.identifier
    where r.job_key is null
    returning task_id)
    select array_agg(task_id) into added from jobs;
  if cardinality(added) = json_array_length(requests) then
    return;
  end if;

  -- Tasks that nobody has asked for before, and their jobs. A number is used up also where a row is in the way, and there are two thousand million of them.
  insert into _private_tasks (identifier)
    select distinct r.identifier from json_to_recordset(requests) as r(identifier text)
    where r.identifier is not null and not exists (select from _private_tasks t where t.identifier = r.identifier)
    on conflict do nothing;
  insert into _private_jobs (task_id, payload, run_at, max_attempts)
    select t.id, coalesce(r.payload, '{}'), coalesce(r.run_at, now()), coalesce(r.max_attempts, 25::smallint)
    from json_to_recordset(requests) as r(identifier text, payload json, run_at timestamptz, max_attempts smallint, job_key text)
    join _private_tasks t on t.identifier = r.identifier
    where r.job_key is null and t.id <> all (coalesce(added, '{}'));

  for dropped in select r.drop from json_to_recordset(requests) as r(drop text) where r.drop is not null loop
    perform remove_job(dropped);
  end loop;
  select array_agg((r.identifier, coalesce(r.payload, '{}'), null, r.run_at, r.max_attempts, r.job_key, null, null)::job_spec)
    into keyed
    from json_to_recordset(requests) as r(identifier text, payload json, run_at timestamptz, max_attempts smallint, job_key text)
    where r.job_key is not null;
  if keyed is not null then
    perform graphile_worker.add_jobs(keyed);
  end if;
end $$;
revoke all on function add_jobs(json) from public;
grant execute on function add_jobs(json) to openhcs_room;
