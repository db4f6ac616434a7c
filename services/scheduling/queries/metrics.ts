import { type Kysely, sql } from 'kysely'
import type { SchedulingTables } from '../tables.ts'

/** Calendars elsewhere that could not be read so often in a row, and visits that are somebody's task: left outside of the hours, or declined. */
export async function strayCounts(
  db: Kysely<SchedulingTables>,
  { failures, now }: { failures: number; now: Date },
): Promise<{ failing: number; outside: number }> {
  const { rows } = await sql<{ failing: number; outside: number }>`
    select (select count(*)::integer from busy_calendar where failures >= ${failures}) as failing,
      (select count(distinct coalesce(a.together, a.id))::integer from rebooking r join appointment a on a.id = r.appointment_id
       where r.settled_at is null and a.status = 'booked' and a.start_at > ${now}) as outside`.execute(db)
  return rows[0] ?? { failing: 0, outside: 0 }
}
