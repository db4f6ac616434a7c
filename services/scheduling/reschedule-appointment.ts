import type { Static } from 'typebox'
import { accountOf } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import { toAppointment } from './appointment-view.ts'
import { checkBooking, checkOpen, checkOwnChange, isOwn } from './booking-rules.ts'
import { type Channel, channelOf } from './channel.ts'
import { orConflict } from './conflict.ts'
import type { Appointment, rescheduleAppointment as contract } from './contract/appointments.ts'
import { lockOwn } from './lock-own.ts'
import { showVisits } from './projection/show-visits.ts'
import { appointmentOf } from './queries/appointments.ts'
import {
  type AppointmentRow,
  bookingFacts,
  type LockedAppointment,
  lockClaimed,
  moveAppointment,
  whole,
} from './queries/booking.ts'
import { givenBy } from './queries/together.ts'
import { countVisits } from './service-limits.ts'
import type { SchedulingTables } from './tables.ts'
import { type Moved, tellMoved } from './tell-moved.ts'
import { orCommonTimes } from './together/common-times.ts'
import { moveWhole } from './together/move-whole.ts'
import { freed } from './waitlist/freed.ts'

/** Moves a visit to another time with the same practitioner, or all who give it together. The old time is given up only when the new one is won. */
export async function rescheduleAppointment(
  ctx: Context<SchedulingTables>,
  id: string,
  { start: wanted, mode, channel, reason }: Static<typeof contract.body>,
  version: number,
): Promise<Static<typeof Appointment>> {
  const start = new Date(wanted)
  const known = await appointmentOf(ctx.db, id)
  const wish = { patient: known?.patient_id ?? id, start, mode }
  const attempt = () =>
    transact(ctx, async (ctx) => {
      await lockClaimed(ctx.db, id, start)
      const row = await lockOwn(ctx, id, version)
      checkOpen(row, ctx.now())
      for (const part of whole(row)) checkOwnChange(part, 'move', ctx.now())
      const move = { start, mode, channel, reason }
      return toAppointment(await (row.together === null ? moveLocked(ctx, row, move) : moveWhole(ctx, row, move)))
    })
  if (known?.together)
    return orCommonTimes(ctx, { ...wish, participants: await givenBy(ctx.db, known.together) }, attempt)
  return orConflict(ctx, { ...wish, practitioner: known?.practitioner_id ?? id, service: known?.service_id }, attempt)
}

interface Move extends Moved {
  start: Date
  mode?: string | undefined
  channel?: Channel | undefined
}

/** One that is locked, and may be moved. */
export async function moveLocked(
  ctx: TransactionContext<SchedulingTables>,
  row: LockedAppointment,
  { start, mode, channel, reason, series }: Move,
): Promise<AppointmentRow> {
  const account = accountOf(ctx)
  const now = ctx.now()
  const facts = await bookingFacts(ctx.db, {
    account,
    patient: row.patient_id,
    practitioner: row.practitioner_id,
    start,
    now,
    service: row.service_id,
  })
  const allowed = { ...facts, relationship: row.via }
  checkBooking(allowed, { start, mode: mode ?? row.mode, service: row.service_id }, now)
  const end_at = new Date(start.getTime() + allowed.minutes * 60_000)
  const to = {
    ...row,
    schedule_id: allowed.schedule_id,
    place_id: facts.place_id,
    resources: facts.seats > 1 ? [] : facts.resources,
    overbooked: null,
    service_id: facts.service_id,
    mode: mode ?? row.mode,
    channel: channelOf(row.via, channel),
    zone: facts.zone as string,
    category: facts.category,
    start_at: start,
    end_at,
    moves: row.moves + (isOwn(row.via) ? 1 : 0),
  }
  for (const statement of moveAppointment(to, facts, now)) ctx.atCommit(statement)
  countVisits(ctx, row)
  freed(ctx, row)
  countVisits(ctx, to, true)
  tellMoved(ctx, row, { reason, series })
  const moved = { ...to, confirmed_at: null, sequence: row.sequence + 1, version: row.version + 1, updated_at: now }
  showVisits(ctx, [moved])
  return moved
}
