-- Of the database of the job engine, where it is not the house's own (JOBS_DATABASE_URL).

-- Requests whose jobs are here. Whoever took one from the house's database may die before that commits, and then it is taken again.
create table relayed (
  id bigint not null,
  asked_at timestamptz not null,
  at timestamptz not null default now(),
  primary key (id, asked_at)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
create index on relayed (at);

-- Makes jobs of requests, of each one once. Those without a key as in platform/migrations/0002_jobs.sql; those with one in the order of their ids.
create function take(requests json) returns void language plpgsql set search_path = graphile_worker, pg_temp as $$
declare
  fresh bigint[];
  one record;
begin
  with added as (
    insert into jobs.relayed (id, asked_at) select r.id, r.asked_at from json_to_recordset(requests) as r(id bigint, asked_at timestamptz)
    order by r.id on conflict do nothing returning id)
  select array_agg(id) into fresh from added;

  insert into _private_tasks (identifier)
    select distinct r.identifier from json_to_recordset(requests) as r(identifier text)
    where r.identifier is not null and not exists (select from _private_tasks t where t.identifier = r.identifier)
    on conflict do nothing;
  -- Due since it was asked for, unless that clock is ahead of this one.
  insert into _private_jobs (task_id, payload, run_at, max_attempts, attempts, last_error)
    select t.id, r.payload, coalesce(r.run_at, least(r.asked_at, now())), r.max_attempts, r.attempts, r.last_error
    from json_to_recordset(requests) as r(id bigint, asked_at timestamptz, identifier text, key text, payload json, run_at timestamptz,
      max_attempts smallint, attempts smallint, last_error text)
    join _private_tasks t on t.identifier = r.identifier
    where r.key is null and r.id = any (fresh) order by r.id;

  for one in
    select r.* from json_to_recordset(requests) as r(id bigint, asked_at timestamptz, identifier text, key text, payload json, run_at timestamptz,
      max_attempts smallint, attempts smallint, last_error text)
    where r.key is not null and r.id = any (fresh) order by r.id
  loop
    if one.identifier is null then
      perform remove_job(one.key);
    else
      perform graphile_worker.add_jobs(array[(one.identifier, one.payload, null, coalesce(one.run_at, least(one.asked_at, now())),
        one.max_attempts, one.key, null, null)::job_spec]);
      update _private_jobs set attempts = one.attempts, last_error = one.last_error where key = one.key and one.attempts > 0;
    end if;
  end loop;
  perform pg_notify('jobs:insert', json_build_object('r', random(), 'count', cardinality(fresh))::text);
end $$;

-- As platform.job_state() in the house's database.
create function job_state() returns table (task text, due bigint, oldest_due_at timestamptz, failed bigint)
language sql stable set search_path = graphile_worker, pg_temp as $$
  with due as (
    select task_id, count(*) as jobs, min(run_at) as oldest from (
      select j.task_id, j.run_at from _private_jobs j where j.is_available and j.run_at <= now() order by j.priority, j.run_at limit 10000) x
    group by task_id),
  failed as (
    select task_id, count(*) as jobs from (
      select j.task_id from _private_jobs j where j.attempts >= j.max_attempts and j.locked_at is null limit 10000) x
    group by task_id)
  select t.identifier, coalesce(d.jobs, 0), d.oldest, coalesce(f.jobs, 0)
  from _private_tasks t left join due d on d.task_id = t.id left join failed f on f.task_id = t.id
$$;
