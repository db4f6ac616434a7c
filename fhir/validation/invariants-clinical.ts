import type { Invariant } from './invariant.ts'
import { has, hasChoice, hasCode, isInOrder, list, type Members } from './members.ts'

// Of what is known about people and those who care for them: the page of each type, under Constraints.

const ALLERGY = 'http://terminology.hl7.org/CodeSystem/allergyintolerance-verification'
const CONDITION = 'http://terminology.hl7.org/CodeSystem/condition'

/** By the whole of a coding, as FHIRPath compares; once over each list. */
function isRepeatedInComponents({ code, component }: Members): boolean {
  const keys = (concept: unknown) => list((concept as Members).coding).map(keyOf)
  const own = new Set(keys(code))
  return list(component).some((one) => keys(one.code).some((key) => own.has(key)))
}

const keyOf = ({ system, version, code, display }: Members) => JSON.stringify([system, version, code, display])

export const clinical: readonly Invariant[] = [
  {
    ...{
      key: 'ait-1',
      on: 'AllergyIntolerance',
      says: 'clinicalStatus must be there, unless it was entered in error.',
    },
    holds: (it) => hasCode(it.verificationStatus, ALLERGY, 'entered-in-error') || has(it, 'clinicalStatus'),
  },
  {
    ...{ key: 'ait-2', on: 'AllergyIntolerance', says: 'what was entered in error has no clinicalStatus.' },
    holds: (it) => !hasCode(it.verificationStatus, ALLERGY, 'entered-in-error') || !has(it, 'clinicalStatus'),
  },
  {
    ...{ key: 'con-1', on: 'Condition.stage', says: 'a summary or an assessment must be there.' },
    holds: (it) => has(it, 'summary') || has(it, 'assessment'),
  },
  {
    ...{ key: 'con-2', on: 'Condition.evidence', says: 'a code or a detail must be there.' },
    holds: (it) => has(it, 'code') || has(it, 'detail'),
  },
  {
    ...{ key: 'con-4', on: 'Condition', says: 'what has abated is inactive, resolved or in remission.' },
    holds: (it) =>
      !hasChoice(it, 'abatement') ||
      hasCode(it.clinicalStatus, `${CONDITION}-clinical`, 'resolved', 'remission', 'inactive'),
  },
  {
    ...{ key: 'con-5', on: 'Condition', says: 'what was entered in error has no clinicalStatus.' },
    holds: (it) =>
      !hasCode(it.verificationStatus, `${CONDITION}-ver-status`, 'entered-in-error') || !has(it, 'clinicalStatus'),
  },
  {
    ...{ key: 'cpl-3', on: 'CarePlan.activity', says: 'either a detail or a reference.' },
    holds: (it) => !has(it, 'detail') || !has(it, 'reference'),
  },
  {
    ...{ key: 'fhs-1', on: 'FamilyMemberHistory', says: 'either an age or a birth.' },
    holds: (it) => !hasChoice(it, 'age') || !hasChoice(it, 'born'),
  },
  {
    ...{ key: 'fhs-2', on: 'FamilyMemberHistory', says: 'estimatedAge needs an age.' },
    holds: (it) => hasChoice(it, 'age') || !has(it, 'estimatedAge'),
  },
  {
    ...{ key: 'gol-1', on: 'Goal.target', says: 'a detail needs its measure.' },
    holds: (it) => !hasChoice(it, 'detail') || has(it, 'measure'),
  },
  {
    ...{ key: 'imm-1', on: 'Immunization.education', says: 'a documentType or a reference must be there.' },
    holds: (it) => has(it, 'documentType') || has(it, 'reference'),
  },
  {
    ...{ key: 'mad-1', on: 'MedicationAdministration.dosage', says: 'a dose or a rate must be there.' },
    holds: (it) => has(it, 'dose') || hasChoice(it, 'rate'),
  },
  {
    ...{ key: 'mdd-1', on: 'MedicationDispense', says: 'whenHandedOver is not before whenPrepared.' },
    holds: ({ whenPrepared, whenHandedOver }) => isInOrder(whenPrepared, whenHandedOver),
  },
  {
    ...{ key: 'obs-3', on: 'Observation.referenceRange', says: 'low, high or a text must be there.' },
    holds: (it) => has(it, 'low') || has(it, 'high') || has(it, 'text'),
  },
  {
    ...{ key: 'obs-6', on: 'Observation', says: 'dataAbsentReason is only there without a value.' },
    holds: (it) => !has(it, 'dataAbsentReason') || !hasChoice(it, 'value'),
  },
  {
    ...{
      key: 'obs-7',
      on: 'Observation',
      says: 'the value of a component with the same code stands in the component alone.',
    },
    holds: (it) => !has(it, 'component') || !hasChoice(it, 'value') || !isRepeatedInComponents(it),
  },
  {
    ...{ key: 'pat-1', on: 'Patient.contact', says: 'a name, a telecom, an address or an organization must be there.' },
    holds: (it) => has(it, 'name') || has(it, 'telecom') || has(it, 'address') || has(it, 'organization'),
  },
  {
    ...{ key: 'ras-2', on: 'RiskAssessment.prediction', says: 'a probability is at most 100.' },
    holds: ({ probabilityDecimal = 0 }) => Number(probabilityDecimal) <= 100,
  },
  {
    ...{ key: 'prr-1', on: 'ServiceRequest', says: 'orderDetail needs a code.' },
    holds: (it) => !has(it, 'orderDetail') || has(it, 'code'),
  },
  {
    ...{ key: 'org-1', on: 'Organization', says: 'an identifier or a name must be there.' },
    holds: (it) => has(it, 'identifier') || has(it, 'name'),
  },
  {
    ...{ key: 'org-2', on: 'Organization', says: 'an organization has no home address.' },
    holds: ({ address }) => list(address).every(({ use }) => use !== 'home'),
  },
  {
    ...{ key: 'org-3', on: 'Organization', says: 'an organization has no telecom at home.' },
    holds: ({ telecom }) => list(telecom).every(({ use }) => use !== 'home'),
  },
]
