import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { transact } from '#platform/transaction.ts'
import { dateIn } from '#platform/wall-clock.ts'
import type {
  createQueueEntry,
  listOwnQueueEntries,
  listQueueEntries,
  QueueEntry,
  readQueueEntry,
} from '../contract/queues.ts'
import type { SchedulingTables } from '../tables.ts'
import { viewerOf } from '../viewer.ts'
import { checkPriority } from './arrive.ts'
import { toEntry } from './entry-view.ts'
import { standOf } from './estimate.ts'
import { dueAt, levelOf } from './order.ts'
import { insertEntry, ownEntries, type SeenEntry, visibleEntry } from './queries/entries.ts'
import { holdQueue, mayBring, serves, staffedQueue } from './queries/queues.ts'
import { noQueue } from './queues.ts'
import { daySettings } from './settings.ts'

type Ctx = Context<SchedulingTables>
type Tx = TransactionContext<SchedulingTables>
type Wanted = Static<typeof createQueueEntry.body>

export const noEntry = () => new Problem('not-found', 'There is no such number, or it is not for you to see.')

/** Somebody without a booking is given a number for today. */
export async function joinQueue(ctx: Ctx, wanted: Wanted): Promise<Static<typeof QueueEntry>> {
  const { patient, firstName } = wanted
  if (patient !== undefined && firstName !== undefined)
    throw new Problem('business-rule', 'Of a registered patient the name is known: leave firstName out.')
  checkPriority(wanted)
  return transact(ctx, async (ctx) => {
    await holdQueue(ctx.db, wanted.queue, 'joining')
    const queue = await staffedQueue(ctx.db, wanted.queue, viewerOf(ctx))
    if (!queue) throw noQueue()
    await checkWho(ctx, wanted)
    const now = ctx.now()
    const { late_minutes } = await daySettings(ctx.db, queue.place_id)
    const level = levelOf(wanted.priority ?? 'standard')
    const row = await insertEntry(ctx.db, {
      id: newId(),
      queue_id: queue.id,
      issuer_id: queue.id,
      on_date: dateIn(queue.zone, now),
      appointment_id: null,
      patient_id: patient ?? null,
      first_name: firstName ?? null,
      practitioner_id: wanted.practitioner ?? queue.practitioner_id,
      state: 'waiting',
      priority: level,
      priority_reason: wanted.priorityReason ?? null,
      due_at: dueAt({ arrived: now, level }, late_minutes),
      arrived_at: now,
    })
    audited(ctx, 'C', { ...row, subject: patient ?? null, via: queue.via })
    return toEntry(row)
  })
}

async function checkWho(ctx: Tx, { queue, patient, practitioner }: Wanted): Promise<void> {
  if (patient !== undefined && !(await mayBring(ctx.db, patient, accountOf(ctx), ctx.now())))
    throw new Problem('not-found', 'There is no such patient, or you may not act for them.')
  if (practitioner !== undefined && !(await serves(ctx.db, practitioner, queue, ctx.now())))
    throw new Problem('business-rule', 'This practitioner does not see the people of this queue today.')
}

/** Into the audit, and so into what the patient reads of who was there. */
export function audited(
  ctx: Tx,
  action: 'C' | 'R' | 'U',
  { id, subject, via }: Pick<SeenEntry, 'id' | 'subject'> & { via?: string },
  reason?: string,
): void {
  audit(ctx, {
    action,
    entity: `QueueEntry/${id}`,
    ...(subject !== null && { subject: `Patient/${subject}` }),
    ...(via !== undefined && { relationship: via }),
    ...(reason !== undefined && { reason }),
  })
}

export async function entriesIn(ctx: Ctx, id: string): Promise<Static<typeof listQueueEntries.response>> {
  return transact(ctx, async (ctx) => {
    const queue = await staffedQueue(ctx.db, id, viewerOf(ctx))
    if (!queue) throw noQueue()
    const { late_minutes } = await daySettings(ctx.db, queue.place_id)
    const { called, waiting, wait } = await standOf(ctx.db, queue, late_minutes, ctx.now())
    for (const row of [...called, ...waiting]) if (row.subject !== null) audited(ctx, 'R', { ...row, via: queue.via })
    return { called: called.map((row) => toEntry(row)), waiting: waiting.map((row) => toEntry(row, wait.get(row.id))) }
  })
}

export async function ownOnes(ctx: Ctx): Promise<Static<typeof listOwnQueueEntries.response>> {
  return transact(ctx, async (ctx) => {
    const rows = await ownEntries(ctx.db, viewerOf(ctx))
    for (const row of rows) audited(ctx, 'R', row)
    return { items: rows.map((row) => toEntry(row)) }
  })
}

export async function readEntry(ctx: Ctx, id: string): Promise<Static<typeof readQueueEntry.response>> {
  return transact(ctx, async (ctx) => {
    const row = await visibleEntry(ctx.db, id, viewerOf(ctx))
    if (!row) throw noEntry()
    audited(ctx, 'R', row)
    if (row.state !== 'waiting') return toEntry(row)
    const queue = { id: row.queue_id, minutes: row.minutes }
    const { late_minutes } = await daySettings(ctx.db, row.place_id)
    const { waiting, wait } = await standOf(ctx.db, queue, late_minutes, ctx.now())
    return { ...toEntry(row, wait.get(id)), ahead: aheadOf(row, waiting) }
  })
}

/** Those before it who may be called where it may: by its practitioner, or by anybody. */
function aheadOf(row: SeenEntry, waiting: readonly Omit<SeenEntry, 'via'>[]): number {
  const before = waiting.slice(
    0,
    waiting.findIndex(({ id }) => id === row.id),
  )
  const whose = row.practitioner_id
  return before.filter((one) => whose === null || one.practitioner_id === null || one.practitioner_id === whose).length
}
