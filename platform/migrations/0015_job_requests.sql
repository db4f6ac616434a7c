-- With JOBS_DATABASE_URL the job engine is in another database, which no transaction here can write to. What a transaction asks of it is written down here,
-- and a worker moves it there (platform/relay.ts). Without that setting this stays empty.
create table job_request (
  id bigint generated always as identity primary key,
  -- With the id the name of a request: after a restore ids are given a second time, times are not.
  asked_at timestamptz not null default clock_timestamp(),
  -- Null: whatever waits under the key is dropped. The limits are the engine's own: what it would refuse is refused in the transaction of the cause.
  identifier text check (length(identifier) <= 128),
  key text check (length(key) between 1 and 512),
  payload json not null default '{}',
  run_at timestamptz,
  max_attempts smallint not null default 25 check (max_attempts >= 1),
  -- Of a job that the engine of this database had tried already.
  attempts smallint not null default 0,
  last_error text,
  check (identifier is not null or key is not null)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_insert_threshold = -1);
grant usage on schema platform to openhcs_jobs;
grant select, insert, update, delete on job_request to openhcs_jobs;

-- In the order in which the engine's own functions would be called: what is dropped first, so that a transaction can drop and ask anew.
-- A job under the same key may still wait in the engine of this database, from before there was another: it is replaced with this transaction or not at all.
create function request_jobs(requests json) returns void language plpgsql security definer set search_path = platform, pg_temp as $$
begin
  perform graphile_worker.remove_job(coalesce(r.drop, r.job_key))
    from json_to_recordset(requests) as r(drop text, job_key text) where coalesce(r.drop, r.job_key) is not null;
  insert into job_request (identifier, key, payload, run_at, max_attempts)
    select r.identifier, coalesce(r.drop, r.job_key), coalesce(r.payload, '{}'), r.run_at, coalesce(r.max_attempts, 25::smallint)
    from rows from (json_to_recordset(requests) as (identifier text, payload json, run_at timestamptz, max_attempts smallint, job_key text, drop text)) with ordinality
      as r(identifier, payload, run_at, max_attempts, job_key, drop, place)
    order by r.drop is null, r.place;
end $$;
revoke all on function request_jobs(json) from public;
grant execute on function request_jobs(json) to openhcs_room;

-- `record` where the job engine is elsewhere.
create function record_apart(audit json, jobs json, scope text, key text, hash text, answer json, at timestamptz) returns void language plpgsql as $$
begin
  if jobs is not null then
    perform platform.request_jobs(jobs);
  end if;
  perform platform.record(audit, null, scope, key, hash, answer, at);
end $$;
grant execute on function record_apart(json, json, text, text, text, json, timestamptz) to openhcs_room;

-- What waits in the engine of this database becomes requests: jobs from before there was another, of processes that do not know of it yet, or of a backup.
-- Whoever works on one keeps it. By itself and quickly, since a request under the same key waits for this.
create function gather_jobs(most int) returns void language sql as $$
  with gone as (
    delete from graphile_worker._private_jobs where id = any (array(
      select j.id from graphile_worker._private_jobs j where j.locked_at is null or j.locked_at < now() - interval '10 minutes'
      order by j.id limit most for update skip locked))
    returning *)
  insert into platform.job_request (identifier, key, payload, run_at, max_attempts, attempts, last_error)
    select t.identifier, g.key, g.payload, g.run_at, g.max_attempts, g.attempts, g.last_error
    from gone g join graphile_worker._private_tasks t on t.id = g.task_id order by g.id
$$;

-- Takes requests out, for whoever then commits. Several may do so at once; those under a key are one worker's, or a later one could overtake an earlier one.
create function take_job_requests(most int, out requests text, out count int) language plpgsql as $$
declare
  keyed boolean;
begin
  perform pg_advisory_xact_lock_shared(7305119); -- a backup holds the relays for an instant
  keyed := pg_try_advisory_xact_lock(7305117); -- the next statement sees what whoever held it before has committed
  with gone as (
    delete from platform.job_request where id = any (array(
      select r.id from platform.job_request r where r.key is null or keyed order by r.id limit most for update skip locked))
    returning *)
  select json_agg(g order by g.id)::text, count(*)::int into requests, count from gone g;
end $$;
-- Puts what was asked for into the engine of this database: after a restore, which brings back there what both engines had.
create function settle_job_requests() returns void language plpgsql set search_path = graphile_worker, pg_temp as $$
declare
  one record;
  job _private_jobs;
begin
  for one in select * from platform.job_request order by id loop
    if one.identifier is null then
      perform remove_job(one.key);
    else
      select * into job
        from graphile_worker.add_jobs(array[(one.identifier, one.payload, null, coalesce(one.run_at, one.asked_at), one.max_attempts, one.key, null, null)::job_spec]);
      update _private_jobs set attempts = one.attempts, last_error = one.last_error where id = job.id and one.attempts > 0;
    end if;
  end loop;
  delete from platform.job_request;
end $$;
revoke all on function settle_job_requests() from public;
revoke all on function gather_jobs(int) from public;
revoke all on function take_job_requests(int) from public;
grant execute on function gather_jobs(int), take_job_requests(int) to openhcs_jobs;

-- What waits for the other database is due since it was asked for, whenever its job is to run.
create or replace function job_state() returns table (task text, due bigint, oldest_due_at timestamptz, failed bigint)
language sql stable security definer set search_path = graphile_worker, pg_temp as $$
  with due as (
    select task_id, count(*) as jobs, min(run_at) as oldest from (
      select j.task_id, j.run_at from _private_jobs j where j.is_available and j.run_at <= now() order by j.priority, j.run_at limit 10000) x
    group by task_id),
  failed as (
    select task_id, count(*) as jobs from (
      select j.task_id from _private_jobs j where j.attempts >= j.max_attempts and j.locked_at is null limit 10000) x
    group by task_id),
  requests as (
    select count(*) as jobs, min(asked_at) as oldest from (select r.asked_at from platform.job_request r order by r.id limit 10000) x)
  select t.identifier, coalesce(d.jobs, 0), d.oldest, coalesce(f.jobs, 0)
  from _private_tasks t left join due d on d.task_id = t.id left join failed f on f.task_id = t.id
  union all select 'jobs:relay', r.jobs, r.oldest, 0 from requests r where r.jobs > 0
$$;
