import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely'
import type { CarePlansTables } from '../../tables.ts'
import { type ActivityRow, GRACE_MS, keptWith } from './planned.ts'

type Db = Kysely<CarePlansTables>
type Tx = Transaction<CarePlansTables>

/** Who looks. */
export interface Viewer {
  account: string
  within: string | undefined
  now: Date
}

export interface TaskRow {
  id: string
  plan_id: string
  activity_id: string
  patient_id: string
  instruction: string
  kind: string
  role: 'patient' | 'caregiver' | 'practitioner'
  mandate_id: string | null
  practitioner_id: string | null
  zone: string
  due_at: Date
  status: 'due' | 'done' | 'skipped' | 'cancelled'
  done_at: Date | null
  done_by: string | null
  done_role: TaskRow['role'] | null
  done_self: string | null
  note: string | null
}

const shown = sql`o.id, o.plan_id, o.activity_id, a.patient_id, coalesce(o.instruction, a.instruction) as instruction, coalesce(o.kind, a.kind) as kind, coalesce(o.role, a.role) as role,
  case when o.instruction is null then a.mandate_id else o.mandate_id end as mandate_id,
  case when o.instruction is null then a.practitioner_id else o.practitioner_id end as practitioner_id, a.zone, o.due_at, o.status, o.done_at, o.done_by, o.done_role, o.done_self, o.note`

/** Who may see the record may see what is to be done, and what was. */
const seen = ({ account, within, now }: Viewer): RawBuilder<boolean> =>
  sql`platform.may_see(${account}, a.patient_id, 'see-record', a.category, ${now}) is not null
    and (${within ?? null}::uuid is null or a.patient_id = ${within ?? null}::uuid)`

/** Who they are, as a patient and as a practitioner; by which mandates they act, or did. In arrays, so that indexes are looked in. */
const selves = ({ account }: Viewer) =>
  sql`array(select g.subject_id from platform.access_grant g where g.account_id = ${account}::uuid and g.relationship = 'self')`
const mandates = ({ account }: Viewer) =>
  sql`array(select g.source_id from platform.access_grant g where g.account_id = ${account}::uuid and g.relationship = 'mandate')`

/** Activities that may be theirs: they are the patient whose it is, or it is given to them, or was when something of it was due. */
const near = (viewer: Viewer, { from, to }: Pick<Filter, 'from' | 'to'>) => sql`
  select plan_id, id from activity where patient_id = any (${selves(viewer)})
    or practitioner_id = any (${selves(viewer)}) or mandate_id = any (${mandates(viewer)})
  union select plan_id, activity_id from occurrence
    where practitioner_id = any (${selves(viewer)}) and due_at >= ${from} and due_at < ${to}
  union select plan_id, activity_id from occurrence
    where mandate_id = any (${mandates(viewer)}) and due_at >= ${from} and due_at < ${to}`

/** An activity as it was when it was answered, missed or cancelled: whose it was then. */
const then = (a: RawBuilder<unknown>) =>
  sql`jsonb_populate_record(${a}, case when o.instruction is null then '{}' else jsonb_build_object('role', o.role, 'mandate_id', o.mandate_id, 'practitioner_id', o.practitioner_id) end)`

const isHeld = (a: RawBuilder<unknown>, { account, now }: Viewer) =>
  sql`exists (select from holders(${a}, ${now}) h where h.account_id = ${account}::uuid)`

/** What was given to somebody then stays theirs, as long as they may see it. */
const isOwn = (viewer: Viewer) => sql`
  case when o.instruction is null or (o.role, o.mandate_id, o.practitioner_id) is not distinct from (a.role, a.mandate_id, a.practitioner_id) then a.is_own
    else o.mandate_id = any (${mandates(viewer)}) or o.practitioner_id = any (${selves(viewer)})
      or ${isHeld(then(sql`a.whole`), viewer)} end`

const overdue = (now: Date) => new Date(now.getTime() - GRACE_MS)

/** As people are told it: what nobody has answered within its time was missed. */
const isOf = (status: string, now: Date) => {
  if (status === 'missed') return sql`o.status = 'due' and o.due_at <= ${overdue(now)}`
  if (status === 'due') return sql`o.status = 'due' and o.due_at > ${overdue(now)}`
  return sql`o.status = ${status}`
}

export interface Filter {
  /** Of this patient; without it what the viewer is to do. */
  patient?: string
  from: Date
  to: Date
  status: string | undefined
  after: readonly (string | number)[] | undefined
  limit: number
}

export async function listTasks(
  db: Db,
  viewer: Viewer,
  { patient, from, to, status, after, limit }: Filter,
): Promise<TaskRow[]> {
  const [at, id] = after ?? []
  const { now } = viewer
  const isMine = patient === undefined
  // The activities first, which are few; then of each no more than a page, by the index of its times.
  const { rows } = await sql<TaskRow>`
    with a as materialized (
      select a.*, a as whole${isMine ? sql`, ${isHeld(sql`a`, viewer)} as is_own` : sql``} from activity a
      where ${isMine ? sql`(a.plan_id, a.id) in (${near(viewer, { from, to })})` : sql`a.patient_id = ${patient}`} and ${seen(viewer)})
    select ${shown} from a cross join lateral (
      select * from occurrence o where o.plan_id = a.plan_id and o.activity_id = a.id and o.due_at >= ${from} and o.due_at < ${to}
        and ${status === undefined ? sql`true` : isOf(status, now)}
        and ${at === undefined ? sql`true` : sql`(o.due_at, o.id) > (${at}::timestamptz, ${id}::uuid)`}
        and ${isMine ? isOwn(viewer) : sql`true`}
      order by o.due_at limit ${limit}) o
    order by o.due_at, o.id limit ${limit}`.execute(db)
  return rows
}

/** What somebody may do about a task, who may see it: as whom. */
export interface Held extends TaskRow {
  /** As whom they may answer it; null where it is not theirs. */
  as: TaskRow['role'] | null
  /** By which its plan wants it now; null: not at all any more. */
  schedule: ActivityRow['schedule']
  is_paused: boolean
}

/** Before it is read what a plan wants of a task: whoever changes the plan has finished by then. */
export async function lockActivityOf(tx: Tx, task: string): Promise<void> {
  await sql`
    select from activity where (plan_id, id) = (select plan_id, activity_id from occurrence where id = ${task}) for share`.execute(
    tx,
  )
}

/** With its lock: of two who press at once the second sees what the first has done. */
export async function lockTask(tx: Tx, id: string, viewer: Viewer): Promise<Held | undefined> {
  const { rows } = await sql<Held>`
    select ${shown}, a.schedule, a.is_paused,
      case when exists (select from platform.access_grant g where g.account_id = ${viewer.account}::uuid and g.subject_id = a.patient_id and g.relationship = 'self'
          and g.revoked_at is null and g.valid_from <= ${viewer.now} and (g.valid_until is null or g.valid_until > ${viewer.now})) then 'patient'
        else (select h.role from holders(${then(sql`a`)}, ${viewer.now}) h where h.account_id = ${viewer.account}::uuid limit 1) end as as
    from occurrence o join activity a on a.plan_id = o.plan_id and a.id = o.activity_id
    where o.id = ${id} and ${seen(viewer)} for update of o`.execute(tx)
  return rows[0]
}

export interface Answer {
  status: TaskRow['status']
  done_at: Date | null
  done_by: string | null
  done_role: TaskRow['role'] | null
  done_self: string | null
  note: string | null
}

/** What was to be done then is kept with the answer. */
export async function answerTask(tx: Tx, id: string, { done_at, done_by, ...answer }: Answer): Promise<void> {
  await sql`
    update occurrence o set status = ${answer.status}, done_at = ${done_at}, done_by = ${done_by}, done_role = ${answer.done_role}, done_self = ${answer.done_self},
      note = ${answer.note}, ${keptWith}
    from activity a where o.id = ${id} and a.plan_id = o.plan_id and a.id = o.activity_id`.execute(tx)
}

export const unanswered = { done_at: null, done_by: null, done_role: null, done_self: null, note: null }

/** Nobody has answered it. What is open again is as its activity says now. */
export async function openTask(
  tx: Tx,
  id: string,
  { status, isOpen }: { status: TaskRow['status']; isOpen: boolean },
): Promise<void> {
  const asNow = { instruction: null, kind: null, role: null, mandate_id: null, practitioner_id: null }
  await tx
    .updateTable('occurrence')
    .set({ status, ...unanswered, ...(isOpen && asNow) })
    .where('id', '=', id)
    .execute()
}

export const deleteTask = (tx: Tx, id: string) => tx.deleteFrom('occurrence').where('id', '=', id).execute()

export interface Counts {
  activity: string
  instruction: string
  due: number
  done: number
  doneLate: number
  skipped: number
  missed: number
  open: number
}

/** By activity, and by what it said then; nothing of a plan that one may not see. */
export async function countOf(
  db: Db,
  plan: string,
  viewer: Viewer,
  { from, to }: { from: Date; to: Date },
): Promise<(Counts & { patient: string })[]> {
  const end = to < viewer.now ? to : viewer.now
  const counted = (condition: RawBuilder<unknown>) => sql`count(o.id) filter (where ${condition})::int`
  const late = sql`o.done_at > o.due_at + ${GRACE_MS / 1_000} * interval '1 second'`
  const { rows } = await sql<Counts & { patient: string }>`
    select a.id as activity, coalesce(o.instruction, a.instruction) as instruction, a.patient_id as patient, count(o.id)::int as due,
      ${counted(sql`o.status = 'done' and not ${late}`)} as done, ${counted(sql`o.status = 'done' and ${late}`)} as "doneLate",
      ${counted(sql`o.status = 'skipped'`)} as skipped, ${counted(isOf('missed', viewer.now))} as missed, ${counted(isOf('due', viewer.now))} as open
    from activity a left join occurrence o on o.plan_id = a.plan_id and o.activity_id = a.id and o.status <> 'cancelled' and o.due_at >= ${from} and o.due_at < ${end}
    where a.plan_id = ${plan} and ${seen(viewer)}
    group by a.plan_id, a.id, coalesce(o.instruction, a.instruction) order by a.id, min(o.due_at)`.execute(db)
  return rows
}

export interface Telling {
  account: string
  role: TaskRow['role']
  patients: { id: string; role: TaskRow['role'] }[]
  tasks: string[]
  leaves: boolean
}

/**
 * Each account once. What a patient wants nobody outside the house to be told of waits for the patient there, and is told to nobody else.
 */
export async function toTell(db: Db, tasks: readonly string[], now: Date): Promise<Telling[]> {
  const { rows } = await sql<Telling>`
    with due as (
      select o.id, o.due_at, a as activity, not exists (
        select from platform.refusal r where r.subject_id = a.patient_id and r.purpose = 'messages' and r.category = a.category) as leaves
      from occurrence o join activity a on a.plan_id = o.plan_id and a.id = o.activity_id
      where o.id = any (${tasks}::uuid[]) and o.status = 'due' and o.due_at > ${overdue(now)}),
    told as (
      select d.id, d.due_at, d.leaves, (d.activity).patient_id as patient, h.account_id as account, h.role
      from due d cross join lateral holders(case when d.leaves then d.activity else jsonb_populate_record(d.activity, '{"role": "patient"}') end, ${now}) h)
    select account, case when bool_or(role = 'patient') then 'patient' else min(role) end as role,
      jsonb_agg(distinct jsonb_build_object('id', patient, 'role', role)) as patients,
      array_agg(id order by due_at, id) as tasks, bool_or(leaves) as leaves
    from told group by account order by account`.execute(db)
  return rows
}
