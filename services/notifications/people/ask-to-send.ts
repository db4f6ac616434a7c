import type { TransactionContext } from '#platform/context.ts'
import { addJob } from '#platform/jobs.ts'

/** One job at most waits for each message. */
export const askToSend = (ctx: Pick<TransactionContext, 'room' | 'pending'>, message: string, runAt?: Date): void =>
  addJob(ctx, 'send-message', { message }, { key: `send-message:${message}`, ...(runAt && { runAt }) })
