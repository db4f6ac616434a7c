import type { Static, TObject } from 'typebox'
import type { Context } from '#platform/context.ts'
import { on, type Subscription } from '#platform/events.ts'
import type { EventSpec } from '#platform/operation.ts'
import { careTasksDue } from '../care-plans/contract/tasks.ts'
import { reviewDue } from '../care-plans/contract.ts'
import { messageSent } from '../consultations/contract.ts'
import { passwordChanged } from '../identity/contract.ts'
import {
  erasureClaimed,
  erasureRequested,
  exportReady,
  glassBroken,
  licenceEnding,
  licenceRejected,
  licenceRevoked,
  licenceVerified,
  mandateAccepted,
  mandateEnding,
  mandateGranted,
  mandateRevoked,
  patientMerged,
  patientUnmerged,
} from '../registry/contract.ts'
import {
  appointmentArrived,
  appointmentBooked,
  appointmentCancelled,
  appointmentFulfilled,
  appointmentMissed,
  appointmentRescheduled,
  seriesChanged,
  waitlistOfferMade,
} from '../scheduling/contract.ts'
import type { WebhookEvent } from './contract/webhooks.ts'
import type { NotificationsTables } from './tables.ts'
import { tellOfAppointment } from './tell-of-appointment.ts'
import { tellOfCareTasks } from './tell-of-care-tasks.ts'
import { tellOfEmergency } from './tell-of-emergency.ts'
import { tellOfLicence } from './tell-of-licence.ts'
import { tellOfMandate } from './tell-of-mandate.ts'
import { tellOfMerge } from './tell-of-merge.ts'
import { tellOfOffer } from './tell-of-offer.ts'
import { tellOfClaimedErasure, tellOfPrivacy } from './tell-of-privacy.ts'
import { tellOfReview } from './tell-of-review.ts'
import { tellOfSeries } from './tell-of-series.ts'
import { tellOfThread } from './tell-of-thread.ts'
import { tellSystems } from './webhooks/deliveries.ts'

type Ctx = Context<NotificationsTables>

/** Other systems are told which record it is about, and people what they need to know. */
function both<P extends TObject>(
  event: EventSpec<P>,
  resourceOf: (payload: Static<P>) => string,
  tell: (ctx: Ctx, payload: Static<P>) => Promise<void> = async () => {},
): Subscription<NotificationsTables> {
  return on(event, async (ctx: Ctx, payload) => {
    await tellSystems(ctx, event.name as WebhookEvent, resourceOf(payload))
    await tell(ctx, payload)
  })
}

const visit = ({ appointment }: { appointment: string }) => `Appointment/${appointment}`
const licenceIn = ({ licence }: { licence: string }) => `Licence/${licence}`
const mandateIn = ({ mandate }: { mandate: string }) => `Mandate/${mandate}`
const mergeIn = ({ merge }: { merge: string }) => `Merge/${merge}`

export const subscriptions: readonly Subscription<NotificationsTables>[] = [
  both(appointmentBooked, visit, (ctx, event) => tellOfAppointment(ctx, 'booked', event)),
  both(appointmentRescheduled, visit, (ctx, event) => tellOfAppointment(ctx, 'rescheduled', event)),
  both(appointmentCancelled, visit, (ctx, event) => tellOfAppointment(ctx, 'cancelled', event)),
  on(seriesChanged, tellOfSeries),
  both(appointmentArrived, visit),
  both(appointmentFulfilled, visit),
  both(appointmentMissed, visit),
  on(waitlistOfferMade, tellOfOffer),
  on(messageSent, tellOfThread),
  on(careTasksDue, tellOfCareTasks),
  on(reviewDue, tellOfReview),
  on(mandateGranted, (ctx, event) => tellOfMandate(ctx, 'granted', event)),
  both(mandateAccepted, mandateIn, (ctx, event) => tellOfMandate(ctx, 'accepted', event)),
  on(mandateEnding, (ctx, event) => tellOfMandate(ctx, 'ending', event)),
  on(glassBroken, (ctx, event) => tellOfEmergency(ctx, event)),
  both(mandateRevoked, mandateIn, (ctx, event) => tellOfMandate(ctx, 'revoked', event)),
  on(erasureRequested, (ctx, { erasure, account }) =>
    tellOfPrivacy(ctx, 'erasure-requested', account, `Erasure/${erasure}`),
  ),
  on(erasureClaimed, tellOfClaimedErasure),
  on(exportReady, (ctx, { export: id, account }) => tellOfPrivacy(ctx, 'export-ready', account, `Export/${id}`)),
  on(passwordChanged, (ctx, { account }) => tellOfPrivacy(ctx, 'password-changed', account, `Account/${account}`)),
  both(licenceVerified, licenceIn, (ctx, event) => tellOfLicence(ctx, 'verified', event)),
  on(licenceEnding, (ctx, { days, ...event }) => tellOfLicence(ctx, 'ending', event, { days })),
  on(licenceRejected, (ctx, event) => tellOfLicence(ctx, 'rejected', event)),
  both(licenceRevoked, licenceIn, (ctx, event) => tellOfLicence(ctx, 'revoked', event)),
  both(patientMerged, mergeIn, (ctx, event) => tellOfMerge(ctx, 'merged', event)),
  both(patientUnmerged, mergeIn, (ctx, event) => tellOfMerge(ctx, 'unmerged', event)),
]
