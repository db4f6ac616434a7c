import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import pg from 'pg'
import { eventually } from '../journeys/people.ts'
import { startHouse } from '../processes.ts'

const TASKS = 5_000
const STOP = 4713

/** So many people, each with something to do that is due by now. */
const SEED = `
  with who as (select gen_random_uuid() as patient, gen_random_uuid() as account, gen_random_uuid() as plan, gen_random_uuid() as activity from generate_series(1, ${TASKS})),
  granted as (
    insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)
    select gen_random_uuid(), account, 'self', 'Patient', patient, '{see-record}', now() - interval '1 day' from who),
  planned as (
    insert into care_plans.activity (plan_id, id, patient_id, category, instruction, kind, role, zone, schedule, planned_until, tzdata)
    select plan, activity, patient, 'general', 'Walk', 'exercise', 'patient', 'UTC', null, 'infinity', '' from who)
  insert into care_plans.occurrence (id, plan_id, activity_id, due_at) select gen_random_uuid(), plan, activity, date_trunc('minute', now()) from who`

/** Whoever would commit that one in the middle was told waits there. */
async function stopInTheMiddle(owner: pg.Client): Promise<void> {
  const { rows } = await owner.query(
    `select id from care_plans.occurrence order by due_at, id limit 1 offset ${TASKS / 2}`,
  )
  await owner.query(`
    create function stop_here() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock(${STOP}); return null; end $$;
    create constraint trigger stop after update on care_plans.occurrence deferrable initially deferred
      for each row when (new.id = '${rows[0].id}') execute function stop_here()`)
  await owner.query('begin')
  await owner.query(`select pg_advisory_xact_lock(${STOP})`)
}

const WAITS = `from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and wait_event = 'advisory'`

const DUE = `select graphile_worker.add_job('care_plans:tell-due', '{}') from generate_series(1, 2)`

describe('five thousand tasks that are due at one minute', () => {
  it('are told each once by two processes of which one is killed: none is left out, and none told twice', async () => {
    await using house = await startHouse('together')
    const { appUrl, ownerUrl } = house.databaseUrls
    await using _other = await startHouse('together', { DATABASE_URL: appUrl, DATABASE_OWNER_URL: ownerUrl })
    const owner = new pg.Client({ connectionString: ownerUrl })
    await owner.connect()
    await using _owner = { [Symbol.asyncDispose]: () => owner.end() }
    await owner.query(SEED)
    await stopInTheMiddle(owner)
    const asking = new pg.Client({ connectionString: ownerUrl })
    await asking.connect()
    await asking.query(DUE)
    await asking.end()
    await eventually('somebody commits', async () => {
      await owner.query('select pg_stat_clear_snapshot()')
      return ((await owner.query(`select ${WAITS}`)).rowCount ?? 0) > 0
    })
    const [child] = house.processes
    assert.ok(child)
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
    await owner.query(`select pg_terminate_backend(pid, 5000) ${WAITS}`)
    await owner.query('rollback')
    await owner.query('drop trigger stop on care_plans.occurrence')
    const untold = async () =>
      (await owner.query('select count(*)::int as n from care_plans.occurrence where told_at is null')).rows[0].n
    assert.ok((await untold()) > 0, 'it was killed too late')
    await eventually('all are announced', async () => (await untold()) === 0)
    const told = `select count(*)::int as messages, count(distinct account_id)::int as people,
      (select count(distinct t)::int from notifications.notification n, jsonb_array_elements_text(n.params->'tasks') t) as tasks from notifications.notification`
    await eventually('all are told', async () => (await owner.query(told)).rows[0].messages >= TASKS)
    assert.deepEqual((await owner.query(told)).rows, [{ messages: TASKS, people: TASKS, tasks: TASKS }])
  })
})
