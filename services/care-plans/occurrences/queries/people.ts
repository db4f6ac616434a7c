import { type Kysely, sql, type Transaction } from 'kysely'
import type { CarePlansTables } from '../../tables.ts'

type Db = Kysely<CarePlansTables>
type Tx = Transaction<CarePlansTables>

export type TaskTold = {
  instruction: string
  due_at: Date
  status: string
  done_at: Date | null
  note: string | null
}

/** What was to be done for a patient. */
export async function tasksOf(db: Db, patient: string): Promise<TaskTold[]> {
  const { rows } = await sql<TaskTold>`
    select coalesce(o.instruction, a.instruction) as instruction, o.due_at, o.status, o.done_at, o.note
    from activity a join occurrence o on o.plan_id = a.plan_id and o.activity_id = a.id where a.patient_id = ${patient} order by o.due_at, o.id`.execute(
    db,
  )
  return rows
}

/** What somebody did for others: when, and not what. */
export async function tasksDoneBy(db: Db, account: string): Promise<Pick<TaskTold, 'due_at' | 'status' | 'done_at'>[]> {
  const { rows } = await sql<Pick<TaskTold, 'due_at' | 'status' | 'done_at'>>`
    select o.due_at, o.status, o.done_at from occurrence o where o.done_by = ${account} and o.done_role <> 'patient' order by o.due_at, o.id`.execute(
    db,
  )
  return rows
}

/** Nothing more is to be done, and nobody is told of it any more. */
export async function endTasks(tx: Tx, patient: string, now: Date): Promise<{ ended: number; kept: number }> {
  await sql`select from activity where patient_id = ${patient} order by plan_id, id for update`.execute(tx)
  const { rows } = await sql<{ ended: number; kept: number }>`
    with own as (select plan_id, id from activity where patient_id = ${patient}),
    over as (update activity a set schedule = null from own where a.plan_id = own.plan_id and a.id = own.id),
    gone as (
      delete from occurrence o using own where o.plan_id = own.plan_id and o.activity_id = own.id and o.status = 'due' and o.due_at > ${now} returning 1)
    select (select count(*) from gone)::int as ended,
      (select count(*) from occurrence o join own on o.plan_id = own.plan_id and o.activity_id = own.id where o.status <> 'due' or o.due_at <= ${now})::int as kept`.execute(
    tx,
  )
  return rows[0] ?? { ended: 0, kept: 0 }
}

/** What is to be done follows its plan. */
export async function moveTasks(tx: Tx, plans: readonly string[]): Promise<void> {
  await sql`update activity a set patient_id = p.patient_id from care_plan p where p.id = a.plan_id and p.id = any (${plans}::uuid[])`.execute(
    tx,
  )
}
