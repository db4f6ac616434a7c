import { type Kysely, sql } from 'kysely'
import type { SchedulingTables } from '../../tables.ts'

/**
 * Booked visits whose grace is over, of the last day, at places where somebody with a booking was checked in within twelve hours of them. The defaults are
 * those of settings.ts. Of a visit that several give, the one that stands for it.
 */
export async function missedVisits(db: Kysely<SchedulingTables>, now: Date, limit: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    with checked_in as (
      select distinct q.place_id from queue_entry e join queue q on q.id = e.queue_id
      where e.on_date >= (${now}::timestamptz - interval '3 days')::date and e.appointment_id is not null and e.state <> 'withdrawn' and q.place_id is not null)
    select a.id from checked_in c join appointment a on a.place_id = c.place_id left join day_setting d on d.place_id = c.place_id
    where a.status = 'booked' and (a.together is null or a.together = a.id) and a.start_at > ${now}::timestamptz - interval '1 day'
      and a.start_at <= ${now}::timestamptz - make_interval(mins => case
        when a.mode <> 'in-person' then d.remote_grace_minutes when d.place_id is null then 30 else d.grace_minutes end)
      and exists (
        select from queue q join queue_entry e on e.queue_id = q.id
        where q.place_id = a.place_id and e.appointment_id is not null and e.state <> 'withdrawn'
          and e.arrived_at between a.start_at - interval '12 hours' and a.start_at + interval '12 hours')
    order by a.start_at, a.id limit ${limit}`.execute(db)
  return rows.map(({ id }) => id)
}
