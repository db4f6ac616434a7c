import type { Resource } from '#fhir/resource.ts'
import type { Actor } from '#platform/auth.ts'
import type { KindName } from '../contract/entries.ts'
import {
  code,
  coded,
  concept,
  date,
  dosage,
  type Field,
  firstConcept,
  followedBy,
  inFirst,
  medicine,
  note,
  period,
  text,
  title,
} from './fields.ts'
import { resultValue } from './result-value.ts'

const HL7 = 'http://terminology.hl7.org/CodeSystem'

export interface Kind {
  name: KindName
  type: string
  fields: readonly Field[]
  /** Which element says that it was entered in error; the rest of what says how it stands goes. */
  retracted: Readonly<Record<string, unknown>>
  /** The search parameter by which what still holds is found, and its values. */
  holds: readonly [parameter: string, values: readonly string[]]
  /** Its list is in the order of when it was, the newest first. */
  byTime?: boolean
  /** Who writes it down, as the type says that. */
  recorder?: (practitioner: string) => Readonly<Record<string, unknown>>
  /** Who has, as the resource says. */
  by?: string
}

const inError = (system: string) => ({
  clinicalStatus: undefined,
  verificationStatus: { coding: [{ system: `${HL7}/${system}`, code: 'entered-in-error' }] },
})
const status = { status: 'entered-in-error' }
const recorder = (reference: string) => ({ recorder: { reference } })

export const kinds: Readonly<Record<KindName, Kind>> = {
  problems: {
    name: 'problems',
    type: 'Condition',
    fields: [
      followedBy(concept('what', 'code'), 'severity', 'stage', 'bodySite'),
      coded('status', 'clinicalStatus', `${HL7}/condition-clinical`),
      coded('verification', 'verificationStatus', `${HL7}/condition-ver-status`),
      date('onset', 'onset'),
      date('until', 'abatement', 'end'),
      note,
    ],
    retracted: inError('condition-ver-status'),
    holds: ['clinical-status', ['active', 'recurrence', 'relapse']],
    recorder,
    by: 'recorder',
  },
  allergies: {
    name: 'allergies',
    type: 'AllergyIntolerance',
    fields: [
      followedBy(concept('what', 'code'), 'category'),
      coded('status', 'clinicalStatus', `${HL7}/allergyintolerance-clinical`),
      coded('verification', 'verificationStatus', `${HL7}/allergyintolerance-verification`),
      code('type'),
      code('criticality'),
      date('onset', 'onset'),
      inFirst('reaction', followedBy(firstConcept('reaction', 'manifestation'), 'description')),
      inFirst('reaction', code('severity')),
      note,
    ],
    retracted: inError('allergyintolerance-verification'),
    holds: ['clinical-status', ['active']],
    recorder,
    by: 'recorder',
  },
  medicines: {
    name: 'medicines',
    type: 'MedicationStatement',
    fields: [
      medicine,
      followedBy(code('status'), 'statusReason'),
      period('from', 'effective', 'start'),
      period('until', 'effective', 'end'),
      dosage,
      note,
    ],
    retracted: status,
    holds: ['status', ['active', 'intended', 'on-hold']],
    recorder: (reference) => ({ informationSource: { reference } }),
    by: 'informationSource',
  },
  immunisations: {
    name: 'immunisations',
    type: 'Immunization',
    fields: [
      followedBy(concept('what', 'vaccineCode'), 'manufacturer', 'doseQuantity', 'protocolApplied'),
      code('status'),
      date('on', 'occurrence'),
      followedBy(text('lot', 'lotNumber'), 'expirationDate'),
      concept('reason', 'statusReason'),
      note,
    ],
    retracted: status,
    holds: ['status', ['completed']],
    byTime: true,
  },
  results: {
    name: 'results',
    type: 'Observation',
    fields: [
      followedBy(concept('what', 'code'), 'interpretation', 'referenceRange'),
      code('status'),
      date('at', 'effective'),
      followedBy(resultValue, 'interpretation', 'issued'),
      note,
    ],
    retracted: status,
    holds: ['status', ['registered', 'preliminary', 'final', 'amended', 'corrected']],
    byTime: true,
  },
  procedures: {
    name: 'procedures',
    type: 'Procedure',
    fields: [
      followedBy(concept('what', 'code'), 'bodySite'),
      followedBy(code('status'), 'statusReason'),
      date('on', 'performed'),
      concept('outcome', 'outcome'),
      note,
    ],
    retracted: status,
    holds: ['status', ['preparation', 'in-progress', 'on-hold', 'completed']],
    byTime: true,
    recorder,
    by: 'recorder',
  },
  documents: {
    name: 'documents',
    type: 'DocumentReference',
    fields: [concept('what', 'type'), title, code('status'), text('on', 'date')],
    retracted: status,
    holds: ['status', ['current']],
    byTime: true,
    recorder: (reference) => ({ author: [{ reference }] }),
  },
}

export const kindOf = (type: string): Kind | undefined => Object.values(kinds).find((kind) => kind.type === type)

/** Of whoever asks, as records name them. */
export const practitionerIn = ({ self }: Actor): string | undefined =>
  self.practitioner && `Practitioner/${self.practitioner}`

export const isRetracted = ({ status: of, verificationStatus }: Resource): boolean =>
  of === 'entered-in-error' ||
  ((verificationStatus as { coding?: { code?: string }[] } | undefined)?.coding ?? []).some(
    (one) => one.code === 'entered-in-error',
  )
