import { Type } from 'typebox'
import {
  CalendarDate,
  Closed,
  event,
  Gender,
  Id,
  IdParams,
  Instant,
  Language,
  Line,
  operation,
  Zone,
} from '#platform/operation.ts'
import { SpecialityCode } from './contract/specialities.ts'

// What other rooms may know. The public doors are in contract/, by noun.

export const readPractitionerCard = operation({
  id: 'readPractitionerCard',
  method: 'GET',
  url: '/v1/practitioners/:id/card',
  summary: 'What other rooms mirror of a practitioner',
  description:
    'licensedFrom and licensedUntil are the period of verified licences that holds now or next; absent where there is none.',
  access: 'house',
  params: IdParams,
  response: Closed({
    id: Id,
    account: Type.Optional(Id),
    name: Line(300, 'Dr Amina Okello'),
    gender: Gender,
    languages: Type.Array(Language),
    specialities: Type.Array(SpecialityCode),
    licensedFrom: Type.Optional(Instant),
    licensedUntil: Type.Optional(Instant),
    organisation: Type.Optional(Type.String({ ...Id, description: 'At whose desk they were registered' })),
  }),
})

export const readPlaceCard = operation({
  id: 'readPlaceCard',
  method: 'GET',
  url: '/v1/places/:id/card',
  summary: 'What other rooms mirror of a place',
  access: 'house',
  params: IdParams,
  response: Closed({
    id: Id,
    name: Line(300, 'Harbour Clinic'),
    zone: Zone,
    latitude: Type.Number(),
    longitude: Type.Number(),
    organisation: Type.Optional(Type.String({ ...Id, description: 'Whose place it is' })),
  }),
})

export const readPatientCard = operation({
  id: 'readPatientCard',
  method: 'GET',
  url: '/v1/patients/:id/card',
  summary: 'What a message to or about a patient needs, and a plan for them',
  access: 'house',
  params: IdParams,
  response: Closed({
    id: Id,
    name: Line(300, 'Saba Tesfaye'),
    language: Language,
    zone: Zone,
    account: Type.Optional(Id),
  }),
})

export const readPatientNames = operation({
  id: 'readPatientNames',
  method: 'POST',
  url: '/v1/patients/names',
  summary: 'What patients are called; whoever asks has looked whether it may be shown, and audits that',
  access: 'house',
  idempotent: false,
  body: Closed({ patients: Type.Array(Id, { maxItems: 2_000 }) }),
  response: Closed({ items: Type.Array(Closed({ id: Id, name: Line(300, 'Saba Tesfaye') })) }),
})

export const readPatientFacts = operation({
  id: 'readPatientFacts',
  method: 'POST',
  url: '/v1/patients/facts',
  summary: 'In which groups of a report patients are; nothing by which one could be told from others',
  access: 'house',
  idempotent: false,
  body: Closed({ patients: Type.Array(Id, { maxItems: 2_000 }), at: CalendarDate }),
  response: Closed({
    items: Type.Array(Closed({ id: Id, gender: Gender, age: Type.String({ examples: ['18-39'] }) })),
  }),
})

export const practitionerChanged = event('Practitioner.changed', { practitioner: Id })
export const placeChanged = event('Place.changed', { place: Id })
const ofLicence = { licence: Id, practitioner: Id }
export const licenceVerified = event('Licence.verified', ofLicence)
export const licenceRejected = event('Licence.rejected', ofLicence)
/** Of one that had been verified. */
export const licenceRevoked = event('Licence.revoked', ofLicence)
export const licenceEnding = event('Licence.ending', {
  ...ofLicence,
  days: Type.Integer({ description: 'It ends within so many days' }),
})
const ofMandate = { mandate: Id, patient: Id, caregiver: Id }
export const mandateGranted = event('Mandate.granted', ofMandate)
export const mandateAccepted = event('Mandate.accepted', ofMandate)
export const mandateEnding = event('Mandate.ending', ofMandate)
export const glassBroken = event('BreakGlass.opened', { breakGlass: Id, patient: Id, practitioner: Id })
export const mandateRevoked = event('Mandate.revoked', ofMandate)
export const erasureRequested = event('Erasure.requested', { erasure: Id, account: Id })
export const erasureClaimed = event('Erasure.claimed', { erasure: Id, account: Id })
export const exportReady = event('Export.ready', { export: Id, account: Id })

export const readMergeCard = operation({
  id: 'readMergeCard',
  method: 'GET',
  url: '/v1/merges/:id/card',
  summary: 'How a merge of two patients stands now',
  access: 'house',
  params: IdParams,
  response: Closed({ id: Id, survivor: Id, replaced: Id, stands: Type.Boolean(), mergedAt: Instant }),
})

export const readErasureCard = operation({
  id: 'readErasureCard',
  method: 'GET',
  url: '/v1/erasures/:id/card',
  summary: 'What a message about an erasure needs to know',
  access: 'house',
  params: IdParams,
  response: Closed({ id: Id, waiting: Type.Boolean(), createdAt: Instant, dueAt: Instant }),
})

const Lines = Type.Array(Type.String({ description: 'A resource of FHIR R4, as JSON' }), { maxItems: 500 })

/** For an import: their Patient is in no store any more, as of somebody who never was one. */
export const findErasedPatients = operation({
  id: 'findErasedPatients',
  method: 'POST',
  url: '/v1/patients/erased',
  summary: 'Who of these was a patient, and has been erased',
  access: 'house',
  idempotent: false,
  body: Closed({ patients: Type.Array(Id, { maxItems: 1_000 }) }),
  response: Closed({ items: Type.Array(Id) }),
})

/** For an import: each under its own id, where that is free. */
export const takeResources = operation({
  id: 'takeResources',
  method: 'POST',
  url: '/v1/resources/taken',
  summary:
    'Registers patients, practitioners with their roles, organisations and places from FHIR R4, and says what became of each',
  access: 'house',
  body: Closed({ by: Type.Optional(Id), resources: Lines }),
  response: Closed({
    items: Type.Array(
      Closed({
        outcome: Type.Enum(['created', 'unchanged', 'refused']),
        fault: Type.Optional(Type.String()),
      }),
    ),
  }),
})

const ofMerge = { merge: Id, survivor: Id, replaced: Id }
export const patientMerged = event('Patient.merged', ofMerge)
export const patientUnmerged = event('Patient.unmerged', ofMerge)
