import { audit } from '#platform/audit.ts'
import type { Context } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import { readMergeCard } from '../registry/contract.ts'
import { moveByMerge } from './queries/people.ts'
import type { ConsultationsTables } from './tables.ts'

/** Two patients became one, or were parted again: their consultations follow, as registry says now. What is signed names whom it named then, and is found by both (records). */
export async function followMerge(ctx: Context<ConsultationsTables>, { merge }: { merge: string }): Promise<void> {
  const card = await ctx.call(readMergeCard, { params: { id: merge } })
  await transact(ctx, async (ctx) => {
    const moved = await moveByMerge(ctx.db, card)
    const subject = `Patient/${card.stands ? card.survivor : card.replaced}`
    for (const id of moved) audit(ctx, { action: 'U', entity: `Encounter/${id}`, subject, reason: `Merge/${merge}` })
  })
}
