import { type Kysely, sql } from 'kysely'
import type { SchedulingTables } from '../tables.ts'

type Db = Kysely<SchedulingTables>

export interface SlotRow {
  start_at: Date
  end_at: Date
  schedule_id: string
  place_id: string | null
  modes: string[]
  zone: string
  service_id: string | null
  /** Its code; none for a visit of the schedule's own length. */
  service: string
}

export interface SlotsWanted {
  practitioner: string
  now: Date
  from: Date
  until?: Date | undefined
  service?: string | null | undefined
  mode?: string | undefined
  limit: number
  /** Start after this slot (a cursor). */
  after?: { start: Date; service: string } | undefined
  /** Nearest to this time first. */
  near?: Date | undefined
  /** Leave out what this patient has already at the time. */
  patient?: string | undefined
}

/** Slots laid out in the free ranges of one practitioner, from the start of each range in steps of a visit. */
export async function freeSlots(db: Db, w: SlotsWanted): Promise<SlotRow[]> {
  const until = w.until ?? null
  const order = w.near ? sql`abs(extract(epoch from x.start_at - ${w.near}::timestamptz)), x.start_at` : sql`x.start_at, x.service`
  const { rows } = await sql<SlotRow>`
    select x.* from (
      select t as start_at, t + make_interval(mins => o.minutes) as end_at, o.schedule_id, o.place_id, o.modes, c.zone, o.service_id, o.service
      from offer o
      join schedule c on c.id = o.schedule_id
      join free_range f on f.schedule_id = o.schedule_id
      cross join lateral generate_series(
        slot_at(f.start_at, ${w.from}::timestamptz - make_interval(mins => o.before_minutes), o.whole_minutes) + make_interval(mins => o.before_minutes),
        f.end_at - make_interval(mins => o.whole_minutes - o.before_minutes), make_interval(mins => o.whole_minutes)) t
      where o.practitioner_id = ${w.practitioner} and o.first and f.end_at > ${w.from} and (${w.service ?? null}::uuid is null or o.service_id = ${w.service ?? null})
        and t >= ${w.now}::timestamptz + make_interval(mins => o.notice_minutes) and t < ${w.now}::timestamptz + make_interval(days => o.window_days) and not o.full_at @> t
        and (${until}::timestamptz is null or f.start_at < ${until}) and (${w.mode ?? null}::text is null or ${w.mode ?? null} = any (o.modes))
        and t >= o.licensed_from and t < o.licensed_until) x
    where x.start_at >= ${w.from} and (${w.after?.start ?? null}::timestamptz is null or (x.start_at, x.service) > (${w.after?.start ?? null}, ${w.after?.service ?? ''})) and (${until}::timestamptz is null or x.start_at < ${until})
      and not exists (select 1 from claim k where k.resource_id = ${w.patient ?? null}::uuid and k.during && tstzrange(x.start_at, x.end_at))
    order by ${order} limit ${w.limit}`.execute(db)
  return rows
}

/** The hours of a practitioner around an instant, and how long the visit takes there. */
export async function hoursAround(db: Db, practitioner: string, at: Date, service: string | null) {
  const { rows } = await sql<{ minutes: number; before_minutes: number; after_minutes: number; room_id: string | null }>`
    select coalesce(v.minutes, c.minutes) as minutes, coalesce(v.before_minutes, 0) as before_minutes, coalesce(v.after_minutes, 0) as after_minutes, s.room_id
    from shift s join schedule c on c.id = s.schedule_id
    left join service v on v.id = any (c.services) and (v.id = ${service} or ${service}::uuid is null and cardinality(c.services) = 1)
    where s.practitioner_id = ${practitioner} and s.during @> ${at}::timestamptz`.execute(db)
  return rows[0]
}
