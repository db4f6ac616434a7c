import { writeFile } from 'node:fs/promises'
import pg from 'pg'
import { pino } from 'pino'
import { system } from '#platform/auth.ts'
import { loadConfig } from '#platform/config.ts'
import type { Context } from '#platform/context.ts'
import { type House, openHouse } from '#platform/house.ts'
import { newId } from '#platform/ids.ts'
import { jobsAt, keepWorking } from '#platform/jobs.ts'
import { migrate } from '#platform/migrate.ts'
import { extendHorizon } from '#services/care-plans/occurrences/extend-horizon.ts'
import { claimDue } from '#services/care-plans/occurrences/queries/planned.ts'
import { listTasks, toTell } from '#services/care-plans/occurrences/queries/tasks.ts'
import { tellDue } from '#services/care-plans/occurrences/tell-due.ts'
import type { CarePlansTables } from '#services/care-plans/tables.ts'
import { everything } from '#services.ts'
import { inDatabase } from './country.ts'
import { type Place, withDatabase } from './database.ts'
import { openExplainer, type Plan } from './explain.ts'
import { say } from './say.ts'

// What is to be done by the plans of many people at one minute: written down ahead, announced when it is due, and told. By one process, into a database of its own.

export interface CareTaskFigures {
  tasks: number
  /** Seconds until all are written down; and until a bare driver has written the same rows, in lots of the same size. */
  planned: number
  floor: number
  /** Until all are announced. */
  announced: number
  /** From then until all are in the inbox of whoever is to do them. */
  told: number
  /** In nobody's inbox, and in somebody's more than once. */
  missing: number
  twice: number
}

type Ctx = Context<CarePlansTables>

const MANY = 100_000
const FEW = 1_000
const LOT = 500
const DAY = 86_400_000
const WAIT_SECONDS = 500

/** So many people, each with a plan and something to do each day at that time; written down until half a day before. */
const SEED = `
  with who as (select gen_random_uuid() as patient, gen_random_uuid() as account, gen_random_uuid() as plan, gen_random_uuid() as activity from generate_series(1, $1::int)),
  granted as (
    insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)
    select gen_random_uuid(), account, 'self', 'Patient', patient, '{see-record}', now() - interval '1 day' from who)
  insert into care_plans.activity (plan_id, id, patient_id, category, instruction, kind, role, zone, schedule, planned_until, tzdata)
  select plan, activity, patient, 'general', 'Walk', 'exercise', 'patient', 'UTC', $2::jsonb, $3::timestamptz, $4 from who`

async function openPeople({ database, folder }: Place, name: string, people: number) {
  const [ownerUrl, appUrl] = [inDatabase(database.ownerUrl, name), inDatabase(database.appUrl, name)]
  const admin = new pg.Client({ connectionString: database.ownerUrl })
  await admin.connect()
  await admin.query(`create database ${name}`)
  await admin.end()
  await migrate({ ownerUrl, appUrl, services: everything })
  const owner = new pg.Client({ connectionString: ownerUrl })
  await owner.connect()
  const minute = new Date(Math.floor(Date.now() / 60_000) * 60_000)
  const schedule = { timesOfDay: [minute.toISOString().slice(11, 16)], from: '2020-01-01' }
  const until = new Date(minute.getTime() - DAY / 2)
  await owner.query(SEED, [people, JSON.stringify(schedule), until, process.versions.tz])
  await owner.query('vacuum (analyze)')
  const env = { DATABASE_URL: appUrl, DATABASE_OWNER_URL: ownerUrl, OPENHCS_HOME: folder }
  const house = openHouse({
    config: loadConfig({ ...process.env, ...env, PUBLIC_URL: 'http://openhcs.test' }),
    services: everything,
    log: pino({ level: 'silent' }),
  })
  const close = async () => {
    await owner.end()
    await house.close()
  }
  return { owner, ownerUrl, house, minute, [Symbol.asyncDispose]: close }
}

/** As if it were that time. */
function contextAt(house: House, at: Date): Ctx {
  const ctx = house.context('care_plans', { actor: system, traceId: newId(), doing: 'bench' })
  return { ...ctx, now: () => at } as Ctx
}

async function secondsOf(act: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await act()
  return (performance.now() - begun) / 1_000
}

/** The night at whose end the horizon lies half a day after that minute. */
const plan = ({ house, minute }: { house: House; minute: Date }) =>
  extendHorizon(contextAt(house, new Date(minute.getTime() - 13.5 * DAY)))

export async function benchCareTasks(place: Place, tasks = MANY): Promise<CareTaskFigures> {
  await using people = await openPeople(place, `tasks_${tasks}`, tasks)
  const { owner, ownerUrl, house, minute } = people
  const planned = await secondsOf(() => plan(people))
  const { rows } = await owner.query('select id, plan_id, activity_id, due_at from care_plans.occurrence')
  if (rows.length !== tasks || rows.some((row) => row.due_at.getTime() !== minute.getTime()))
    throw new Error(`${rows.length} of ${tasks} are planned`)
  await owner.query('truncate care_plans.occurrence')
  const floor = await secondsOf(() => insertAlone(ownerUrl, rows))
  await owner.query('vacuum (analyze) care_plans.occurrence')
  const announced = await secondsOf(() => tellDue(contextAt(house, new Date())))
  const told = await secondsOf(() => tellAll(house, owner, tasks))
  const counted = await owner.query(`
    select count(*)::int as messages, count(distinct t.id)::int as told from notifications.notification n, jsonb_array_elements_text(n.params->'tasks') t(id)`)
  const [{ messages, told: distinct }] = counted.rows
  return { tasks, planned, floor, announced, told, missing: tasks - distinct, twice: messages - distinct }
}

interface Row {
  id: string
  plan_id: string
  activity_id: string
  due_at: Date
}

/** One connection, a transaction for each lot. */
async function insertAlone(connectionString: string, rows: readonly Row[]): Promise<void> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  for (let n = 0; n < rows.length; n += LOT) {
    const lot = rows.slice(n, n + LOT)
    await client.query({
      name: 'insert',
      text: `insert into care_plans.occurrence (id, plan_id, activity_id, due_at) select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[])`,
      values: [
        lot.map(({ id }) => id),
        lot.map(({ plan_id }) => plan_id),
        lot.map(({ activity_id }) => activity_id),
        lot.map(({ due_at }) => due_at),
      ],
    })
  }
  await client.end()
}

async function tellAll(house: House, owner: pg.Client, tasks: number): Promise<void> {
  const working = await keepWorking({
    ...jobsAt(house.config),
    tasks: house.tasks(),
    crontab: '',
    log: () => {},
  })
  try {
    for (let tries = 0; tries < WAIT_SECONDS * 10; tries++) {
      const { rows } = await owner.query(
        `select count(*)::int as n from graphile_worker._private_jobs where attempts < max_attempts`,
      )
      if (rows[0].n === 0) return
      await new Promise((next) => setTimeout(next, 100))
    }
    throw new Error(`Not all of ${tasks} are told within ${WAIT_SECONDS} s`)
  } finally {
    await working.stop()
  }
}

/** docs/plans-tasks.md: how PostgreSQL finds what is due, and what somebody is to do. */
async function plansAmong(place: Place, people: number): Promise<string> {
  await using all = await openPeople(place, `plans_${people}`, people)
  const { owner, ownerUrl, minute } = all
  await plan(all)
  // A fortnight of each, as they lie there by day.
  await owner.query(
    `insert into care_plans.occurrence (id, plan_id, activity_id, due_at) select gen_random_uuid(), plan_id, activity_id, due_at + n * interval '1 day' from care_plans.occurrence, generate_series(1, 13) n`,
  )
  await owner.query('vacuum (analyze) care_plans.occurrence')
  const { rows } = await owner.query(
    `select g.account_id as account, array(select id from care_plans.occurrence where due_at = $1 order by id limit ${LOT}) as tasks
    from care_plans.activity a join platform.access_grant g on g.subject_id = a.patient_id limit 1`,
    [minute],
  )
  const [{ account, tasks }] = rows
  const explainer = await openExplainer({ ownerUrl }, 'care_plans')
  const db = explainer.db as never
  const now = new Date()
  const window = { from: new Date(minute.getTime() - DAY), to: new Date(minute.getTime() + 7 * DAY) }
  const parts = [
    ['Five hundred that are due are claimed', () => claimDue(db, { now, limit: LOT })],
    ['Who is to be told of them', () => toTell(db, tasks, now)],
    [
      'What somebody is to do in a week',
      () =>
        listTasks(
          db,
          { account, within: undefined, now },
          { ...window, status: undefined, after: undefined, limit: 21 },
        ),
    ],
  ] as const
  try {
    const sections: string[] = []
    for (const [title, act] of parts) {
      const plans = await explainer.explain(act)
      sections.push(`### ${title}\n\n${plans.filter(isOfTasks).map(shown).join('\n')}`)
    }
    return `## ${people.toLocaleString('en')} at one minute\n\n${sections.join('\n')}`
  } finally {
    await explainer.close()
  }
}

/** Not of each look at who may see somebody. */
const isOfTasks = ({ plan }: Plan) => plan.includes('occurrence')
const shown = ({ query, plan, milliseconds }: Plan) =>
  `\`${query}\`: ${milliseconds} ms\n\n\`\`\`text\n${plan}\n\`\`\`\n`

if (import.meta.main)
  await withDatabase(async (place) => {
    const plans = [await plansAmong(place, FEW), await plansAmong(place, MANY)]
    const intro = `# Query plans of what is to be done

Written by \`node bench/care-tasks-bench.ts\`: among 1,000 people and among 100,000 who each have something to do every day at the same minute, for a fortnight. Plans are generic and shown as run for
the third time; parts that were never executed are left out.
`
    await writeFile(new URL('../docs/plans-tasks.md', import.meta.url), `${intro}\n${plans.join('\n')}`)
    say(JSON.stringify(await benchCareTasks(place), null, 2))
  })
