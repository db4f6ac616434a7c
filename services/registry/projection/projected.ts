import type { Context, TransactionContext } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import type { Tables } from '../database.ts'
import { projectRows } from './project-rows.ts'
import { takeOwn } from './queries.ts'

/** A transaction that changes what the FHIR store shows: it has written that too when it ends. The database refuses one that has not. */
export const projected = <R>(ctx: Context<Tables>, work: (ctx: TransactionContext<Tables>) => Promise<R>): Promise<R> =>
  transact(ctx, async (ctx) => {
    const result = await work(ctx)
    await projectRows(ctx, await takeOwn(ctx.db))
    return result
  })
