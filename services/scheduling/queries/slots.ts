import { type Kysely, sql } from 'kysely'
import type { DayHours } from '../search-window.ts'
import type { Share } from '../shares.ts'
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
  /** That are left, where several sit together; null elsewhere. */
  seats: number | null
}

export interface Wanted {
  practitioner: string
  /** Of whoever asks: what is kept for others is not there. */
  channel: string
  now: Date
  from: Date
  until?: Date | undefined
  service?: string | null | undefined
  /** Of a service. */
  code?: string | undefined
  speciality?: string | undefined
  schedule?: string | undefined
  place?: string | undefined
  mode?: string | undefined
  between?: DayHours | undefined
}

export interface SlotsWanted extends Wanted {
  limit: number
  /** Start after this slot (a cursor). */
  after?: { start: Date; service: string } | undefined
  /** Nearest to this time first. */
  near?: Date | undefined
  /** Leave out what this patient has already at the time. */
  patient?: string | undefined
  /** But for this appointment, which is to be moved. */
  except?: string | undefined
}

/** Every free slot of one practitioner: in each free range from its start, in steps of a whole visit, as the rules of its service have it. */
export const slots = (w: Wanted) => sql`
      select t as start_at, t + make_interval(mins => o.minutes) as end_at, o.schedule_id, o.place_id, o.modes, c.zone, o.service_id, o.service, nullif(o.seats, 1) as seats
      from offer o
      join schedule c on c.id = o.schedule_id
      join free_range f on f.schedule_id = o.schedule_id
      cross join lateral generate_series(
        slot_at(f.start_at, ${w.from}::timestamptz - make_interval(mins => o.before_minutes), o.whole_minutes) + make_interval(mins => o.before_minutes),
        f.end_at - make_interval(mins => o.whole_minutes - o.before_minutes), make_interval(mins => o.whole_minutes)) t
      where f.end_at > ${w.from} and (c.reserved is null or minutes_open(c.id, f.start_at, ${w.channel}, ${w.now}) >= o.whole_minutes) and ${offered(w)} and not o.full_at @> t and (${w.until ?? null}::timestamptz is null or f.start_at < ${w.until ?? null})
      union all
      select t, g.end_at, o.schedule_id, o.place_id, o.modes, c.zone, o.service_id, o.service, g.seats - g.taken
      from offer o
      join schedule c on c.id = o.schedule_id
      join group_visit g on g.schedule_id = o.schedule_id and g.service_id = o.service_id
      cross join lateral (select g.start_at as t) x
      where g.taken < g.seats and ${offered(w)}`

/** Whether an offer `o` and a start `t` are what is wanted, as the licence and the rules of the service have it. */
const offered = ({
  practitioner,
  now,
  from,
  until,
  service = null,
  code,
  speciality,
  schedule,
  place,
  mode,
  between,
}: Wanted) => sql`
      o.practitioner_id = ${practitioner} ${schedule === undefined ? sql`` : sql`and o.schedule_id = ${schedule}`} ${place === undefined ? sql`` : sql`and o.place_id = ${place}`}
        ${code === undefined ? sql`` : sql`and o.service = ${code}`} ${speciality === undefined ? sql`` : sql`and exists (select from offer x where x.schedule_id = o.schedule_id and x.service = o.service and x.speciality = ${speciality})`}
        and o.first and (${service}::uuid is null or o.service_id = ${service})
        and t >= ${from} and (${until ?? null}::timestamptz is null or t < ${until ?? null}) and (${mode ?? null}::text is null or ${mode ?? null} = any (o.modes))
        and t >= greatest(o.licensed_from, ${now}::timestamptz + make_interval(mins => o.notice_minutes))
        and t < least(o.licensed_until, ${now}::timestamptz + make_interval(days => o.window_days))
        ${between ? withinHours(between) : sql``}`

const withinHours = ({ from, until }: DayHours) => {
  const clock = sql`(t at time zone c.zone)::time`
  return from < until
    ? sql`and ${clock} >= ${from}::time and ${clock} < ${until}::time`
    : sql`and (${clock} >= ${from}::time or ${clock} < ${until}::time)`
}

export async function freeSlots(db: Db, w: SlotsWanted): Promise<SlotRow[]> {
  const order = w.near
    ? sql`abs(extract(epoch from x.start_at - ${w.near}::timestamptz)), x.start_at`
    : sql`x.start_at, x.service`
  const after = w.after && sql`and (x.start_at, x.service) > (${w.after.start}, ${w.after.service})`
  const { rows } = await sql<SlotRow>`
    select x.* from (${slots(w)}) x
    where not exists (select 1 from claim k where k.resource_id = ${w.patient ?? null}::uuid and k.holder_id is distinct from ${w.except ?? null}::uuid and k.during && tstzrange(x.start_at, x.end_at))
      ${after ?? sql``}
    order by ${order} limit ${w.limit}`.execute(db)
  return rows
}

/** Of each day how many and the first, by the beginnings of the days and the end of the last. */
export async function freeDays(db: Db, w: Omit<Wanted, 'from' | 'until'> & { from: Date; bounds: Date[] }) {
  const { rows } = await sql<{ day: number; free: number; first: Date }>`
    select width_bucket(x.start_at, ${w.bounds}::timestamptz[]) as day, count(*)::int as free, min(x.start_at) as first
    from (${slots({ ...w, until: w.bounds.at(-1) })}) x group by 1 order by 1`.execute(db)
  return rows
}

/** Where a practitioner's hours are: of their first schedule. */
export async function zoneOf(db: Db, practitioner: string): Promise<string | undefined> {
  const { rows } = await sql<{ zone: string }>`
    select zone from schedule where practitioner_id = ${practitioner} and deleted_at is null order by id limit 1`.execute(
    db,
  )
  return rows[0]?.zone
}

/** What is kept of the session around an instant, by channel. */
export async function sharesAround(db: Db, practitioner: string, at: Date, now: Date): Promise<Share[]> {
  const { rows } = await sql<Share>`
    select x.channel, x.release, x.begins, x.length::float8, x.taken::float8, x.free::float8
    from shift s cross join lateral shares_at(s.schedule_id, ${at}, ${now}) x
    where s.practitioner_id = ${practitioner} and s.during @> ${at}::timestamptz`.execute(db)
  return rows
}

/** The hours of a practitioner around an instant, and how long the visit takes there. */
export async function hoursAround(db: Db, practitioner: string, at: Date, service: string | null) {
  const { rows } = await sql<{
    minutes: number
    before_minutes: number
    after_minutes: number
    resources: string[]
  }>`
    select coalesce(v.minutes, c.minutes) as minutes, coalesce(v.before_minutes, 0) as before_minutes, coalesce(v.after_minutes, 0) as after_minutes, resources_of(s.id) as resources
    from shift s join schedule c on c.id = s.schedule_id
    left join service v on v.id = any (c.services) and (v.id = ${service} or ${service}::uuid is null and cardinality(c.services) = 1)
    where s.practitioner_id = ${practitioner} and s.during @> ${at}::timestamptz`.execute(db)
  return rows[0]
}
