import type { TransactionContext } from '#platform/context.ts'
import { addJob } from '#platform/jobs.ts'
import type { SchedulingTables } from '../tables.ts'

/** A time that somebody gave back, or hours that are new. */
export interface Freed {
  practitioner: string
  /** Rooms and devices in which, or with which, others may have hours. */
  resources: string[]
  from: string
  until: string
}

/** Says that a time has become free, in the transaction that frees it: who waits for it is asked by a job, which finds what is free when it runs. */
export function freed(
  ctx: Pick<TransactionContext<SchedulingTables>, 'room' | 'pending'>,
  of: { practitioner_id: string; resources: string[]; start_at: Date; end_at: Date },
): void {
  const job: Freed = {
    practitioner: of.practitioner_id,
    resources: of.resources,
    from: of.start_at.toISOString(),
    until: of.end_at.toISOString(),
  }
  addJob(ctx, 'offer-freed', job)
}
