import { faultsIn } from '#fhir/projection/mend.ts'
import { typesOf } from '#fhir/projection/projector.ts'
import type { Service } from '#platform/service.ts'
import { aboutPerson } from './about-person.ts'
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
  placeChanged,
  practitionerChanged,
} from './contract.ts'
import type { Tables } from './database.ts'
import { erase } from './erase.ts'
import { keeper } from './fhir/keeper.ts'
import { jobs } from './jobs.ts'
import { metrics } from './metrics.ts'
import { projector } from './projection/projector.ts'
import { routes } from './routes.ts'
import { sealed } from './seal-identifiers.ts'
import { subscriptions } from './subscriptions.ts'

export const registry: Service<Tables> = {
  name: 'registry',
  purpose:
    'Who and what exists: practitioners and their licences, patients, caregivers and mandates, places, specialities',
  resources: typesOf(projector),
  routes,
  events: [
    licenceEnding,
    practitionerChanged,
    placeChanged,
    licenceVerified,
    licenceRejected,
    licenceRevoked,
    mandateGranted,
    mandateAccepted,
    mandateEnding,
    mandateRevoked,
    glassBroken,
    erasureRequested,
    erasureClaimed,
    exportReady,
    patientMerged,
    patientUnmerged,
  ],
  subscriptions,
  jobs,
  sealed,
  aboutPerson,
  erase,
  metrics,
  faults: faultsIn(projector),
  keeper,
  migrations: new URL('./migrations/', import.meta.url),
}
