import { type Kysely, sql } from 'kysely'
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
    ...(w.from ? [sql`${last} >= ${w.from.toISOString().slice(0, 10)}::date`] : []),
    ...(w.until ? [sql`s.valid_from < ${w.until.toISOString().slice(0, 10)}::date`] : []),
    ...(w.after === undefined ? [] : [sql`s.id > ${w.after}`]),
  ]
  const { rows } = await sql<OfferedScheduleRow>`
    select s.id, s.practitioner_id, p.name as practitioner, ${licensed(keeper.now)} as licensed, s.place_id, l.name as place, s.modes, s.specialities, s.zone,
      s.valid_from, s.valid_until, s.expanded_until, v.services
    from schedule s join practitioner p on p.id = s.practitioner_id left join place l on l.id = s.place_id
    cross join lateral (
      select coalesce(json_agg(json_build_object('code', code, 'name', name) order by code), '[]') as services
      from service where id = any (s.services) and deleted_at is null) v
    where ${sql.join(conditions, sql` and `)} and (${licensed(keeper.now)} or ${keeps(keeper, sql`s.practitioner_id`)})
    order by s.id limit ${w.limit}`.execute(db)
  return rows
}

/** Of the practitioner `p`. */
const licensed = (now: Date) => sql<boolean>`coalesce(p.licensed_from <= ${now} and p.licensed_until > ${now}, false)`
