import type { Static } from 'typebox'
import { practising } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { transact } from '#platform/transaction.ts'
import type { callNext, QueueEntry, stepQueueEntry, updateQueueEntry } from '../contract/queues.ts'
import type { SchedulingTables } from '../tables.ts'
import { viewerOf } from '../viewer.ts'
import { checkPriority } from './arrive.ts'
import { audited, noEntry } from './entries.ts'
import { toEntry } from './entry-view.ts'
import { dueAgain, dueAt, levelOf } from './order.ts'
import { type EntryRow, lockEntry, type SeenEntry, takeNext, updateEntry, visitOfEntry } from './queries/entries.ts'
import { type QueueRow, serves, staffedQueue } from './queries/queues.ts'
import { lockRow } from './queries/visits.ts'
import { noQueue } from './queues.ts'
import { daySettings } from './settings.ts'
import { checkReason, type State, stateAfter, statusWith } from './states.ts'
import { tellUnbooked } from './unbooked.ts'
import { become } from './visit.ts'

type Ctx = Context<SchedulingTables>
type Tx = TransactionContext<SchedulingTables>
type View = Static<typeof QueueEntry>

/** Calls whoever is next for this practitioner: `for update skip locked`, so that two who press at once call two people. */
export async function callNextIn(ctx: Ctx, id: string, { practitioner }: Static<typeof callNext.body>): Promise<View> {
  return transact(ctx, async (ctx) => {
    const queue = await staffedQueue(ctx.db, id, viewerOf(ctx))
    if (!queue) throw noQueue()
    const row = await takeNext(ctx.db, id, await callerIn(ctx, queue, practitioner), ctx.now())
    if (!row) throw new Problem('business-rule', 'Nobody waits here whom this practitioner could call.')
    audited(ctx, 'U', { ...row, via: queue.via }, 'call')
    tellUnbooked(ctx, { ...row, called_by: null }, row)
    return toEntry(row)
  })
}

/** Who sees whoever is called: the practitioner who asks, or the one whom the desk names. */
async function callerIn(
  ctx: Tx,
  queue: Pick<QueueRow, 'id' | 'practitioner_id'>,
  named: string | undefined,
): Promise<string> {
  const caller = named ?? queue.practitioner_id ?? practising(ctx)
  if (caller === undefined) throw new Problem('business-rule', 'Several see the people of this queue: name who calls.')
  if (named !== undefined && practising(ctx) !== undefined && practising(ctx) !== named)
    throw new Problem('forbidden', 'Practitioners call for themselves.')
  if (!(await serves(ctx.db, caller, queue.id, ctx.now())))
    throw new Problem('business-rule', 'This practitioner does not see the people of this queue today.')
  return caller
}

type Locked = SeenEntry & { current: boolean }

/** The appointment first, then the entry: in the order in which arrivals lock the two. */
export async function lockOwnEntry(ctx: Tx, id: string, version: number): Promise<Locked> {
  const visit = await visitOfEntry(ctx.db, id)
  if (visit) await lockRow(ctx.db, visit)
  const row = await lockEntry(ctx.db, id, viewerOf(ctx))
  if (!row) throw noEntry()
  if (row.version !== version)
    throw new Problem('lock-error', 'This number has changed since you read it. Read it again.')
  if (!row.current) throw new Problem('business-rule', 'This number was of another day.')
  return row
}

export async function step(
  ctx: Ctx,
  id: string,
  { step, reason, practitioner }: Static<typeof stepQueueEntry.body>,
  version: number,
): Promise<View> {
  checkReason(step, reason)
  return transact(ctx, async (ctx) => {
    const row = await lockOwnEntry(ctx, id, version)
    const now = ctx.now()
    const state = stateAfter(row.state as State, step, row.called_at !== null)
    const ended_at = ['done', 'left', 'withdrawn'].includes(state) ? now : null
    const to: Partial<EntryRow> = { state, ended_at, reason: reason ?? null }
    if (step === 'call') Object.assign(to, { called_at: now, called_by: await callerOf(ctx, row, practitioner) })
    if (state === 'waiting') Object.assign(to, { called_at: null, called_by: null })
    if (reason === 'did-not-answer' && state === 'waiting')
      to.due_at = dueAgain(row.due_at, now, (await daySettings(ctx.db, row.place_id)).late_minutes)
    const next = await updateEntry(ctx.db, row, to, now)
    await alsoVisit(ctx, row, state, reason)
    tellUnbooked(ctx, row, { ...row, called_by: next.called_by })
    audited(ctx, 'U', row, reason ?? step)
    return toEntry(next)
  })
}

/** Whoever is to be seen by one practitioner is not called by another: they are sent there first. */
async function callerOf(ctx: Tx, row: Locked, named: string | undefined): Promise<string> {
  const queue = { id: row.queue_id, practitioner_id: row.practitioner_id }
  const caller = row.practitioner_id !== null && practising(ctx) === undefined ? (named ?? row.practitioner_id) : named
  const calls = caller ?? practising(ctx) ?? queue.practitioner_id
  if (row.practitioner_id !== null && calls !== row.practitioner_id)
    throw new Problem('business-rule', 'This number is for another practitioner: send it to your queue first.')
  if (row.practitioner_id !== null) return row.practitioner_id
  return callerIn(ctx, queue, caller)
}

async function alsoVisit(ctx: Tx, row: Locked, state: State, reason: string | undefined): Promise<void> {
  const status = statusWith(state, row.state as State)
  if (row.appointment_id === null || status === undefined) return
  const visit = await lockRow(ctx.db, row.appointment_id)
  if (visit) await become(ctx, { ...visit, via: row.via }, status, reason)
}

export async function rate(
  ctx: Ctx,
  id: string,
  said: Static<typeof updateQueueEntry.body>,
  version: number,
): Promise<View> {
  checkPriority(said)
  return transact(ctx, async (ctx) => {
    const row = await lockOwnEntry(ctx, id, version)
    const level = levelOf(said.priority)
    const visit = row.appointment_id === null ? undefined : await lockRow(ctx.db, row.appointment_id)
    const { late_minutes } = await daySettings(ctx.db, row.place_id)
    const due_at = dueAt({ arrived: row.arrived_at, level, start: visit?.start_at }, late_minutes)
    const to = { priority: level, priority_reason: said.priorityReason ?? null, due_at }
    const next = await updateEntry(ctx.db, row, to, ctx.now())
    audited(ctx, 'U', row, said.priority)
    return toEntry(next)
  })
}
