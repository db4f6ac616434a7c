import { on, type Subscription } from '#platform/events.ts'
import {
  licenceRejected,
  licenceVerified,
  mandateGranted,
  mandateRevoked,
  patientMerged,
  patientUnmerged,
} from '../registry/contract.ts'
import { appointmentBooked, appointmentCancelled, appointmentRescheduled } from '../scheduling/contract.ts'
import { followMerge } from './follow-merge.ts'
import type { NotificationsTables } from './tables.ts'
import { tellOfAppointment } from './tell-of-appointment.ts'
import { tellOfLicence } from './tell-of-licence.ts'
import { tellOfMandate } from './tell-of-mandate.ts'

export const subscriptions: readonly Subscription<NotificationsTables>[] = [
  on(appointmentBooked, (ctx, { appointment }) => tellOfAppointment(ctx, 'booked', appointment)),
  on(appointmentRescheduled, (ctx, { appointment }) => tellOfAppointment(ctx, 'rescheduled', appointment)),
  on(appointmentCancelled, (ctx, { appointment }) => tellOfAppointment(ctx, 'cancelled', appointment)),
  on(mandateGranted, (ctx, event) => tellOfMandate(ctx, 'granted', event)),
  on(mandateRevoked, (ctx, event) => tellOfMandate(ctx, 'revoked', event)),
  on(licenceVerified, (ctx, event) => tellOfLicence(ctx, 'verified', event)),
  on(licenceRejected, (ctx, event) => tellOfLicence(ctx, 'rejected', event)),
  on(patientMerged, followMerge),
  on(patientUnmerged, followMerge),
]
