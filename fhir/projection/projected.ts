import type { Transaction } from 'kysely'
import type { Context, TransactionContext } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import { takeOwn } from '../store/due.ts'
import { projectRows } from './project-rows.ts'
import type { Projector } from './projector.ts'

/** A transaction that changes what the FHIR store shows: it has written that too when it ends. The database refuses one that has not. */
export const projectedBy =
  <T>(of: Projector<T>) =>
  <R>(ctx: Context<T>, work: (ctx: TransactionContext<T>) => Promise<R>): Promise<R> =>
    transact(ctx, async (ctx) => {
      const result = await work(ctx)
      await projectRows(ctx, of, await takeOwn(ctx.db as unknown as Transaction<unknown>))
      return result
    })
