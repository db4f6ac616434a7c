import { typesOf } from '#fhir/projection/projector.ts'
import { type Outline, operationsIn } from '#platform/outline.ts'
import * as scheduling from '../scheduling/contract.ts'
import * as accessLog from './contract/access-log.ts'
import * as administrators from './contract/administrators.ts'
import * as breakGlass from './contract/break-glass.ts'
import * as caregivers from './contract/caregivers.ts'
import * as consents from './contract/consents.ts'
import * as donors from './contract/donors.ts'
import * as duplicates from './contract/duplicates.ts'
import * as erasures from './contract/erasures.ts'
import * as exports from './contract/exports.ts'
import * as fhirAuditEvents from './contract/fhir/audit-events.ts'
import * as fhirConsents from './contract/fhir/consents.ts'
import * as fhirMatch from './contract/fhir/match.ts'
import * as fhir from './contract/fhir.ts'
import * as identifiers from './contract/identifiers.ts'
import * as imports from './contract/imports.ts'
import * as licences from './contract/licences.ts'
import * as mandates from './contract/mandates.ts'
import * as organisations from './contract/organisations.ts'
import * as patients from './contract/patients.ts'
import * as photos from './contract/photos.ts'
import * as places from './contract/places.ts'
import * as practitioners from './contract/practitioners.ts'
import * as registrations from './contract/registrations.ts'
import * as specialities from './contract/specialities.ts'
import * as contract from './contract.ts'
import { keeper } from './fhir/keeper.ts'
import { projector } from './projection/projector.ts'

export const outline: Outline = {
  name: 'registry',
  purpose:
    'Who and what exists: practitioners and their licences, patients, caregivers and mandates, places, specialities',
  resources: typesOf(projector),
  operations: operationsIn(
    contract,
    accessLog,
    administrators,
    breakGlass,
    caregivers,
    consents,
    donors,
    duplicates,
    erasures,
    exports,
    fhir,
    fhirAuditEvents,
    fhirConsents,
    fhirMatch,
    identifiers,
    imports,
    licences,
    mandates,
    organisations,
    patients,
    photos,
    places,
    practitioners,
    registrations,
    specialities,
  ),
  events: [
    contract.licenceEnding,
    contract.practitionerChanged,
    contract.placeChanged,
    contract.licenceVerified,
    contract.licenceRejected,
    contract.licenceRevoked,
    contract.mandateGranted,
    contract.mandateAccepted,
    contract.mandateEnding,
    contract.mandateRevoked,
    contract.glassBroken,
    contract.erasureRequested,
    contract.erasureClaimed,
    contract.exportReady,
    contract.patientMerged,
    contract.patientUnmerged,
  ],
  hears: [
    scheduling.appointmentBooked,
    scheduling.appointmentRescheduled,
    scheduling.appointmentCancelled,
    scheduling.unbookedCalled,
    scheduling.unbookedReturned,
  ],
  people: ['aboutPerson', 'erase'],
  keeper,
  migrations: new URL('./migrations/', import.meta.url),
}
