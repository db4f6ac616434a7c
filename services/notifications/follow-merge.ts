import type { Context } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import { readMergeCard } from '../registry/contract.ts'
import { moveByMerge } from './queries.ts'
import type { NotificationsTables } from './tables.ts'

/**
 * Two patients became one, or were parted again. The event only says of which merge: what is done is what registry says now, whichever of the
 * two is delivered first, and however often.
 */
export async function followMerge(ctx: Context<NotificationsTables>, { merge }: { merge: string }): Promise<void> {
  const card = await ctx.call(readMergeCard, { params: { id: merge } })
  await transact(ctx, (ctx) => moveByMerge(ctx.db, card))
}
