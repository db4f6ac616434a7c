import type { Context } from '#platform/context.ts'
import { forgottenBefore } from '#platform/retention.ts'
import { transact } from '#platform/transaction.ts'
import { forgetMessages } from './queries/messages.ts'
import { forgetPushSubscriptions } from './queries/push.ts'
import { deleteReports } from './queries/reports.ts'
import { deleteWebhookDeliveries } from './queries/webhooks.ts'
import { deleteOlder } from './queries.ts'
import type { NotificationsTables } from './tables.ts'

const BATCH = 5_000
/** A night's work; more waits for the next night. */
const BATCHES = 200

/** Nobody comes back to a draft after a week. */
const DRAFT_MS = 7 * 86_400_000

/** What somebody was told long ago is of use to nobody, and it names people. What happened is on record in the room where it happened. */
export async function forget(ctx: Context<NotificationsTables>): Promise<void> {
  const before = forgottenBefore(ctx.config, 'notifications', ctx.now())
  const drafts = new Date(ctx.now().getTime() - DRAFT_MS)
  await transact(ctx, (ctx) => deleteReports(ctx.db, before))
  await transact(ctx, (ctx) => deleteWebhookDeliveries(ctx.db, before))
  await transact(ctx, (ctx) => forgetPushSubscriptions(ctx.db))
  await transact(ctx, (ctx) => forgetMessages(ctx.db, { before, drafts }))
  for (let i = 0; i < BATCHES; i++) {
    const deleted = await transact(ctx, (ctx) => deleteOlder(ctx.db, before, BATCH))
    if (deleted < BATCH) return
  }
}
