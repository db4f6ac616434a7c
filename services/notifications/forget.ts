import type { Context } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import { deleteOlder } from './queries.ts'
import type { NotificationsTables } from './tables.ts'

/** What somebody was told a year ago is of use to nobody, and it names people. What happened is on record in the room where it happened. */
const KEPT_DAYS = 365
const BATCH = 5_000
/** A night's work; more waits for the next night. */
const BATCHES = 200

export async function forget(ctx: Context<NotificationsTables>): Promise<void> {
  const before = new Date(ctx.now().getTime() - KEPT_DAYS * 86_400_000)
  for (let i = 0; i < BATCHES; i++) {
    const deleted = await transact(ctx, (ctx) => deleteOlder(ctx.db, before, BATCH))
    if (deleted < BATCH) return
  }
}
