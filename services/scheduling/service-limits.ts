import type { TransactionContext } from '#platform/context.ts'
import { addDays, dateIn, instantOf, weekdayOf } from '#platform/wall-clock.ts'
import { refreshFull } from './queries/booking.ts'
import type { SchedulingTables } from './tables.ts'

/** The beginnings of the seven days, Monday first, of the week around an instant, and of the Monday after. */
export function weekAround(zone: string, at: Date): Date[] {
  const date = dateIn(zone, at)
  const monday = addDays(date, -weekdayOf(date))
  return [0, 1, 2, 3, 4, 5, 6, 7].map((day) => new Date(instantOf(addDays(monday, day), '00:00', zone)))
}

interface Visit {
  service_id: string | null
  zone: string
  start_at: Date
}

/** Goes with COMMIT, after what it counts: the visits of a service in the week around one that was booked, moved or given up. */
export function countVisits(ctx: TransactionContext<SchedulingTables>, visit: Visit, booking = false): void {
  const { service_id, zone, start_at } = visit
  if (service_id !== null) ctx.atCommit(refreshFull(service_id, weekAround(zone, start_at), booking, ctx.now()))
}
