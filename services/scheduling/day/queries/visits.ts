import { type Kysely, sql, type Transaction } from 'kysely'
import { type AppointmentRow, appointmentColumns, partsIn, type Viewer, wholeVisit } from '../../queries/booking.ts'
import type { SchedulingTables } from '../../tables.ts'

type Db = Kysely<SchedulingTables>
type Tx = Transaction<SchedulingTables>

/**
 * By which somebody has a part in the day of an appointment: its practitioner, the desk of the place, or whoever books for the patient. A desk that
 * only looks after the patient elsewhere has none. Of a visit that several give, who comes has the one that stands for all.
 */
const part = ({ account, practitioner, within, now }: Viewer) => sql<string | null>`(case
  when a.patient_id <> ${within ?? null}::uuid then null
  when a.practitioner_id = ${practitioner ?? null}::uuid then 'practitioner'
  when runs_day(${account}::uuid, a.place_id, a.practitioner_id, ${now}::timestamptz) then 'desk'
  when a.together <> a.id then null
  else nullif(platform.may_see(${account}::uuid, a.patient_id, 'book', case when a.made_by = ${account}::uuid then 'general' else a.category end, ${now}::timestamptz), 'desk') end)`

/** With all that several who give the visit have of it: what becomes of one becomes of all. */
export type WholeVisit = AppointmentRow & { parts: AppointmentRow[] }

/** The appointment, locked with all of its visit, if this account has a part in its day. */
export async function lockVisit(tx: Tx, id: string, who: Viewer): Promise<(WholeVisit & { via: string }) | undefined> {
  const { rows } = await sql<AppointmentRow & { via: string | null }>`
    select ${appointmentColumns('a.')}, ${part(who)} as via from appointment a
    where a.id = ${wholeVisit(id)} and a.status <> 'pending' order by a.id for no key update of a`.execute(tx)
  const row = rows.find((one) => one.id === id)
  if (!row || row.via === null) return undefined
  return { ...row, via: row.via, parts: partsIn(rows) }
}

/** Without a look at who asks: the caller may change what hangs on it. In one order, so that no two who act on a visit can wait for each other. */
export async function lockRow(tx: Tx, id: string): Promise<WholeVisit | undefined> {
  const { rows } = await sql<AppointmentRow>`
    select ${appointmentColumns('a.')} from appointment a where a.id = ${wholeVisit(id)} order by a.id for no key update of a`.execute(
    tx,
  )
  const row = rows.find((one) => one.id === id)
  return row && { ...row, parts: partsIn(rows) }
}

/** Claims stay as they are: what was promised is one thing, what happened another. */
export async function setStatus(tx: Tx, ids: readonly string[], status: string, now: Date): Promise<void> {
  await sql`update appointment set status = ${status}, version = version + 1, updated_at = ${now} where id = any (${ids}::uuid[])`.execute(
    tx,
  )
}

export interface DayFilter {
  place: string
  practitioner: string | null
  status: string | null
  from: Date
  until: Date
  after: readonly (string | number)[] | undefined
  limit: number
}

/** All of the place for its desk, their own for a practitioner. */
export async function visitsAt(db: Db, who: Viewer, f: DayFilter): Promise<AppointmentRow[]> {
  const [at = '-infinity', id = '00000000-0000-0000-0000-000000000000'] = f.after ?? []
  const { rows } = await sql<AppointmentRow>`
    select ${appointmentColumns('a.')} from appointment a
    where a.place_id = ${f.place} and a.start_at >= ${f.from} and a.start_at < ${f.until} and (a.start_at, a.id) > (${at}::timestamptz, ${id}::uuid)
      and a.status <> 'pending' and (${f.status}::text is null or a.status = ${f.status})
      and (${f.practitioner}::uuid is null or a.practitioner_id = ${f.practitioner}::uuid)
      and (a.practitioner_id = ${who.practitioner ?? null}::uuid or runs_day(${who.account}, ${f.place}, null, ${who.now}))
    order by a.start_at, a.id limit ${f.limit}`.execute(db)
  return rows
}

/** The zone of a place, where this account has something to look at on its days. */
export async function zoneAt(
  db: Db,
  place: string,
  { account, practitioner, now }: Viewer,
): Promise<string | undefined> {
  const { rows } = await sql<{ zone: string }>`
    select p.zone from place p where p.id = ${place} and (runs_day(${account}, p.id, null, ${now})
      or exists (select from schedule s where s.practitioner_id = ${practitioner ?? null}::uuid and s.place_id = p.id))`.execute(
    db,
  )
  return rows[0]?.zone
}
