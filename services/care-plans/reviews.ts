import type { Context } from '#platform/context.ts'
import { publish } from '#platform/events.ts'
import { transact } from '#platform/transaction.ts'
import { reviewDue } from './contract.ts'
import { takeDueReviews } from './queries.ts'
import type { CarePlansTables } from './tables.ts'

const BATCH = 500

/** Whoever made a plan is told once that it is to be looked at again. */
export async function announceReviews(ctx: Context<CarePlansTables>): Promise<void> {
  for (let count = BATCH; count === BATCH; )
    count = await transact(ctx, async (ctx) => {
      const due = await takeDueReviews(ctx.db, ctx.now(), BATCH)
      for (const { id, practitioner_id } of due)
        publish(ctx, reviewDue, { carePlan: id, practitioner: practitioner_id })
      return due.length
    })
}
