import { audit } from '#platform/audit.ts'
import type { Context } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import { readMergeCard } from '../registry/contract.ts'
import { moveTasks } from './occurrences/queries/people.ts'
import { moveByMerge } from './queries.ts'
import type { CarePlansTables } from './tables.ts'

/** Two patients became one, or were parted again: their plans follow, as registry says now. What was written names whom it named then, and is found by both (records). */
export async function followMerge(ctx: Context<CarePlansTables>, { merge }: { merge: string }): Promise<void> {
  const card = await ctx.call(readMergeCard, { params: { id: merge } })
  await transact(ctx, async (ctx) => {
    const moved = await moveByMerge(ctx.db, card)
    await moveTasks(ctx.db, moved)
    const subject = `Patient/${card.stands ? card.survivor : card.replaced}`
    for (const id of moved) audit(ctx, { action: 'U', entity: `CarePlan/${id}`, subject, reason: `Merge/${merge}` })
  })
}
