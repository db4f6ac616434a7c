import type { TransactionContext } from '#platform/context.ts'
import { addJob } from '#platform/jobs.ts'

/** One job at most waits for each delivery. */
export const askToDeliver = (ctx: Pick<TransactionContext, 'room' | 'pending'>, delivery: string, runAt?: Date): void =>
  addJob(ctx, 'deliver', { delivery }, { key: `deliver:${delivery}`, ...(runAt && { runAt }) })
