import type { Service } from '#platform/service.ts'
import {
  licenceRejected,
  licenceVerified,
  mandateGranted,
  mandateRevoked,
  patientMerged,
  patientUnmerged,
  placeChanged,
  practitionerChanged,
} from './contract.ts'
import type { Tables } from './database.ts'
import { jobs } from './jobs.ts'
import { metrics } from './metrics.ts'
import { routes } from './routes.ts'
import { subscriptions } from './subscriptions.ts'

export const registry: Service<Tables> = {
  name: 'registry',
  purpose:
    'Who and what exists: practitioners and their licences, patients, caregivers and mandates, places, specialities',
  resources: ['Practitioner', 'Patient', 'RelatedPerson', 'Location'],
  routes,
  events: [
    practitionerChanged,
    placeChanged,
    licenceVerified,
    licenceRejected,
    mandateGranted,
    mandateRevoked,
    patientMerged,
    patientUnmerged,
  ],
  subscriptions,
  jobs,
  metrics,
  migrations: new URL('./migrations/', import.meta.url),
}
