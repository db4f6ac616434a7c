import type { Context } from '#platform/context.ts'
import { forgottenBefore } from '#platform/retention.ts'
import { transact } from '#platform/transaction.ts'
import type { SchedulingTables } from '../tables.ts'
import { forgetEntries } from './queries/people.ts'

const BITE = 500
const BITES = 2_000
/** Somebody who is not registered is known by a first name at the most, and for as long as somebody may come back for what they left. */
const NOBODYS_DAYS = 7

export async function forgetQueues(ctx: Context<SchedulingTables>): Promise<void> {
  const before = forgottenBefore(ctx.config, 'queues', ctx.now())
  const nobodys = new Date(Math.max(before.getTime(), ctx.now().getTime() - NOBODYS_DAYS * 86_400_000))
  for (let bite = 0; bite < BITES; bite++)
    if ((await transact(ctx, ({ db }) => forgetEntries(db, before, nobodys, BITE))) < BITE) return
}
