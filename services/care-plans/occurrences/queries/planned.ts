import { type Kysely, sql, type Transaction } from 'kysely'
import type { Static } from 'typebox'
import type { ActivitySchedule } from '../../contract/schedule.ts'
import type { CarePlansTables } from '../../tables.ts'

type Db = Kysely<CarePlansTables>
type Tx = Transaction<CarePlansTables>

/** How long after its time something can be done as if on it; nobody is reminded of it any more then. Four hours are the house's own figure: a meal, and half of the way to a dose of every eight hours. */
export const GRACE_MS = 4 * 3_600_000

export interface ActivityRow {
  plan_id: string
  id: string
  patient_id: string
  category: string
  instruction: string
  kind: string
  role: string
  mandate_id: string | null
  practitioner_id: string | null
  prescription_id: string | null
  renewal_id: string | null
  is_paused: boolean
  zone: string
  schedule: Static<typeof ActivitySchedule> | null
  planned_until: Date | 'infinity'
  tzdata: string
}

export interface Wanted {
  id: string
  plan: string
  activity: string
  at: Date
}

const COLUMNS = [
  ...([
    'plan_id',
    'id',
    'patient_id',
    'category',
    'instruction',
    'kind',
    'role',
    'mandate_id',
    'practitioner_id',
  ] as const),
  ...(['prescription_id', 'renewal_id', 'is_paused', 'zone', 'schedule', 'planned_until', 'tzdata'] as const),
] as const

/** With their locks: whoever plans them meanwhile (the nightly job) has finished by then, and they are as that left them. */
export const lockActivities = (tx: Tx, plans: readonly string[]): Promise<ActivityRow[]> =>
  tx
    .selectFrom('activity')
    .select(COLUMNS)
    .where('plan_id', 'in', plans)
    .orderBy('plan_id')
    .orderBy('id')
    .forUpdate()
    .$castTo<ActivityRow>()
    .execute()

/** Those that have something to do by this prescription, or by what it renewed. */
export async function plansByPrescription(tx: Tx, prescription: string): Promise<string[]> {
  const { rows } = await sql<{ plan_id: string }>`
    select distinct plan_id from activity where prescription_id is not null and coalesce(renewal_id, prescription_id) = ${prescription}`.execute(
    tx,
  )
  return rows.map(({ plan_id }) => plan_id)
}

/** Of an occurrence `o`: what its activity `a` says, to be kept with it, if nothing is yet. */
export const keptWith = sql`instruction = coalesce(o.instruction, a.instruction), kind = coalesce(o.kind, a.kind), role = coalesce(o.role, a.role),
  mandate_id = case when o.instruction is null then a.mandate_id else o.mandate_id end,
  practitioner_id = case when o.instruction is null then a.practitioner_id else o.practitioner_id end`

/**
 * All of these plans at once. What is ahead and no longer wanted goes, but what was done already; what is due at this hour and no longer wanted is cancelled. What is
 * past stays as it was, with what was to be done then. Whose it is, a merge alone changes.
 */
export async function replacePlanned(
  tx: Tx,
  plans: readonly string[],
  { activities, wanted, now }: { activities: readonly ActivityRow[]; wanted: readonly Wanted[]; now: Date },
): Promise<void> {
  await sql`
    with given as (
      select * from json_to_recordset(${JSON.stringify(activities)}::json) as g(plan_id uuid, id uuid, patient_id uuid, category text, instruction text, kind text,
        role text, mandate_id uuid, practitioner_id uuid, prescription_id uuid, renewal_id uuid, is_paused boolean, zone text, schedule jsonb, planned_until timestamptz, tzdata text)),
    kept as (
      insert into activity (plan_id, id, patient_id, category, instruction, kind, role, mandate_id, practitioner_id, prescription_id, renewal_id, is_paused, zone, schedule, planned_until, tzdata)
      select plan_id, id, patient_id, category, instruction, kind, role, mandate_id, practitioner_id, prescription_id, renewal_id, is_paused, zone, schedule, planned_until, tzdata from given
      on conflict (plan_id, id) do update set category = excluded.category, instruction = excluded.instruction, kind = excluded.kind,
        role = excluded.role, mandate_id = excluded.mandate_id, practitioner_id = excluded.practitioner_id, prescription_id = excluded.prescription_id,
        renewal_id = excluded.renewal_id, is_paused = excluded.is_paused, zone = excluded.zone, schedule = excluded.schedule,
        planned_until = excluded.planned_until, tzdata = excluded.tzdata),
    left_out as (
      update activity a set schedule = null where a.plan_id = any (${plans}::uuid[]) and a.schedule is not null
        and not exists (select from given g where g.plan_id = a.plan_id and g.id = a.id)),
    wanted as (${rowsOf(wanted)}),
    unwanted as (
      select o.id, o.due_at from occurrence o
      where o.plan_id = any (${plans}::uuid[]) and o.status = 'due' and o.due_at > ${new Date(now.getTime() - GRACE_MS)}
        and not exists (select from wanted w where w.plan_id = o.plan_id and w.activity_id = o.activity_id and w.due_at = o.due_at)),
    gone as (delete from occurrence o using unwanted u where o.id = u.id and u.due_at > ${now} and o.status = 'due'),
    cancelled as (
      update occurrence o set status = 'cancelled', ${keptWith} from unwanted u, activity a
      where o.id = u.id and u.due_at <= ${now} and o.status = 'due' and a.plan_id = o.plan_id and a.id = o.activity_id),
    missed as (
      update occurrence o set ${keptWith} from activity a
      where o.plan_id = any (${plans}::uuid[]) and a.plan_id = o.plan_id and a.id = o.activity_id and o.instruction is null and o.status = 'due'
        and o.due_at <= ${new Date(now.getTime() - GRACE_MS)})
    insert into occurrence (id, plan_id, activity_id, due_at)
    select w.id, w.plan_id, w.activity_id, w.due_at from wanted w where w.due_at > ${now} on conflict (plan_id, activity_id, due_at) do nothing`.execute(
    tx,
  )
}

const rowsOf = (wanted: readonly Wanted[]) => sql`
  select * from unnest(${wanted.map(({ id }) => id)}::uuid[], ${wanted.map(({ plan }) => plan)}::uuid[],
    ${wanted.map(({ activity }) => activity)}::uuid[], ${wanted.map(({ at }) => at)}::timestamptz[]) w(id, plan_id, activity_id, due_at)`

/** Those that are to be planned further, with their locks; what somebody is changing at the moment is planned by them. */
export async function activitiesToExtend(
  tx: Tx,
  { horizon, limit }: { horizon: Date; limit: number },
): Promise<(ActivityRow & { planned_until: Date; schedule: Static<typeof ActivitySchedule> })[]> {
  return tx
    .selectFrom('activity')
    .select(COLUMNS)
    .where('schedule', 'is not', null)
    .where('planned_until', '<', horizon)
    .orderBy('planned_until')
    .orderBy('plan_id')
    .orderBy('id')
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .$castTo<ActivityRow & { planned_until: Date; schedule: Static<typeof ActivitySchedule> }>()
    .execute()
}

/** What comes after what is there. */
export async function addPlanned(
  tx: Tx,
  {
    extended,
    wanted,
  }: { extended: readonly { plan: string; activity: string; until: Date | 'infinity' }[]; wanted: readonly Wanted[] },
): Promise<void> {
  await sql`
    with planned as (
      update activity a set planned_until = e.until
      from unnest(${extended.map(({ plan }) => plan)}::uuid[], ${extended.map(({ activity }) => activity)}::uuid[],
        ${extended.map(({ until }) => until)}::timestamptz[]) e(plan_id, id, until)
      where a.plan_id = e.plan_id and a.id = e.id),
    wanted as (${rowsOf(wanted)})
    insert into occurrence (id, plan_id, activity_id, due_at)
    select w.id, w.plan_id, w.activity_id, w.due_at from wanted w on conflict (plan_id, activity_id, due_at) do nothing`.execute(
    tx,
  )
}

/** Plans that were planned by other rules of the zones than ours: a government moved its clocks, and the runtime was updated. */
export async function plansOfOtherRules(db: Db, tzdata: string, limit: number): Promise<string[]> {
  const { rows } = await sql<{ plan_id: string }>`
    select distinct plan_id from activity where schedule is not null and tzdata <> ${tzdata} limit ${limit}`.execute(db)
  return rows.map(({ plan_id }) => plan_id)
}

/** Marks what is due as told, and says what: whoever comes at the same time takes the next. Of what was forgotten for longer nobody is reminded. */
export async function claimDue(tx: Tx, { now, limit }: { now: Date; limit: number }): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    with due as (
      select id from occurrence where told_at is null and status = 'due' and due_at <= ${now} and due_at > ${new Date(now.getTime() - GRACE_MS)}
      order by due_at, id limit ${limit} for update skip locked)
    update occurrence o set told_at = ${now} from due where o.id = due.id returning o.id`.execute(tx)
  return rows.map(({ id }) => id)
}
