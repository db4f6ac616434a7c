import { type Kysely, sql } from 'kysely'
import type { SchedulingTables } from '../../tables.ts'

type Db = Kysely<SchedulingTables>

/** Who sees the people of a queue at this time: whose it is, or who has hours there now; and whoever has called somebody from it. With when they called. */
export async function seersOf(db: Db, queue: string, now: Date): Promise<{ practitioner: string; called: Date[] }[]> {
  const { rows } = await sql<{ practitioner: string; called: Date[] }>`
    select p.id as practitioner, array(
      select e.called_at from queue_entry e where e.queue_id = ${queue} and e.state = 'called' and e.called_by = p.id and e.arrived_at > ${now}::timestamptz - interval '12 hours') as called
    from (
      select q.practitioner_id as id from queue q where q.id = ${queue} and q.practitioner_id is not null
      union
      select o.practitioner_id from queue q join offer o on o.place_id = q.place_id
        where q.id = ${queue} and q.practitioner_id is null and serves_queue(o.practitioner_id, q.id, ${now})
          and exists (select from shift s where s.practitioner_id = o.practitioner_id and s.during @> ${now}::timestamptz)
      union
      select e.called_by from queue_entry e where e.queue_id = ${queue} and e.state = 'called' and e.arrived_at > ${now}::timestamptz - interval '12 hours') p
    order by p.id`.execute(db)
  return rows
}

/** Minutes of the visits of a queue that are over, newest last. */
export async function lengthsIn(db: Db, queue: string, now: Date): Promise<number[]> {
  const { rows } = await sql<{ minutes: number }>`
    select extract(epoch from ended_at - called_at)::float8 / 60 as minutes from queue_entry
    where queue_id = ${queue} and state = 'done' and called_at is not null and arrived_at > ${now}::timestamptz - interval '12 hours' order by ended_at`.execute(
    db,
  )
  return rows.map(({ minutes }) => minutes)
}

/** Visits of a queue that have not come yet and are not late: of four hours. */
export async function toCome(
  db: Db,
  queue: string,
  now: Date,
  lateMinutes: number,
): Promise<{ practitioner: string; start_at: Date }[]> {
  const { rows } = await sql<{ practitioner: string; start_at: Date }>`
    select a.practitioner_id as practitioner, a.start_at from queue q join appointment a on a.place_id = q.place_id
    where q.id = ${queue} and a.status = 'booked' and a.start_at > ${now}::timestamptz - make_interval(mins => ${lateMinutes}) and a.start_at < ${now}::timestamptz + interval '4 hours'
      and queue_for(a.id) = q.id
    order by a.start_at, a.id limit 200`.execute(db)
  return rows
}
