import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { TransactionContext } from '#platform/context.ts'
import { publish } from '#platform/events.ts'
import { byLink } from './by-link.ts'
import { appointmentRescheduled } from './contract.ts'
import type { LockedAppointment } from './queries/booking.ts'
import type { SchedulingTables } from './tables.ts'

export interface Moved {
  reason?: string | undefined
  /** The change is one of many, which are told of together. */
  series?: string | undefined
}

/** Writes it into the audit, and tells other rooms. */
export function tellMoved(
  ctx: TransactionContext<SchedulingTables>,
  { id: appointment, patient_id: patient, practitioner_id: practitioner, via: relationship }: LockedAppointment,
  { reason, series }: Moved,
): void {
  const subject = `Patient/${patient}`
  audit(ctx, { action: 'U', entity: `Appointment/${appointment}`, subject, relationship, ...byLink(ctx, reason) })
  const by = accountOf(ctx)
  publish(ctx, appointmentRescheduled, { appointment, patient, practitioner, by, ...(series && { series }) })
}
