import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf, practising } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { publish } from '#platform/events.ts'
import { newId } from '#platform/ids.ts'
import { transact } from '#platform/transaction.ts'
import { clockIn } from '#platform/wall-clock.ts'
import { toAppointment } from './appointment-view.ts'
import { type Bookable, checkBooking, type Wish } from './booking-rules.ts'
import { channelOf } from './channel.ts'
import { orConflict } from './conflict.ts'
import type { Appointment, bookAppointment as contract } from './contract/appointments.ts'
import { appointmentBooked } from './contract.ts'
import { keeperOf } from './own-calendar.ts'
import { showVisits } from './projection/show-visits.ts'
import {
  type AppointmentRow,
  bookingFacts,
  confirmHold,
  type FactsRow,
  insertAppointment,
  meetWishes,
  type NewAppointmentRow,
} from './queries/booking.ts'
import { keepsCalendar } from './queries/schedules.ts'
import { countVisits } from './service-limits.ts'
import type { SchedulingTables } from './tables.ts'

type Ctx = Context<SchedulingTables>
type Tx = TransactionContext<SchedulingTables>
type Request = Omit<Static<typeof contract.body>, 'participants'>

/** Books a visit: confirms a hold, or takes a free time at once. The rules are in booking-rules.ts; overlaps the database refuses. */
export async function bookAppointment(ctx: Ctx, request: Request): Promise<Static<typeof Appointment>> {
  const { hold, practitioner, patient, start, mode, service, overbook, channel, reason } = request
  if (hold !== undefined && (practitioner ?? patient ?? start ?? mode ?? service ?? overbook ?? channel) !== undefined)
    throw new Problem('business-rule', 'Name either a hold, or practitioner, patient and start; not both.')
  if (hold !== undefined) return bookHold(ctx, { hold, reason: reason ?? null })
  if (practitioner === undefined || patient === undefined || start === undefined)
    throw new Problem('business-rule', 'Name a hold, or practitioner, patient and start.')
  const wish = { practitioner, patient, start: new Date(start), mode, service, overbook, channel }
  return orConflict(ctx, { ...wish, fresh: true }, () =>
    transact(ctx, async (ctx) => {
      const row = await claimTime(ctx, wish, { status: 'booked', reason: reason ?? null, held_until: null })
      return announce(ctx, row)
    }),
  )
}

/** Where a patient is named, only one that is held for them. */
export async function bookHold(
  ctx: Ctx,
  { hold, patient, reason }: { hold: string; patient?: string | undefined; reason: string | null },
): Promise<Static<typeof Appointment>> {
  return transact(ctx, async (ctx) => {
    const row = await confirmHold(ctx.db, { hold, patient, account: accountOf(ctx), reason, now: ctx.now() })
    if (!row)
      throw new Problem('not-found', 'There is no such hold of yours, or it has lapsed. Hold the slot again.', {
        reason: 'no-hold',
      })
    ctx.atCommit(meetWishes(row, clockIn(row.zone, row.start_at), ctx.now()))
    showVisits(ctx, [row])
    return announce(ctx, row)
  })
}

/** `series`: the change is one of many, which are told of together. */
export function announce(ctx: Tx, row: AppointmentRow, series?: string) {
  const { id: appointment, patient_id: patient, practitioner_id: practitioner, relationship } = row
  audit(ctx, {
    action: 'C',
    entity: `Appointment/${appointment}`,
    subject: `Patient/${patient}`,
    relationship,
    ...(row.overbooked !== null && { reason: 'overbooked' }),
  })
  publish(ctx, appointmentBooked, { appointment, patient, practitioner, by: accountOf(ctx), ...(series && { series }) })
  return toAppointment(row)
}

/** What it is to be, and which visit of a series. */
type As = Pick<AppointmentRow, 'status' | 'reason' | 'held_until'> &
  Partial<Pick<AppointmentRow, 'series_id' | 'series_number'>>

/**
 * Checks the rules under the practitioner's lock and claims practitioner, patient and room. The claim travels with COMMIT: three round
 * trips in all, with the caller's own look-up.
 */
export async function claimTime(
  ctx: Tx,
  wish: Wish & { practitioner: string; patient: string },
  as: As,
): Promise<AppointmentRow> {
  const account = accountOf(ctx)
  const now = ctx.now()
  const { practitioner, patient, start, service, hold, overbook } = wish
  if (overbook !== undefined) await checkOverbooks(ctx, practitioner)
  const who = { account, patient, practitioner, practising: practising(ctx) }
  const facts = await bookingFacts(ctx.db, { ...who, start, now, hold, service })
  checkBooking(facts, wish, now)
  const row = { ...rowOf(account, wish, facts), ...as }
  if (row.status === 'booked') ctx.atCommit(meetWishes(row, clockIn(row.zone, start), now))
  ctx.atCommit(insertAppointment(row, facts, now))
  countVisits(ctx, row, true)
  const made = asInserted(row, now)
  if (row.status === 'booked') showVisits(ctx, [made])
  return made
}

/** By what is wanted, and known where it is to be. */
export const rowOf = (
  account: string,
  { practitioner, patient, start, mode, overbook, channel }: Wish & { practitioner: string; patient: string },
  facts: FactsRow & Bookable,
) => ({
  id: newId(),
  practitioner_id: practitioner,
  patient_id: patient,
  schedule_id: facts.schedule_id,
  place_id: facts.place_id,
  resources: facts.seats > 1 ? [] : facts.resources,
  service_id: facts.service_id,
  mode: mode ?? (facts.modes[0] as string),
  zone: facts.zone as string,
  category: facts.category,
  start_at: start,
  end_at: new Date(start.getTime() + facts.minutes * 60_000),
  made_by: account,
  relationship: facts.relationship,
  overbooked: overbook ?? null,
  channel: channelOf(facts.relationship, channel),
})

/** As it will be read. */
export const asInserted = (row: NewAppointmentRow & Pick<AppointmentRow, 'category'>, now: Date): AppointmentRow => ({
  series_id: null,
  series_number: null,
  together: null,
  given_by: null,
  ...row,
  cancel_reason: null,
  cancel_note: null,
  confirmed_at: null,
  moves: 0,
  sequence: 0,
  version: 1,
  created_at: now,
  updated_at: now,
})

/** Time that is taken is given a second time by who answers for the day: the practitioner, or the desk that places their hours. */
async function checkOverbooks(ctx: Tx, practitioner: string): Promise<void> {
  if (!(await keepsCalendar(ctx.db, practitioner, keeperOf(ctx))))
    throw new Problem('forbidden', 'Only the practitioner, or the desk that places their hours, may overbook.', {
      reason: 'may-not-overbook',
    })
}
