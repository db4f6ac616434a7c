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
}

export interface SlotsWanted {
  practitioner: string
  from: Date
  until?: Date | undefined
  mode?: string | undefined
  limit: number
  /** Start after this slot (a cursor). */
  after?: Date | undefined
  /** Nearest to this time first. */
  near?: Date | undefined
  /** Leave out what this patient has already at the time. */
  patient?: string | undefined
}

/** Slots laid out in the free ranges of one practitioner, from the start of each range in steps of a visit. */
export async function freeSlots(db: Db, w: SlotsWanted): Promise<SlotRow[]> {
  const until = w.until ?? null
  const order = w.near ? sql`abs(extract(epoch from x.start_at - ${w.near}::timestamptz)), x.start_at` : sql`x.start_at`
  const { rows } = await sql<SlotRow>`
    select x.* from (
      select t as start_at, t + make_interval(mins => o.minutes) as end_at, o.schedule_id, o.place_id, o.modes, c.zone
      from offer o
      join schedule c on c.id = o.schedule_id
      join free_range f on f.schedule_id = o.schedule_id
      cross join lateral generate_series(slot_at(f.start_at, ${w.from}, o.minutes), f.end_at - make_interval(mins => o.minutes), make_interval(mins => o.minutes)) t
      where o.practitioner_id = ${w.practitioner} and o.first and f.end_at > ${w.from}
        and (${until}::timestamptz is null or f.start_at < ${until}) and (${w.mode ?? null}::text is null or ${w.mode ?? null} = any (o.modes))
        and t >= o.licensed_from and t < o.licensed_until) x
    where x.start_at > ${w.after ?? w.from}::timestamptz - interval '1 microsecond' * ${w.after ? 0 : 1} and (${until}::timestamptz is null or x.start_at < ${until})
      and not exists (select 1 from claim k where k.resource_id = ${w.patient ?? null}::uuid and k.during && tstzrange(x.start_at, x.end_at))
    order by ${order} limit ${w.limit}`.execute(db)
  return rows
}

/** The hours of a practitioner around an instant. */
export async function hoursAround(
  db: Db,
  practitioner: string,
  at: Date,
): Promise<{ minutes: number; room_id: string | null } | undefined> {
  const { rows } = await sql<{ minutes: number; room_id: string | null }>`
    select c.minutes, s.room_id from shift s join schedule c on c.id = s.schedule_id
    where s.practitioner_id = ${practitioner} and s.during @> ${at}::timestamptz`.execute(db)
  return rows[0]
}
