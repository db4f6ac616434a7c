import { type Kysely, sql, type Transaction } from 'kysely'
import { firstIdOf } from '#platform/ids.ts'
import type { SchedulingTables } from '../tables.ts'

type Db = Kysely<SchedulingTables>
type Tx = Transaction<SchedulingTables>

/** As the person knows them: who treated, when and where, and their own words. */
export async function appointmentsOf(db: Db, patient: string) {
  return db
    .selectFrom('appointment')
    .leftJoin('practitioner', 'practitioner.id', 'appointment.practitioner_id')
    .leftJoin('place', 'place.id', 'appointment.place_id')
    .select([
      'appointment.id',
      'status',
      'start_at',
      'end_at',
      'appointment.zone',
      'mode',
      'channel',
      'reason',
      'cancel_reason',
    ])
    .select([
      'cancel_note',
      'confirmed_at',
      'together',
      'practitioner_id',
      'practitioner.name as practitioner',
      'place.name as place',
      'created_at',
    ])
    .where('patient_id', '=', patient)
    .orderBy('start_at')
    .orderBy('appointment.id')
    .execute()
}

export const schedulesOfPerson = (db: Db, practitioner: string) =>
  db
    .selectFrom('schedule')
    .select([
      'id',
      'zone',
      'minutes',
      'services',
      'modes',
      'specialities',
      'hours',
      'reserved',
      'valid_from',
      'valid_until',
      'created_at',
    ])
    .where('practitioner_id', '=', practitioner)
    .orderBy('id')
    .execute()

export const policiesOfPerson = (db: Db, practitioner: string) =>
  db
    .selectFrom('booking_policy')
    .select(['cancel_minutes', 'move_minutes', 'moves', 'contact', 'updated_at'])
    .where('owner_id', '=', practitioner)
    .execute()

export const servicesOfPerson = (db: Db, practitioner: string) =>
  db
    .selectFrom('service')
    .select(['id', 'code', 'name', 'speciality', 'minutes', 'before_minutes', 'after_minutes', 'notice_minutes'])
    .select(['window_days', 'per_day', 'per_week', 'seats', 'created_at', 'deleted_at'])
    .where('practitioner_id', '=', practitioner)
    .orderBy('id')
    .execute()

/** Held or booked and not over yet, of whom the person is or treats; what several give is off with one of them. */
export async function openAppointmentsOf(db: Db, patient: string | null, practitioner: string | null, now: Date) {
  const { rows } = await sql<{
    id: string
    patient_id: string
    practitioner_id: string
    status: string
    made_by: string
    resources: string[]
    start_at: Date
    end_at: Date
  }>`
    select id, patient_id, practitioner_id, status, made_by, resources, start_at, end_at from appointment
    where (patient_id = ${patient}::uuid or practitioner_id = ${practitioner}::uuid
        or together = any (array(select together from appointment where practitioner_id = ${practitioner}::uuid and status = 'booked' and end_at > ${now}))) and status in ('pending', 'booked') and end_at > ${now}
    order by id`.execute(db)
  return rows
}

/** Whom a practitioner sees, or saw since then. */
export async function bookedWith(
  db: Db,
  practitioner: string,
  { since, until, after }: { since: Date; until: Date | undefined; after: string | undefined },
) {
  const { rows } = await sql<{ appointment: string; patient: string; practitioner: string }>`
    select id as appointment, patient_id as patient, practitioner_id as practitioner from appointment
    where practitioner_id = ${practitioner} and status not in ('pending', 'cancelled') and end_at > ${since}
      and (${until ?? null}::timestamptz is null or start_at < ${until ?? null})
      and (${after ?? null}::uuid is null or id > ${after ?? null})
    order by id limit 1000`.execute(db)
  return rows
}

/** Words of the person about why they came. When, with whom and where stays. */
export async function eraseWords(
  tx: Tx,
  patient: string,
): Promise<{ count: number; until: Date | null; changed: string[] }> {
  const { rows: changed } = await sql<{ id: string }>`update appointment set reason = null, cancel_note = null
    where patient_id = ${patient} and (reason is not null or cancel_note is not null) returning id`.execute(tx)
  const { rows } = await sql<{ count: number; until: Date | null }>`
    select count(*)::int as count, max(end_at) as until from appointment where patient_id = ${patient}`.execute(tx)
  const { count, until } = rows[0] as { count: number; until: Date | null }
  return { count, until, changed: changed.map(({ id }) => id) }
}

/** The hours and services of a practitioner who leaves. The caller holds the lock on the calendar, and has cancelled what was booked. */
export async function closeSchedules(tx: Tx, practitioner: string, now: Date): Promise<number> {
  const own = sql`(select id from schedule where practitioner_id = ${practitioner})`
  await sql`delete from free_range where schedule_id in ${own}`.execute(tx)
  await sql`delete from shift where practitioner_id = ${practitioner}`.execute(tx)
  await sql`delete from booking_policy where owner_id = ${practitioner}`.execute(tx)
  await sql`update schedule_exception set reason = null where schedule_id in ${own}`.execute(tx)
  await sql`update service set deleted_at = ${now}, version = version + 1 where practitioner_id = ${practitioner} and deleted_at is null`.execute(
    tx,
  )
  const { numAffectedRows } = await sql`
    update schedule set deleted_at = ${now}, version = version + 1 where practitioner_id = ${practitioner} and deleted_at is null`.execute(
    tx,
  )
  return Number(numAffectedRows ?? 0)
}

/** Some of those that were over before then; what they claimed goes with them. They were made before, so the key finds them. */
export async function forgetAppointments(tx: Tx, before: Date, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from appointment where id in (
      select id from appointment where id < ${firstIdOf(before)} and end_at < ${before} order by id limit ${limit})`.execute(
    tx,
  )
  return Number(numAffectedRows ?? 0)
}
