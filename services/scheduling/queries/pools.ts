import { type Kysely, sql, type Transaction } from 'kysely'
import type { SchedulingTables } from '../tables.ts'

/** Whether the calendar is ours now. Somebody who is being booked is not waited for. */
export async function lockUnlessTaken(tx: Transaction<SchedulingTables>, practitioner: string): Promise<boolean> {
  const { rows } = await sql`select from resource where id = ${practitioner} for no key update skip locked`.execute(tx)
  return rows.length > 0
}

/** How many visits each has that begin in a window. */
export async function visitsOf(
  db: Kysely<SchedulingTables>,
  practitioners: string[],
  { from, until }: { from: Date; until: Date },
): Promise<Map<string, number>> {
  const { rows } = await sql<{ id: string; visits: number }>`
    select practitioner_id as id, count(*)::int as visits from appointment
    where practitioner_id = any (${practitioners}::uuid[]) and start_at >= ${from} and start_at < ${until} and status not in ('cancelled', 'entered-in-error')
    group by practitioner_id`.execute(db)
  return new Map(rows.map(({ id, visits }) => [id, visits]))
}
