import type { Static } from 'typebox'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { transact } from '#platform/transaction.ts'
import { dateIn } from '#platform/wall-clock.ts'
import { toAppointment } from '../appointment-view.ts'
import type { arriveAppointment } from '../contract/day.ts'
import type { SchedulingTables } from '../tables.ts'
import { toEntry } from './entry-view.ts'
import { dueAt, levelOf } from './order.ts'
import { type EntryRow, insertEntry, lockEntryOf, updateEntry } from './queries/entries.ts'
import { openQueue, type QueueRow, queueForVisit } from './queries/queues.ts'
import { lockPlace } from './queries/settings.ts'
import { daySettings } from './settings.ts'
import { checkArrival } from './states.ts'
import { become, byOf, isToday, lockDay, standsFor, type Visit } from './visit.ts'

type Ctx = Context<SchedulingTables>
type Tx = TransactionContext<SchedulingTables>
type Said = Static<typeof arriveAppointment.body>

/** Checks somebody in for their appointment: it has arrived, and they have a number in its queue. */
export async function arrive(
  ctx: Ctx,
  id: string,
  said: Said,
  version: number,
): Promise<Static<typeof arriveAppointment.response>> {
  return transact(ctx, async (ctx) => {
    const row = await lockDay(ctx, id, version)
    const now = ctx.now()
    const settings = await daySettings(ctx.db, row.place_id)
    checkPriority(said)
    if (byOf(row) === 'self' && said.priority !== undefined)
      throw new Problem('business-rule', 'How urgent it is, the desk or the practitioner says.')
    checkArrival(row, byOf(row), { today: isToday(row, now), now, earlyMinutes: settings.early_minutes })
    const level = levelOf(said.priority ?? 'standard')
    const due = dueAt({ arrived: now, level, start: row.start_at }, settings.late_minutes)
    const entry = await enter(ctx, standsFor(row), {
      priority: level,
      priority_reason: said.priorityReason ?? null,
      due_at: due,
    })
    return { ...toAppointment(await become(ctx, row, 'arrived')), entry: toEntry(entry) }
  })
}

export function checkPriority({ priority = 'standard', priorityReason }: Said): void {
  if ((priority === 'standard') !== (priorityReason === undefined))
    throw new Problem('business-rule', 'A priority other than standard has a reason, and standard has none.')
}

type Urgency = Pick<EntryRow, 'priority' | 'priority_reason' | 'due_at'>

/** Whoever left, and comes back on the same day, has the number that they had. */
async function enter(ctx: Tx, row: Visit, urgency: Urgency): Promise<EntryRow> {
  const now = ctx.now()
  const before = await lockEntryOf(ctx.db, row.id)
  if (before)
    return updateEntry(
      ctx.db,
      before,
      { ...urgency, state: 'waiting', arrived_at: now, called_at: null, ended_at: null, reason: null },
      now,
    )
  const queue = await queueOf(ctx, row)
  return insertEntry(ctx.db, {
    id: newId(),
    queue_id: queue.id,
    issuer_id: queue.id,
    on_date: dateIn(queue.zone, now),
    appointment_id: row.id,
    patient_id: null,
    first_name: null,
    practitioner_id: row.practitioner_id,
    state: 'waiting',
    ...urgency,
    arrived_at: now,
  })
}

/** Nobody has to set up anything: a practitioner's first visit of all opens their queue at that place. */
async function queueOf(ctx: Tx, row: Visit): Promise<QueueRow> {
  const there = await queueForVisit(ctx.db, row.id)
  if (there) return there
  if (row.place_id !== null) await lockPlace(ctx.db, row.place_id)
  const minutes = Math.round((row.end_at.getTime() - row.start_at.getTime()) / 60_000)
  await openQueue(
    ctx.db,
    {
      id: newId(),
      place_id: row.place_id,
      zone: row.zone,
      letter: null,
      name: null,
      practitioner_id: row.practitioner_id,
      speciality: null,
      service: null,
      minutes: Math.min(Math.max(minutes, 5), 240),
    },
    ctx.now(),
  )
  const made = await queueForVisit(ctx.db, row.id)
  if (!made) throw new Error('A queue that was just opened is not there')
  return made
}
