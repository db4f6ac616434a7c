import { audit } from '#platform/audit.ts'
import type { Context } from '#platform/context.ts'
import { readMergeCard } from '../registry/contract.ts'
import { projected } from './projection/projector.ts'
import { moveByMerge } from './queries/merges.ts'
import type { SchedulingTables } from './tables.ts'

/**
 * Two patients became one, or were parted again. The event only says of which merge: what is done is what registry says now, whichever of the
 * two is delivered first, and however often.
 */
export async function followMerge(ctx: Context<SchedulingTables>, { merge }: { merge: string }): Promise<void> {
  const card = await ctx.call(readMergeCard, { params: { id: merge } })
  await projected(ctx, async (ctx) => {
    const moved = await moveByMerge(ctx.db, card, ctx.now())
    const subject = `Patient/${card.stands ? card.survivor : card.replaced}`
    for (const id of moved) audit(ctx, { action: 'U', entity: `Appointment/${id}`, subject, reason: `Merge/${merge}` })
  })
}
