import type { Context } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import type { SchedulingTables } from '../tables.ts'
import { missedVisits } from './queries/no-shows.ts'
import { lockRow } from './queries/visits.ts'
import { become } from './visit.ts'

const BATCH = 200
/** A run's work; the next comes in five minutes. */
const BATCHES = 50

/**
 * Marks those who have not come in time. Only where people are checked in that day: a clinic that never does would find everybody absent. The time is not
 * given back, since whoever comes late still has a turn; the desk takes it back on the same day.
 */
export async function markNoShows(ctx: Context<SchedulingTables>): Promise<void> {
  for (let batch = 0; batch < BATCHES; batch++) {
    const late = await missedVisits(ctx.db, ctx.now(), BATCH)
    for (const id of late)
      await transact(ctx, async (ctx) => {
        const row = await lockRow(ctx.db, id)
        if (row?.status === 'booked') await become(ctx, row, 'noshow', 'grace')
      })
    if (late.length < BATCH) return
  }
}
