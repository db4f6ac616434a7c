-- Rooms ask for jobs through this one function, and have no other right on the job engine's tables.
create function add_jobs(requests json) returns void language plpgsql security definer set search_path = graphile_worker, pg_temp as $$
declare
  wanted graphile_worker.job_spec[];
  dropped text;
begin
  select array_agg((r.identifier, coalesce(r.payload, '{}'), null, r.run_at, r.max_attempts, r.job_key, null, null)::graphile_worker.job_spec)
    into wanted
    from json_to_recordset(requests) as r(identifier text, payload json, run_at timestamptz, max_attempts smallint, job_key text, drop text)
    where r.drop is null;
  for dropped in select r.drop from json_to_recordset(requests) as r(drop text) where r.drop is not null loop
    perform graphile_worker.remove_job(dropped);
  end loop;
  if wanted is not null then
    perform graphile_worker.add_jobs(wanted);
  end if;
end $$;
revoke all on function add_jobs(json) from public;
grant execute on function add_jobs(json) to openhcs_room;
