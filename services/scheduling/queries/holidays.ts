import { type Kysely, sql, type Transaction } from 'kysely'
import type { SchedulingTables } from '../tables.ts'

type Db = Kysely<SchedulingTables>
type Tx = Transaction<SchedulingTables>

export interface HolidayRow {
  id: string
  date: string
  name: string
}

/** Whether somebody works for the organisation whose place it is. */
export async function worksFor(db: Db, account: string, organisation: string): Promise<boolean> {
  const { rows } = await sql<{ works: boolean }>`
    select platform.works_at(${account}, ${organisation}, '{desk,manager}') as works`.execute(db)
  return rows[0]?.works === true
}

export async function insertHolidays(tx: Tx, place: string, days: readonly HolidayRow[], now: Date): Promise<void> {
  await sql`
    insert into place_holiday (id, place_id, on_date, name, created_at)
    select id, ${place}, date, name, ${now} from json_to_recordset(${JSON.stringify(days)}::json) as x(id uuid, date date, name text)`.execute(
    tx,
  )
}

export async function deleteHoliday(tx: Tx, place: string, id: string): Promise<string | undefined> {
  const { rows } = await sql<{ date: string }>`
    delete from place_holiday where place_id = ${place} and id = ${id} returning on_date as date`.execute(tx)
  return rows[0]?.date
}

export async function holidaysOf(db: Db, place: string, of: { from: string; after: string; limit: number }) {
  const { rows } = await sql<HolidayRow>`
    select id, on_date as date, name from place_holiday
    where place_id = ${place} and on_date >= ${of.from}::date and on_date > ${of.after}::date order by on_date limit ${of.limit}`.execute(
    db,
  )
  return rows
}

/** On which a schedule has no hours, since its place is closed. */
export async function closedDays(db: Db, schedule: string): Promise<string[]> {
  const { rows } = await sql<{ date: string }>`
    select h.on_date as date from schedule s join place_holiday h on h.place_id = s.place_id
    where s.id = ${schedule} and not s.on_holidays order by h.on_date`.execute(db)
  return rows.map(({ date }) => date)
}
