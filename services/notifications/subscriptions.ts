import { on, type Subscription } from '#platform/events.ts'
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
  appointmentBooked,
  appointmentCancelled,
  appointmentRescheduled,
  seriesChanged,
  waitlistOfferMade,
} from '../scheduling/contract.ts'
import type { NotificationsTables } from './tables.ts'
import { tellOfAppointment } from './tell-of-appointment.ts'
import { tellOfEmergency } from './tell-of-emergency.ts'
import { tellOfLicence } from './tell-of-licence.ts'
import { tellOfMandate } from './tell-of-mandate.ts'
import { tellOfMerge } from './tell-of-merge.ts'
import { tellOfOffer } from './tell-of-offer.ts'
import { tellOfClaimedErasure, tellOfPrivacy } from './tell-of-privacy.ts'
import { tellOfSeries } from './tell-of-series.ts'

export const subscriptions: readonly Subscription<NotificationsTables>[] = [
  on(appointmentBooked, (ctx, event) => tellOfAppointment(ctx, 'booked', event)),
  on(appointmentRescheduled, (ctx, event) => tellOfAppointment(ctx, 'rescheduled', event)),
  on(appointmentCancelled, (ctx, event) => tellOfAppointment(ctx, 'cancelled', event)),
  on(seriesChanged, tellOfSeries),
  on(waitlistOfferMade, tellOfOffer),
  on(mandateGranted, (ctx, event) => tellOfMandate(ctx, 'granted', event)),
  on(mandateAccepted, (ctx, event) => tellOfMandate(ctx, 'accepted', event)),
  on(mandateEnding, (ctx, event) => tellOfMandate(ctx, 'ending', event)),
  on(glassBroken, (ctx, event) => tellOfEmergency(ctx, event)),
  on(mandateRevoked, (ctx, event) => tellOfMandate(ctx, 'revoked', event)),
  on(erasureRequested, (ctx, { erasure, account }) =>
    tellOfPrivacy(ctx, 'erasure-requested', account, `Erasure/${erasure}`),
  ),
  on(erasureClaimed, tellOfClaimedErasure),
  on(exportReady, (ctx, { export: id, account }) => tellOfPrivacy(ctx, 'export-ready', account, `Export/${id}`)),
  on(passwordChanged, (ctx, { account }) => tellOfPrivacy(ctx, 'password-changed', account, `Account/${account}`)),
  on(licenceVerified, (ctx, event) => tellOfLicence(ctx, 'verified', event)),
  on(licenceEnding, (ctx, { days, ...event }) => tellOfLicence(ctx, 'ending', event, { days })),
  on(licenceRejected, (ctx, event) => tellOfLicence(ctx, 'rejected', event)),
  on(licenceRevoked, (ctx, event) => tellOfLicence(ctx, 'revoked', event)),
  on(patientMerged, (ctx, event) => tellOfMerge(ctx, 'merged', event)),
  on(patientUnmerged, (ctx, event) => tellOfMerge(ctx, 'unmerged', event)),
]
