import type { Context } from '#platform/context.ts'
import { forgottenBefore } from '#platform/retention.ts'
import { transact } from '#platform/transaction.ts'
import { deleteReports } from './queries/reports.ts'
import { deleteOlder } from './queries.ts'
import type { NotificationsTables } from './tables.ts'

const BATCH = 5_000
/** A night's work; more waits for the next night. */
const BATCHES = 200

/** What somebody was told long ago is of use to nobody, and it names people. What happened is on record in the room where it happened. */
export async function forget(ctx: Context<NotificationsTables>): Promise<void> {
  const before = forgottenBefore(ctx.config, 'notifications', ctx.now())
  await transact(ctx, (ctx) => deleteReports(ctx.db, before))
  for (let i = 0; i < BATCHES; i++) {
    const deleted = await transact(ctx, (ctx) => deleteOlder(ctx.db, before, BATCH))
    if (deleted < BATCH) return
  }
}
