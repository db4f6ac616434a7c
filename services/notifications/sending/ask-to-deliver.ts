import type { TransactionContext } from '#platform/context.ts'
import { addJob } from '#platform/jobs.ts'

/** One job at most waits for each delivery. */
export const askToDeliver = (ctx: Pick<TransactionContext, 'room' | 'pending'>, delivery: string, runAt?: Date): void =>
  addJob(ctx, 'deliver', { delivery }, { key: `deliver:${delivery}`, ...(runAt && { runAt }) })

export interface Digest {
  account: string
  /** Of which time: what is due then goes in it. */
  due: string
}

/** One mail for a day, whatever is added to it meanwhile. */
export const askForDigest = (
  ctx: Pick<TransactionContext, 'room' | 'pending'>,
  { account, due }: Digest,
  runAt = new Date(due),
): void => addJob(ctx, 'digest', { account, due }, { key: `digest:${account}:${due}`, runAt })
