import { projectedBy } from '#fhir/projection/projected.ts'
import type { Projector, Source } from '#fhir/projection/projector.ts'
import type { Tables } from '../database.ts'
import * as queries from './queries.ts'
import * as fhir from './to-fhir.ts'

type Of = Source<Tables>['of']

const stateOf = (erased: boolean) => (erased ? 'gone' : 'shown')

const practitioners =
  (elements: typeof fhir.practitionerElements): Of =>
  async ({ db, config }, ids) =>
    (await queries.practitionerFacts(db, ids)).map((row) => ({
      ...{ id: row.id, state: fhir.practitionerState(row), withoutPast: row.erased },
      elements: elements(row, config.PUBLIC_URL),
    }))

export const projector: Projector<Tables> = {
  sources: {
    Patient: {
      table: 'patient',
      of: async ({ db, config }, ids) =>
        (await queries.patientFacts(db, ids)).map((row) => ({
          ...{ id: row.id, state: stateOf(row.erased), survivor: row.survivor ?? undefined },
          elements: fhir.patientElements(row, config.PUBLIC_URL),
        })),
    },
    RelatedPerson: {
      table: 'mandate',
      of: async ({ db }, ids) =>
        (await queries.mandateFacts(db, ids)).map((row) => ({
          ...{ id: row.id, withoutPast: row.caregiver_erased },
          state: row.patient_erased ? 'gone' : row.known ? 'shown' : 'hidden',
          elements: fhir.relatedPersonElements(row),
        })),
    },
    Practitioner: { table: 'practitioner', of: practitioners(fhir.practitionerElements) },
    PractitionerRole: { table: 'practitioner', of: practitioners(fhir.practitionerRoleElements) },
    Organization: {
      table: 'organisation',
      of: async ({ db, config }, ids) =>
        (await queries.organisationFacts(db, ids)).map((row) => ({
          ...{ id: row.id, state: 'shown' },
          elements: fhir.organisationElements(row, config.PUBLIC_URL),
        })),
    },
    Location: {
      table: 'place',
      of: async ({ db, config }, ids) =>
        (await queries.placeFacts(db, ids)).map((row) => ({
          ...{ id: row.id, state: 'shown' },
          elements: fhir.locationElements(row, config.PUBLIC_URL),
        })),
    },
  },
}

/** A transaction that changes what the FHIR store shows of this room. */
export const projected = projectedBy(projector)
