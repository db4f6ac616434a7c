import { type Outline, operationsIn } from '#platform/outline.ts'
import { careTasksDue } from '../care-plans/contract/tasks.ts'
import { reviewDue } from '../care-plans/contract.ts'
import { messageSent } from '../consultations/contract.ts'
import { passwordChanged } from '../identity/contract.ts'
import * as registry from '../registry/contract.ts'
import * as scheduling from '../scheduling/contract.ts'
import * as messages from './contract/messages.ts'
import * as preferences from './contract/preferences.ts'
import * as push from './contract/push.ts'
import * as templates from './contract/templates.ts'
import * as webhooks from './contract/webhooks.ts'
import * as contract from './contract.ts'

export const outline: Outline = {
  name: 'notifications',
  purpose: 'Tells people what concerns them: in the app, by e-mail, by text and in the browser.',
  resources: [],
  operations: operationsIn(contract, messages, preferences, push, templates, webhooks),
  events: [],
  hears: [
    scheduling.appointmentBooked,
    scheduling.appointmentRescheduled,
    scheduling.appointmentCancelled,
    scheduling.seriesChanged,
    scheduling.appointmentArrived,
    scheduling.appointmentFulfilled,
    scheduling.appointmentMissed,
    scheduling.waitlistOfferMade,
    messageSent,
    careTasksDue,
    reviewDue,
    registry.mandateGranted,
    registry.mandateAccepted,
    registry.mandateEnding,
    registry.glassBroken,
    registry.mandateRevoked,
    registry.erasureRequested,
    registry.erasureClaimed,
    registry.exportReady,
    passwordChanged,
    registry.licenceVerified,
    registry.licenceEnding,
    registry.licenceRejected,
    registry.licenceRevoked,
    registry.patientMerged,
    registry.patientUnmerged,
  ],
  people: ['aboutPerson', 'erase'],
  migrations: new URL('./migrations/', import.meta.url),
}
