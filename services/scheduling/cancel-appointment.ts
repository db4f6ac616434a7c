import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { publish } from '#platform/events.ts'
import { transact } from '#platform/transaction.ts'
import { toAppointment } from './appointment-view.ts'
import { checkCancels, checkOpen, checkOwnChange } from './booking-rules.ts'
import { byLink } from './by-link.ts'
import type { Appointment, cancelAppointment as contract } from './contract/appointments.ts'
import { appointmentCancelled } from './contract.ts'
import { lockOwn } from './lock-own.ts'
import { showVisits } from './projection/show-visits.ts'
import { type AppointmentRow, cancel, type LockedAppointment, lockClaimed, whole } from './queries/booking.ts'
import { countVisits } from './service-limits.ts'
import type { SchedulingTables } from './tables.ts'
import { freed } from './waitlist/freed.ts'

export type Cancellation = Static<typeof contract.body>

/** Cancels with a coded reason, and frees the time in the same transaction. The appointment itself stays, as a fact. */
export async function cancelAppointment(
  ctx: Context<SchedulingTables>,
  id: string,
  given: Cancellation,
  version: number,
): Promise<Static<typeof Appointment>> {
  return transact(ctx, async (ctx) => toAppointment(await cancelWithin(ctx, id, given, version)))
}

/** The same as a part of a transaction. */
export async function cancelWithin(
  ctx: TransactionContext<SchedulingTables>,
  id: string,
  { reason, note }: Cancellation,
  version: number,
): Promise<AppointmentRow> {
  await lockClaimed(ctx.db, id, null)
  const row = await lockOwn(ctx, id, version)
  checkOpen(row, ctx.now())
  checkCancels(row)
  const [own, ...others] = whole(row)
  for (const part of [own, ...others]) checkOwnChange(part, 'cancel', ctx.now())
  for (const part of others) cancelLocked(ctx, part, reason, note ?? null)
  return cancelLocked(ctx, own, reason, note ?? null)
}

/** One that is locked, and may be cancelled. `series`: the change is one of many, which are told of together. */
export function cancelLocked(
  ctx: TransactionContext<SchedulingTables>,
  row: LockedAppointment,
  reason: string,
  note: string | null,
  series?: string,
): AppointmentRow {
  const { id, patient_id: patient, practitioner_id: practitioner, via: relationship } = row
  const now = ctx.now()
  ctx.atCommit(cancel(id, reason, note, now))
  countVisits(ctx, row)
  freed(ctx, row)
  audit(ctx, {
    action: 'U',
    entity: `Appointment/${id}`,
    subject: `Patient/${patient}`,
    relationship,
    ...byLink(ctx, reason),
  })
  const by = accountOf(ctx)
  publish(ctx, appointmentCancelled, { appointment: id, patient, practitioner, by, ...(series && { series }) })
  const cancelled = {
    ...row,
    status: 'cancelled',
    cancel_reason: reason,
    cancel_note: note,
    sequence: row.sequence + 1,
    version: row.version + 1,
    updated_at: now,
  }
  showVisits(ctx, [cancelled])
  return cancelled
}
