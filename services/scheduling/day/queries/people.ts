import { type Kysely, sql, type Transaction } from 'kysely'
import type { SchedulingTables } from '../../tables.ts'

type Db = Kysely<SchedulingTables>
type Tx = Transaction<SchedulingTables>

/** Numbers that somebody was given, with a booking or without. */
export async function numbersOf(db: Db, patient: string) {
  const { rows } = await sql<Record<string, unknown>>`
    select i.letter || e.number as number, e.on_date::text, e.state, e.priority, e.priority_reason, e.arrived_at, e.called_at, e.ended_at, p.name as place
    from (select id from queue_entry where patient_id = ${patient}
      union all select x.id from appointment a join queue_entry x on x.appointment_id = a.id where a.patient_id = ${patient}) mine
    join queue_entry e on e.id = mine.id join queue i on i.id = e.issuer_id left join place p on p.id = i.place_id
    order by e.arrived_at, e.id`.execute(db)
  return rows
}

/** The numbers stay, and are nobody's: a day is counted without holes. */
export async function forgetNumbers(tx: Tx, patient: string): Promise<void> {
  await sql`update queue_entry set patient_id = null where patient_id = ${patient}`.execute(tx)
}

export async function closeQueuesOf(tx: Tx, practitioner: string, now: Date): Promise<void> {
  await sql`update queue set deleted_at = coalesce(deleted_at, ${now}), name = null, version = version + 1 where practitioner_id = ${practitioner}`.execute(
    tx,
  )
}

/** Some of those of long ago, and sooner those that are nobody's; then the counters and the keys that nothing hangs on any more. */
export async function forgetEntries(tx: Tx, before: Date, nobodys: Date, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from queue_entry where id in (
      select id from queue_entry where on_date < ${nobodys}::timestamptz::date and (on_date < ${before}::timestamptz::date or appointment_id is null and patient_id is null)
      order by on_date limit ${limit})`.execute(tx)
  await sql`delete from queue_number where on_date < ${before}::timestamptz::date`.execute(tx)
  return Number(numAffectedRows ?? 0)
}
