import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely'
import type { Static } from 'typebox'
import type { Reserved } from '../contract/schedules.ts'
import type { Interval } from '../expand-hours.ts'
import type { SchedulingTables } from '../tables.ts'

type Db = Kysely<SchedulingTables>
type Tx = Transaction<SchedulingTables>

export interface ScheduleRow {
  id: string
  practitioner_id: string
  place_id: string | null
  /** Rooms and devices, taken with each visit. */
  resources: string[]
  room: string | null
  devices: string[]
  modes: string[]
  specialities: string[]
  zone: string
  minutes: number
  services: string[]
  new_patients: boolean
  /** Whether there are hours on the holidays of the place. */
  on_holidays: boolean
  /** Shares of each session that are kept for a channel. */
  reserved: Static<typeof Reserved> | null
  hours: { day?: string; rule?: string; from: string; until: string }[]
  valid_from: string
  valid_until: string | null
  expanded_until: string
  version: number
}

/** The names of a schedule's room and devices. */
const named = sql`select max(name) filter (where kind = 'room') as room, coalesce(array_agg(name order by name) filter (where kind = 'device'), '{}') as devices
  from resource where id = any (s.resources)`

const columns = sql`s.id, s.practitioner_id, s.place_id, s.resources, r.room, r.devices, s.modes, s.specialities, s.zone, s.minutes, s.services, s.new_patients, s.on_holidays, s.reserved, s.hours,
  s.valid_from, s.valid_until, s.expanded_until, s.version`

export async function schedulesOf(
  db: Db,
  practitioner: string,
  after: string | undefined,
  limit: number,
): Promise<ScheduleRow[]> {
  const { rows } = await sql<ScheduleRow>`
    select ${columns} from schedule s cross join lateral (${named}) r
    where s.practitioner_id = ${practitioner} and s.deleted_at is null and (${after ?? null}::uuid is null or s.id > ${after ?? null})
    order by s.id limit ${limit}`.execute(db)
  return rows
}

/** Who asks for hours: a practitioner for their own, or an account that may work at a desk. */
export interface Keeper {
  account: string
  practitioner: string | undefined
  now: Date
}

/** Whether hours of this practitioner are the caller's to place: their own, or those that their desk keeps. */
export const keeps = ({ account, practitioner, now }: Keeper, whose: RawBuilder<unknown>) =>
  sql<boolean>`(${whose} = ${practitioner ?? null}::uuid or platform.keeps_hours(${account}, ${whose}, ${now}))`

export async function keepsCalendar(db: Db, practitioner: string, keeper: Keeper): Promise<boolean> {
  const { rows } = await sql<{ keeps: boolean }>`select ${keeps(keeper, sql`${practitioner}::uuid`)} as keeps`.execute(
    db,
  )
  return rows[0]?.keeps === true
}

export const keptSchedule = (db: Db, id: string, keeper: Keeper) =>
  oneSchedule(db, id, keeps(keeper, sql`s.practitioner_id`))

/** For jobs, whoever keeps it. */
export const scheduleOf = (db: Db, id: string) => oneSchedule(db, id, sql`true`)

async function oneSchedule(db: Db, id: string, condition: RawBuilder<unknown>): Promise<ScheduleRow | undefined> {
  const { rows } = await sql<ScheduleRow>`
    select ${columns} from schedule s cross join lateral (${named}) r
    where s.id = ${id} and s.deleted_at is null and ${condition}`.execute(db)
  return rows[0]
}

/** Locks the practitioner's calendar, and what its visits take, against bookings and other edits. */
export async function lockCalendar(tx: Tx, practitioner: string, resources: readonly string[] = []): Promise<void> {
  await sql`insert into resource (id, kind) values (${practitioner}, 'practitioner') on conflict do nothing`.execute(tx)
  await sql`select lock_calendars(${[practitioner]}::uuid[], ${resources}::uuid[])`.execute(tx)
}

export interface NamedResource {
  kind: 'room' | 'device'
  name: string
}

/** Rooms and devices of these names in a place, by their ids; made when they are new. */
export async function resourcesNamed(
  tx: Tx,
  place: string,
  wanted: readonly (NamedResource & { id: string })[],
): Promise<string[]> {
  const asked = sql`json_to_recordset(${JSON.stringify(wanted)}::json) as x(id uuid, kind text, name text)`
  await sql`
    insert into resource (id, kind, place_id, name) select id, kind, ${place}::uuid, name from ${asked} order by kind, name
    on conflict (place_id, kind, name) where kind <> 'practitioner' do nothing`.execute(tx)
  const { rows } = await sql<{ id: string }>`
    select r.id from resource r join ${asked} on r.kind = x.kind and r.name = x.name where r.place_id = ${place} order by r.id`.execute(
    tx,
  )
  return rows.map(({ id }) => id)
}

export type NewScheduleRow = Omit<ScheduleRow, 'version' | 'room' | 'devices'>

export async function insertSchedule(tx: Tx, row: NewScheduleRow, now: Date): Promise<void> {
  await sql`
    insert into schedule (id, practitioner_id, place_id, resources, modes, specialities, zone, minutes, services, new_patients, on_holidays, reserved, hours, valid_from, valid_until, expanded_until, created_at)
    values (${row.id}, ${row.practitioner_id}, ${row.place_id}, ${row.resources}::uuid[], ${row.modes}, ${row.specialities}, ${row.zone}, ${row.minutes}, ${row.services}::uuid[], ${row.new_patients}, ${row.on_holidays}, ${row.reserved && JSON.stringify(row.reserved)}::jsonb, ${JSON.stringify(row.hours)}::jsonb,
            ${row.valid_from}::date, ${row.valid_until}::date, ${row.expanded_until}::date, ${now})`.execute(tx)
}

/** False when the version is not the present one. */
export async function updateSchedule(tx: Tx, row: NewScheduleRow, version: number): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update schedule set place_id = ${row.place_id}, resources = ${row.resources}::uuid[], modes = ${row.modes}, specialities = ${row.specialities}, zone = ${row.zone}, minutes = ${row.minutes}, services = ${row.services}::uuid[], new_patients = ${row.new_patients}, on_holidays = ${row.on_holidays}, reserved = ${row.reserved && JSON.stringify(row.reserved)}::jsonb,
      hours = ${JSON.stringify(row.hours)}::jsonb, valid_from = ${row.valid_from}::date, valid_until = ${row.valid_until}::date, version = version + 1
    where id = ${row.id} and version = ${version} and deleted_at is null`.execute(tx)
  return numAffectedRows === 1n
}

/** Schedules whose expansion ends before the horizon, and those that were expanded by other rules of the zones; by id, after one. */
export async function schedulesToExtend(
  db: Db,
  { horizon, tzdata, after, limit }: { horizon: string; tzdata: string; after: string; limit: number },
): Promise<{ id: string; practitioner_id: string; current: boolean }[]> {
  const { rows } = await sql<{ id: string; practitioner_id: string; current: boolean }>`
    select id, practitioner_id, tzdata = ${tzdata} as current from schedule
    where deleted_at is null and id > ${after}
      and (tzdata <> ${tzdata} or expanded_until < ${horizon}::date and (valid_until is null or valid_until > expanded_until))
    order by id limit ${limit}`.execute(db)
  return rows
}

/** How far the shifts reach, and by which rules of the zones they were made. The rule itself, and so the version, is another matter. */
export async function markExpanded(tx: Tx, id: string, until: string, tzdata: string): Promise<void> {
  await sql`update schedule set expanded_until = ${until}::date, tzdata = ${tzdata} where id = ${id}`.execute(tx)
}

export async function bumpSchedule(tx: Tx, id: string): Promise<void> {
  await sql`update schedule set version = version + 1 where id = ${id}`.execute(tx)
}

export async function deleteSchedule(tx: Tx, id: string, version: number, now: Date): Promise<boolean> {
  const { numAffectedRows } =
    await sql`update schedule set deleted_at = ${now}, version = version + 1 where id = ${id} and version = ${version} and deleted_at is null`.execute(
      tx,
    )
  return numAffectedRows === 1n
}

export interface ExceptionRow {
  id: string
  kind: 'add' | 'withdraw'
  date: string
  from: string | null
  until: string | null
  reason: string | null
}

export async function exceptionsOf(
  db: Db,
  schedule: string,
  page?: { after: readonly (string | number)[] | undefined; limit: number },
): Promise<ExceptionRow[]> {
  const [date = '-infinity', id = '00000000-0000-0000-0000-000000000000'] = page?.after ?? []
  const { rows } = await sql<ExceptionRow>`
    select id, kind, on_date as date, to_char(from_time, 'HH24:MI') as from, to_char(until_time, 'HH24:MI') as until, reason
    from schedule_exception where schedule_id = ${schedule} and (on_date, id) > (${date}::date, ${id}::uuid)
    order by on_date, id limit ${page?.limit ?? 10_000}`.execute(db)
  return rows
}

export async function insertException(tx: Tx, row: ExceptionRow & { schedule: string }, now: Date): Promise<void> {
  await sql`
    insert into schedule_exception (id, schedule_id, kind, on_date, from_time, until_time, reason, created_at)
    values (${row.id}, ${row.schedule}, ${row.kind}, ${row.date}::date, ${row.from}::time, ${row.until}::time, ${row.reason}, ${now})`.execute(
    tx,
  )
}

export async function deleteException(tx: Tx, schedule: string, id: string): Promise<boolean> {
  const { numAffectedRows } =
    await sql`delete from schedule_exception where schedule_id = ${schedule} and id = ${id}`.execute(tx)
  return numAffectedRows === 1n
}

/**
 * Puts the shifts of a schedule from `from` on in place of those that are there, and rebuilds what search reads. An overlap with
 * another schedule of the practitioner raises 23P01 (shift_no_overlap).
 */
export async function replaceShifts(
  tx: Tx,
  schedule: Pick<ScheduleRow, 'id' | 'practitioner_id' | 'resources'>,
  from: Date,
  shifts: readonly Interval[],
): Promise<void> {
  await sql`delete from free_range where schedule_id = ${schedule.id} and end_at > ${from}`.execute(tx)
  await sql`delete from shift where schedule_id = ${schedule.id} and upper(during) > ${from}`.execute(tx)
  await addShifts(tx, schedule, from, shifts)
}

export async function addShifts(
  tx: Tx,
  schedule: Pick<ScheduleRow, 'id' | 'practitioner_id' | 'resources'>,
  now: Date,
  shifts: readonly Interval[],
  onOverlap: 'refuse' | 'skip' = 'refuse',
): Promise<void> {
  const starts = shifts.map(([start]) => new Date(start))
  const ends = shifts.map(([, end]) => new Date(end))
  await sql`
    with added as (
      insert into shift (schedule_id, practitioner_id, during)
      select ${schedule.id}::uuid, ${schedule.practitioner_id}::uuid, tstzrange(s, e) from unnest(${starts}::timestamptz[], ${ends}::timestamptz[]) x(s, e)
      ${onOverlap === 'skip' ? sql`on conflict do nothing` : sql``}
      returning id, during),
    taken as (
      insert into shift_resource (shift_id, resource_id, during)
      select id, r, during from added cross join unnest(${schedule.resources}::uuid[]) r returning shift_id)
    select refresh_free(array_agg(id), ${now}) from added cross join (select count(*) from taken) once_taken having count(*) > 0`.execute(
    tx,
  )
}

/** Appointments to come, and holds that stand, that no hours of the practitioner cover any more. */
export async function uncovered(tx: Tx, schedule: string, now: Date): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select a.id from appointment a
    where a.schedule_id = ${schedule} and (a.status = 'booked' or a.status = 'pending' and a.held_until > ${now}) and a.end_at > ${now}
      and not exists (select 1 from shift s where s.practitioner_id = a.practitioner_id and s.during @> tstzrange(a.start_at, a.end_at))
    order by a.start_at limit 1000`.execute(tx)
  return rows.map(({ id }) => id)
}
