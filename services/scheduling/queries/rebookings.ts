import { type Kysely, sql, type Transaction } from 'kysely'
import type { SchedulingTables } from '../tables.ts'
import { type Viewer, visible } from './booking.ts'

type Db = Kysely<SchedulingTables>
type Tx = Transaction<SchedulingTables>

export type Cause = 'hours' | 'exception' | 'holiday' | 'withdrawn' | 'zone' | 'declined'

/** A task for each visit that is booked; a hold has nobody to tell. */
export async function openRebookings(tx: Tx, appointments: string[], cause: Cause, now: Date): Promise<void> {
  await sql`
    insert into rebooking (appointment_id, practitioner_id, cause, opened_at)
    select id, practitioner_id, ${cause}, ${now} from appointment where id = any (${appointments}::uuid[]) and status = 'booked' order by id
    on conflict (appointment_id) do update set cause = excluded.cause, opened_at = excluded.opened_at, settled_at = null, outcome = null
      where rebooking.settled_at is not null`.execute(tx)
}

/** Those whose hours have come back. Who has declined has not changed their mind by that. */
export async function settleCovered(tx: Tx, practitioner: string, now: Date): Promise<void> {
  await sql`
    update rebooking r set settled_at = ${now}, outcome = 'covered' from appointment a
    where r.practitioner_id = ${practitioner} and r.settled_at is null and r.cause <> 'declined' and a.id = r.appointment_id
      and exists (select from shift s where s.practitioner_id = a.practitioner_id and s.during @> tstzrange(a.start_at, a.end_at))`.execute(
    tx,
  )
}

export interface RebookingRow {
  id: string
  practitioner_id: string
  patient_id: string
  service_id: string | null
  service: string | null
  together: string | null
  given_by: string[] | null
  mode: string
  start_at: Date
  end_at: Date
  zone: string
  version: number
  cause: Cause
  opened_at: Date
}

/** Open tasks of a practitioner that the caller may see, by start; what is over is nobody's task any more. */
export async function openRebookingsOf(
  tx: Tx,
  of: { practitioner: string; who: Viewer; after?: readonly (string | number)[] | undefined; limit: number },
): Promise<RebookingRow[]> {
  const [at = '-infinity', id = '00000000-0000-0000-0000-000000000000'] = of.after ?? []
  const { rows } = await sql<RebookingRow>`
    select a.id, a.practitioner_id, a.patient_id, a.service_id, v.code as service, a.together, a.given_by, a.mode, a.start_at, a.end_at, a.zone, a.version, r.cause, r.opened_at
    from rebooking r join appointment a on a.id = r.appointment_id left join service v on v.id = a.service_id
    where r.practitioner_id = ${of.practitioner} and r.settled_at is null and a.status = 'booked' and a.start_at > ${of.who.now}
      and (a.start_at, a.id) > (${at}::timestamptz, ${id}::uuid) and ${visible(of.who)} is not null
    order by a.start_at, a.id limit ${of.limit}`.execute(tx)
  return rows
}

/** The service of the same code with another practitioner. */
export async function sameService(db: Db, practitioner: string, service: string | null): Promise<string | undefined> {
  if (service === null) return undefined
  const { rows } = await sql<{ id: string }>`
    select id from service where practitioner_id = ${practitioner} and deleted_at is null and code = (select code from service where id = ${service})`.execute(
    db,
  )
  return rows[0]?.id
}

/** The visit that somebody has given a patient with a colleague in place of this one, which was cancelled for it. */
export async function takenOver(
  db: Db,
  of: { appointment: string; patient: string; practitioner: string; start: string; by: string },
): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    select n.id from appointment o join appointment n on n.patient_id = o.patient_id
    where o.id = ${of.appointment} and o.status = 'cancelled' and o.cancel_reason = 'prov' and n.patient_id = ${of.patient}
      and n.practitioner_id = ${of.practitioner} and n.start_at = ${of.start} and n.status = 'booked' and n.made_by = ${of.by}`.execute(
    db,
  )
  return rows[0]?.id
}
