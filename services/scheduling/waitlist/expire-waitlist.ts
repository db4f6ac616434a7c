import type { Context } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import type { SchedulingTables } from '../tables.ts'
import { expireEntries, forgetEntries } from './queries/entries.ts'

type Ctx = Context<SchedulingTables>

const BITE = 500
/** A night's work; more waits for the next time. */
const BITES = 2_000

/** Whose days are over waits no more. They are offered nothing in any case; this is for what people read. */
export const expireWaitlist = (ctx: Ctx): Promise<void> =>
  untilNone(ctx, (ctx) => expireEntries(ctx.db, ctx.now(), BITE))

/** What somebody waited for is kept as long as appointments are. */
export const forgetWaitlist = (ctx: Ctx, before: Date): Promise<void> =>
  untilNone(ctx, (ctx) => forgetEntries(ctx.db, before, BITE))

async function untilNone(ctx: Ctx, bite: Parameters<typeof transact<SchedulingTables, number>>[1]): Promise<void> {
  for (let bites = 0; bites < BITES; bites++) if ((await transact(ctx, bite)) < BITE) return
}
