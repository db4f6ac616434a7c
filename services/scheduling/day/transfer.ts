import type { Static } from 'typebox'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { transact } from '#platform/transaction.ts'
import type { QueueEntry, transferQueueEntry } from '../contract/queues.ts'
import type { SchedulingTables } from '../tables.ts'
import { audited } from './entries.ts'
import { toEntry } from './entry-view.ts'
import { type SeenEntry, updateEntry } from './queries/entries.ts'
import { holdQueue, openQueueOf, type QueueRow, serves } from './queries/queues.ts'
import { lockOwnEntry } from './steps.ts'
import { tellUnbooked } from './unbooked.ts'

type Wanted = Static<typeof transferQueueEntry.body>

/**
 * Sends somebody to another queue of the place, or to another practitioner: with their number, when they came and how urgent it is, so that they lose
 * nothing. Of a booked visit nothing moves in anybody's calendar: claims say what was promised, and the other's time may be taken.
 */
export async function transfer(
  ctx: Context<SchedulingTables>,
  id: string,
  wanted: Wanted,
  version: number,
): Promise<Static<typeof QueueEntry>> {
  return transact(ctx, async (ctx) => {
    const row = await lockOwnEntry(ctx, id, version)
    if (row.state !== 'waiting' && row.state !== 'called')
      throw new Problem('business-rule', 'This visit is over already.', { reason: 'over' })
    const queue = await targetOf(ctx, row, wanted.queue)
    const practitioner_id = await practitionerIn(ctx, queue, wanted.practitioner)
    if (queue.id === row.queue_id && practitioner_id === row.practitioner_id)
      throw new Problem('business-rule', 'They wait there already.', { reason: 'same' })
    const to = { queue_id: queue.id, practitioner_id, state: 'waiting', called_at: null, called_by: null }
    const next = await updateEntry(ctx.db, row, { ...to, reason: wanted.reason }, ctx.now())
    audited(ctx, 'U', row, wanted.reason)
    tellUnbooked(ctx, row, { ...row, called_by: null })
    return toEntry(next)
  })
}

async function targetOf(
  ctx: TransactionContext<SchedulingTables>,
  { place_id }: SeenEntry,
  wanted: string,
): Promise<QueueRow> {
  await holdQueue(ctx.db, wanted, 'joining')
  const queue = await openQueueOf(ctx.db, wanted)
  if (!queue || queue.place_id === null || queue.place_id !== place_id)
    throw new Problem('business-rule', 'There is no such queue at this place; see GET /v1/places/{id}/queues.')
  return queue
}

async function practitionerIn(
  ctx: TransactionContext<SchedulingTables>,
  queue: QueueRow,
  wanted: string | undefined,
): Promise<string | null> {
  if (wanted !== undefined && !(await serves(ctx.db, wanted, queue.id, ctx.now())))
    throw new Problem('business-rule', 'This practitioner does not see the people of that queue today.')
  return wanted ?? queue.practitioner_id
}
