import type { Context } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import { requeueNotices } from '../queries/notices.ts'
import type { RecordsTables } from '../tables.ts'
import { askToTell } from './tell-subscriber.ts'

/** A subscription is active from now on: what was given up before goes out again. */
export async function beginSubscription(
  ctx: Context<RecordsTables>,
  { subscription }: { subscription: number },
): Promise<void> {
  await transact(ctx, async (ctx) => {
    for (const id of await requeueNotices(ctx.db, subscription, ctx.now())) askToTell(ctx, id)
  })
}
