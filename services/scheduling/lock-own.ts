import { accountOf, practising } from '#platform/auth.ts'
import type { TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { lockAppointment } from './queries/booking.ts'
import type { SchedulingTables } from './tables.ts'

/** The appointment that the caller may change, locked, in the version that the caller has seen. */
export async function lockOwn(ctx: TransactionContext<SchedulingTables>, id: string, version: number) {
  const row = await lockAppointment(ctx.db, id, {
    account: accountOf(ctx),
    practitioner: practising(ctx),
    within: ctx.actor.within,
    now: ctx.now(),
  })
  if (!row) throw new Problem('not-found', 'There is no such appointment, or you may not see it.')
  if (row.version !== version)
    throw new Problem('lock-error', 'The appointment has changed since you read it. Read it again.')
  return row
}
