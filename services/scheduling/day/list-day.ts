import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import type { Context } from '#platform/context.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { transact } from '#platform/transaction.ts'
import { addDays, dateIn, instantOf } from '#platform/wall-clock.ts'
import { toAppointment } from '../appointment-view.ts'
import type { listDay as contract } from '../contract/day.ts'
import type { SchedulingTables } from '../tables.ts'
import { viewerOf } from '../viewer.ts'
import { visitsAt, zoneAt } from './queries/visits.ts'
import { noPlace } from './settings.ts'

/** A day begins and ends where the place's clocks say so: it has 23 or 25 hours when they change. */
export async function listDay(
  ctx: Context<SchedulingTables>,
  place: string,
  query: Static<typeof contract.query>,
): Promise<Static<typeof contract.response>> {
  const { limit = 20, cursor } = query
  const after = decodeCursor(cursor, ['instant', 'uuid'])
  return transact(ctx, async (ctx) => {
    const who = viewerOf(ctx)
    const zone = await zoneAt(ctx.db, place, who)
    if (zone === undefined) throw noPlace()
    const date = query.date ?? dateIn(zone, ctx.now())
    const rows = await visitsAt(ctx.db, who, {
      place,
      practitioner: query.practitioner ?? null,
      status: query.status ?? null,
      from: new Date(instantOf(date, '00:00', zone)),
      until: new Date(instantOf(addDays(date, 1), '00:00', zone)),
      after,
      limit: limit + 1,
    })
    const page = pageOf(rows, limit, (row) => [row.start_at.toISOString(), row.id], toAppointment)
    for (const patient of new Set(page.items.map((item) => item.patient)))
      audit(ctx, { action: 'R', entity: 'Appointment', subject: `Patient/${patient}` })
    return page
  })
}
