import type { Static } from 'typebox'
import type { Context } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import { toAppointment } from '../appointment-view.ts'
import type { Appointment } from '../contract/appointments.ts'
import type { UndoReason } from '../contract/queues.ts'
import type { SchedulingTables } from '../tables.ts'
import { lockEntryOf, updateEntry } from './queries/entries.ts'
import { checkFulfilment, checkNoShow, type State, stateAfter, statusBefore } from './states.ts'
import { become, isToday, lockAsStaff, standsFor } from './visit.ts'

type Ctx = Context<SchedulingTables>
type View = Static<typeof Appointment>

/** The visit took place. */
export async function fulfil(ctx: Ctx, id: string, version: number): Promise<View> {
  return transact(ctx, async (ctx) => {
    const row = await lockAsStaff(ctx, id, version)
    const now = ctx.now()
    checkFulfilment(row, now)
    const entry = await lockEntryOf(ctx.db, standsFor(row).id)
    if (entry) {
      const state = stateAfter(entry.state as State, 'finish', entry.called_at !== null)
      await updateEntry(ctx.db, entry, { state, ended_at: now, reason: null }, now)
    }
    return toAppointment(await become(ctx, row, 'fulfilled'))
  })
}

export async function miss(ctx: Ctx, id: string, version: number): Promise<View> {
  return transact(ctx, async (ctx) => {
    const row = await lockAsStaff(ctx, id, version)
    checkNoShow(row, ctx.now())
    return toAppointment(await become(ctx, row, 'noshow'))
  })
}

/** One step back; the entry in the queue goes back together with it. */
export async function undo(ctx: Ctx, id: string, reason: Static<typeof UndoReason>, version: number): Promise<View> {
  return transact(ctx, async (ctx) => {
    const row = await lockAsStaff(ctx, id, version)
    const now = ctx.now()
    const entry = await lockEntryOf(ctx.db, standsFor(row).id)
    const status = statusBefore(row, isToday(row, now), entry?.state as State | undefined)
    if (entry) {
      const state = stateAfter(entry.state as State, 'undo', entry.called_at !== null)
      const called_at = state === 'called' ? entry.called_at : null
      await updateEntry(ctx.db, entry, { state, called_at, ended_at: state === 'withdrawn' ? now : null, reason }, now)
    }
    return toAppointment(await become(ctx, row, status, reason))
  })
}
