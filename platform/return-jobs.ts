import type pg from 'pg'
import { connectOwner } from './backup/tables.ts'
import { type Ends, relayAll } from './relay.ts'

// From a database of its own back into the house's: before JOBS_DATABASE_URL is taken away. While nothing else runs, since whoever does not know of the
// other database cannot drop what waits there. A batch is committed here first; one that is copied twice finds itself by its key.

const BATCH = 1_000

const OTHERS = `
  select distinct application_name as name from pg_stat_activity
  where datname = current_database() and application_name like 'openhcs %' and pid <> pg_backend_pid() order by 1`

const TAKE = `
  with gone as (
    delete from graphile_worker._private_jobs where id = any (array(select id from graphile_worker._private_jobs order by id limit ${BATCH})) returning *)
  select json_agg(json_build_object('identifier', t.identifier, 'key', coalesce(g.key, 'returned ' || g.id), 'payload', g.payload, 'run_at', g.run_at,
    'attempts', g.attempts, 'max_attempts', g.max_attempts, 'last_error', g.last_error) order by g.id)::text as jobs, count(*)::int as count
  from gone g join graphile_worker._private_tasks t on t.id = g.task_id`

const PUT = `
  with given as (
    select * from json_to_recordset($1) as r(identifier text, key text, payload json, run_at timestamptz, attempts smallint, max_attempts smallint, last_error text)),
  new as (
    insert into graphile_worker._private_tasks (identifier) select distinct identifier from given on conflict (identifier) do update set identifier = excluded.identifier
    returning id, identifier)
  insert into graphile_worker._private_jobs (task_id, key, payload, run_at, attempts, max_attempts, last_error)
    select new.id, g.key, g.payload, g.run_at, g.attempts, g.max_attempts, g.last_error from given g join new using (identifier) on conflict (key) do nothing`

/** Returns how many jobs are back. */
export async function returnJobs(logins: Ends, owners: Ends): Promise<number> {
  const main = await connectOwner(owners.main, 'jobs')
  const jobs = await connectOwner(owners.jobs, 'jobs').catch(async (error) => {
    await main.end()
    throw error
  })
  try {
    await refuseWhileServing(main)
    await relayAll(logins) // what is on its way there may drop what waits there
    let all = 0
    for (let moved = BATCH; moved > 0; all += moved) moved = await returnBatch(main, jobs)
    return all
  } finally {
    await Promise.all([main.end(), jobs.end()])
  }
}

async function refuseWhileServing(main: pg.Client): Promise<void> {
  const { rows } = await main.query(OTHERS)
  if (rows.length > 0)
    throw new Error(
      `Jobs are moved back while nothing else runs, and these are connected: ${rows.map(({ name }) => name).join(', ')}. Stop every process of the house first.`,
    )
}

async function returnBatch(main: pg.Client, jobs: pg.Client): Promise<number> {
  await jobs.query('begin')
  const { rows } = await jobs.query<{ jobs: string | null; count: number }>(TAKE)
  const [{ jobs: taken, count } = { jobs: null, count: 0 }] = rows
  if (taken !== null) await main.query(PUT, [taken])
  await jobs.query('commit')
  return count
}
