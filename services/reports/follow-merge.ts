import { audit } from '#platform/audit.ts'
import type { Context } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import { readMergeCard } from '../registry/contract.ts'
import { withdrawSummaries } from './documents/withdraw.ts'
import { moveLinks } from './sharing/queries.ts'
import type { ReportsTables } from './tables.ts'

/** Two patients became one, or were parted again, as registry says now: links follow, and share what they did; summaries that were made of both are withdrawn once they are two. */
export async function followMerge(ctx: Context<ReportsTables>, { merge }: { merge: string }): Promise<void> {
  const card = await ctx.call(readMergeCard, { params: { id: merge } })
  await transact(ctx, async (ctx) => {
    const subject = `Patient/${card.stands ? card.survivor : card.replaced}`
    for (const id of await moveLinks(ctx.db, card))
      audit(ctx, { action: 'U', entity: `HealthLink/${id}`, subject, reason: `Merge/${merge}` })
    if (!card.stands) await withdrawSummaries(ctx, card)
  })
}
