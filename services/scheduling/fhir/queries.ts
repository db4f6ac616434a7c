import { type Kysely, type RawBuilder, sql } from 'kysely'
import { type Keeper, keeps } from '../queries/schedules.ts'
import type { SchedulingTables } from '../tables.ts'

type Db = Kysely<SchedulingTables>

export interface OfferedScheduleRow {
  id: string
  practitioner_id: string
  practitioner: string
  licensed: boolean
  place_id: string | null
  place: string | null
  modes: string[]
  specialities: string[]
  services: { code: string; name: string }[]
  zone: string
  valid_from: string
  valid_until: string | null
  expanded_until: string
}

export interface SchedulesWanted {
  id?: string | undefined
  practitioner?: string | undefined
  place?: string | undefined
  /** Days that the horizon must reach into. */
  from?: Date | null
  until?: Date | null
  after?: string | undefined
  limit: number
}

/**
 * Schedules that are on offer: of practitioners with a licence now, as searches for care show them; and those that the caller keeps. By an index: of one
 * practitioner, at one place, or one by its id.
 */
export async function offeredSchedules(db: Db, w: SchedulesWanted, keeper: Keeper): Promise<OfferedScheduleRow[]> {
  const last = sql`least(s.expanded_until, coalesce(s.valid_until, s.expanded_until))`
  const conditions = [
    sql`s.deleted_at is null`,
    ...(w.id === undefined ? [] : [sql`s.id = ${w.id}`]),
    ...(w.practitioner === undefined ? [] : [sql`s.practitioner_id = ${w.practitioner}`]),
    ...(w.place === undefined ? [] : [sql`s.id in (select o.schedule_id from offer o where o.place_id = ${w.place})`]),
    ...(w.from ? [sql`${last} >= (${w.from}::timestamptz at time zone 'UTC')::date`] : []),
    ...(w.until ? [sql`s.valid_from < (${w.until}::timestamptz at time zone 'UTC')::date`] : []),
    ...(w.after === undefined ? [] : [sql`s.id > ${w.after}`]),
  ]
  return schedulesWhere(
    db,
    sql`${sql.join(conditions, sql` and `)} and (${licensed(keeper.now)} or ${keeps(keeper, sql`s.practitioner_id`)})`,
    keeper.now,
    w.limit,
  )
}

/** What everybody may see who is not signed in: under a licence, at a place, and open to those whom the practitioner does not know. */
export const publishedSchedules = (db: Db, now: Date, after: string | undefined, limit: number) =>
  schedulesWhere(db, sql`${published(now)} and ${after === undefined ? sql`true` : sql`s.id > ${after}`}`, now, limit)

const published = (now: Date) =>
  sql`s.deleted_at is null and s.new_patients and s.place_id is not null and ${licensed(now)}`

async function schedulesWhere(
  db: Db,
  condition: RawBuilder<unknown>,
  now: Date,
  limit: number,
): Promise<OfferedScheduleRow[]> {
  const { rows } = await sql<OfferedScheduleRow>`
    select s.id, s.practitioner_id, p.name as practitioner, ${licensed(now)} as licensed, s.place_id, l.name as place, s.modes, s.specialities, s.zone,
      s.valid_from, s.valid_until, s.expanded_until, v.services
    from schedule s join practitioner p on p.id = s.practitioner_id left join place l on l.id = s.place_id
    cross join lateral (
      select coalesce(json_agg(json_build_object('code', code, 'name', name) order by code), '[]') as services
      from service where id = any (s.services) and deleted_at is null) v
    where ${condition}
    order by s.id limit ${limit}`.execute(db)
  return rows
}

/** Of the practitioner `p`. */
const licensed = (now: Date) => sql<boolean>`coalesce(p.licensed_from <= ${now} and p.licensed_until > ${now}, false)`

/** Stands for what is in the file of schedules: it changes when that does. */
export const publishedMark = (db: Db, now: Date) =>
  markOf(db, [
    sql`select s.id, s.version, s.valid_until, s.expanded_until, l.name, (select sum(v.version) from service v where v.id = any (s.services) and v.deleted_at is null)
      from schedule s join practitioner p on p.id = s.practitioner_id left join place l on l.id = s.place_id where ${published(now)}`,
  ])

/** Stands for what is in the file of slots: free ranges, seats that are left, and the rules by which they become slots. */
export const publishedSlotsMark = (db: Db, now: Date, from: Date, until: Date) =>
  markOf(db, [
    sql`select f.schedule_id, f.start_at, f.end_at from free_range f where f.end_at > ${from} and f.start_at < ${until}`,
    sql`select g.schedule_id, g.service_id, g.start_at, g.end_at, g.seats, g.taken from group_visit g where g.start_at >= ${from} and g.start_at < ${until}`,
    sql`select s.id, s.version, o.service, o.minutes, o.whole_minutes, o.before_minutes, o.notice_minutes, o.window_days, o.full_at, o.licensed_until
      from schedule s join practitioner p on p.id = s.practitioner_id join offer o on o.schedule_id = s.id where o.first and ${published(now)}`,
  ])

async function markOf(db: Db, parts: RawBuilder<unknown>[]): Promise<string> {
  const sums = parts.map(
    (part) =>
      sql`select count(*) as n, coalesce(sum(hashtextextended(x::text, 0)::numeric), 0) as sum from (${part}) x`,
  )
  const { rows } = await sql<{ mark: string }>`
    select string_agg(n || ':' || sum, ' ') as mark from (${sql.join(sums, sql` union all `)}) y`.execute(db)
  return rows[0]?.mark ?? ''
}
