-- What waits in the job engine, for metrics: rooms have no right on its tables, and this tells numbers only. Bounded, so that a long queue, which is when
-- somebody looks, costs no more than a short one: of what is due the ten thousand oldest are looked at, by the engine's own index.
create function job_state() returns table (task text, due bigint, oldest_due_at timestamptz, failed bigint)
language sql stable security definer set search_path = graphile_worker, pg_temp as $$
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
revoke all on function job_state() from public;
grant execute on function job_state() to openhcs_room;
