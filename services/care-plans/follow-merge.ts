import type { Context } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import { readMergeCard } from '../registry/contract.ts'
import { moveTasks } from './occurrences/people.ts'
import type { CarePlansTables } from './tables.ts'

/** Two patients became one, or were parted again: rows about them follow, as registry says now. What is in the record is found by both (records). */
export async function followMerge(ctx: Context<CarePlansTables>, { merge }: { merge: string }): Promise<void> {
  const card = await ctx.call(readMergeCard, { params: { id: merge } })
  await transact(ctx, (ctx) => moveTasks(ctx, merge, card))
}
