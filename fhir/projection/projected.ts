import type { Transaction } from 'kysely'
import type { Context, TransactionContext } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import { takeOwn } from '../store/due.ts'
import { projectRows } from './project-rows.ts'
import { type Projector, typesOf } from './projector.ts'

/** Brings the store to what this transaction has changed so far. */
export async function projectOwn<T>(ctx: TransactionContext<T>, of: Projector<T>): Promise<void> {
  await projectRows(ctx, of, await takeOwn(ctx.db as unknown as Transaction<unknown>, typesOf(of)))
}

/** A transaction that changes what the FHIR store shows: it has written that too when it ends. The database refuses one that has not. */
export const projectedBy =
  <T>(of: Projector<T>) =>
  <R>(ctx: Context<T>, work: (ctx: TransactionContext<T>) => Promise<R>): Promise<R> =>
    transact(ctx, async (ctx) => {
      const result = await work(ctx)
      await projectOwn(ctx, of)
      return result
    })
