import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { BusyCalendar, SchedulingTables } from '../../tables.ts'
import type { Busy } from '../busy-times.ts'

type Db = Kysely<SchedulingTables>
type Tx = Transaction<SchedulingTables>

const COLUMNS = [
  'id',
  'practitioner_id',
  'label',
  'kind',
  'host',
  'access',
  'zone',
  'state',
  'error',
  'failures',
  'mark',
  'covered_until',
  'unread',
  'tried_at',
  'read_at',
  'next_at',
] as const
export type BusyCalendarRow = Pick<Selectable<BusyCalendar>, (typeof COLUMNS)[number]>

export const insertBusyCalendar = (
  tx: Tx,
  row: Pick<BusyCalendarRow, 'id' | 'practitioner_id' | 'label' | 'kind' | 'host' | 'access' | 'zone'>,
  { now, next }: { now: Date; next: Date },
) =>
  tx
    .insertInto('busy_calendar')
    .values({ ...row, next_at: next, created_at: now })
    .execute()

export async function countBusyCalendars(tx: Tx, practitioner: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from busy_calendar where practitioner_id = ${practitioner}`.execute(tx)
  return rows[0]?.count ?? 0
}

export const busyCalendarsOf = (db: Db, practitioner: string, after: string | undefined, limit: number) =>
  db
    .selectFrom('busy_calendar')
    .select(COLUMNS)
    .where('practitioner_id', '=', practitioner)
    .$if(after !== undefined, (query) => query.where('id', '>', after as string))
    .orderBy('id')
    .limit(limit)
    .execute()

export const busyCalendar = (db: Db, id: string): Promise<BusyCalendarRow | undefined> =>
  db.selectFrom('busy_calendar').select(COLUMNS).where('id', '=', id).executeTakeFirst()

/** Those whose time has come, each moved on, so that nobody else takes them meanwhile. */
export async function takeDue(tx: Tx, now: Date, next: Date, limit: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    update busy_calendar set next_at = ${next} where id in (
      select id from busy_calendar where next_at <= ${now} order by next_at, id limit ${limit} for update skip locked)
    returning id`.execute(tx)
  return rows.map(({ id }) => id)
}

export type Reading = Pick<BusyCalendarRow, 'state' | 'error' | 'failures' | 'next_at'> &
  Partial<Pick<BusyCalendarRow, 'mark' | 'covered_until' | 'unread' | 'read_at'>>

/** How an attempt went. `false` where the calendar is not there any more. */
export async function noteReading(tx: Tx, id: string, reading: Reading, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('busy_calendar')
    .set({ ...reading, tried_at: now })
    .where('id', '=', id)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** Under the lock of the practitioner's calendar. Whether anything changed from now on. */
export async function keepBusy(tx: Tx, calendar: string, busy: readonly Busy[], now: Date): Promise<boolean> {
  const starts = busy.map(([from]) => new Date(from))
  const ends = busy.map(([, until]) => new Date(until))
  const { rows } = await sql<{ changed: boolean }>`
    select keep_busy(${calendar}, coalesce((select range_agg(tstzrange(s, e)) from unnest(${starts}::timestamptz[], ${ends}::timestamptz[]) x(s, e)), '{}'), ${now}) as changed`.execute(
    tx,
  )
  return rows[0]?.changed === true
}

/** With its busy times, which `keepBusy` has taken away. */
export async function deleteBusyCalendar(tx: Tx, id: string): Promise<boolean> {
  const { numDeletedRows } = await tx.deleteFrom('busy_calendar').where('id', '=', id).executeTakeFirst()
  return numDeletedRows === 1n
}

/** Booked, not over, and in a busy time: by calendar. */
export async function affectedBy(db: Db, calendars: readonly string[], now: Date) {
  const { rows } = await sql<{ calendar: string; appointments: string[] }>`
    select b.calendar_id as calendar, array_agg(distinct a.id order by a.id) as appointments
    from busy b join appointment a on a.practitioner_id = b.practitioner_id and a.status = 'booked' and a.end_at > ${now}
      and a.start_at < upper(b.during) and a.end_at > lower(b.during)
    where b.calendar_id = any (${calendars}::uuid[]) and upper(b.during) > ${now}
    group by b.calendar_id`.execute(db)
  return new Map(rows.map(({ calendar, appointments }) => [calendar, appointments]))
}

// Keys: what is sealed moves to the newest.

export const accessUnderOthers = (tx: Tx, current: string, limit: number) =>
  tx
    .selectFrom('busy_calendar')
    .select(['id', 'access'])
    .where((eb) => eb.or([eb('key_name', '<', current), eb('key_name', '>', current)]))
    .limit(limit)
    .forUpdate()
    .execute()

export const reseal = (tx: Tx, id: string, access: string) =>
  tx.updateTable('busy_calendar').set({ access }).where('id', '=', id).execute()

export async function countByKey(db: Db): Promise<{ key: string; count: number }[]> {
  const { rows } = await sql<{ key: string; count: number }>`
    select key_name as key, count(*)::int as count from busy_calendar group by key_name`.execute(db)
  return rows
}

export const busyCalendarFacts = (db: Db, practitioner: string) =>
  db
    .selectFrom('busy_calendar')
    .select(['label', 'kind', 'host', 'zone', 'state', 'created_at', 'read_at'])
    .where('practitioner_id', '=', practitioner)
    .orderBy('id')
    .execute()

/** Of a practitioner who leaves; what is free is rebuilt, or gone, by whoever calls this. */
export async function forgetBusyCalendars(tx: Tx, practitioner: string): Promise<number> {
  const { numDeletedRows } = await tx
    .deleteFrom('busy_calendar')
    .where('practitioner_id', '=', practitioner)
    .executeTakeFirst()
  return Number(numDeletedRows)
}
