import type { TransactionContext } from '#platform/context.ts'
import { sendAlong } from '#platform/transaction.ts'
import type { Change } from '../store/change.ts'
import { keepNew, newChange, type Projection } from '../store/project.ts'
import { sayingIn } from './project-rows.ts'

/**
 * Brings the store to what a row says that this transaction inserts, and has at hand: nobody else has it yet, so nothing is read and nobody takes turns. What the
 * store has then; sent behind the row, so that it fails where that does.
 */
export function showNew<T>(ctx: TransactionContext<T>, one: Projection): Change {
  const change = newChange(one, sayingIn(ctx))
  sendAlong(ctx, keepNew(change).compile(ctx.db))
  return change
}
