import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { definitionOf } from '#fhir/types/definitions.ts'
import { invariants } from './invariants.ts'

// Each rule on an element that breaks it, and on one that keeps it. dom-2 and ele-1 are told where elements are looked at: validate.test.ts.

type Members = Record<string, unknown>

const UCUM = 'http://unitsofmeasure.org'
const a = { reference: 'Patient/1' }
const coded = (system: string, code: string) => ({
  coding: [{ system: `http://terminology.hl7.org/CodeSystem/${system}`, code }],
})
const allergy = (code: string) => coded('allergyintolerance-verification', code)
const condition = (code: string) => coded('condition-clinical', code)
const contained = (more: Members = {}) => ({
  contained: [{ resourceType: 'Patient', id: 'a', ...more }],
  subject: { reference: '#a' },
})
const entry = (...entry: Members[]) => ({ entry })
const loinc = { coding: [{ system: 'http://loinc.org', code: '1-8' }] }
const quantity = { value: 1, system: UCUM, code: '1' }

/** Key and type of the element: broken, kept. */
const cases: Readonly<Record<string, [Members, Members]>> = {
  'ext-1 Extension': [{ valueString: 'x', extension: [{}] }, { _valueString: {} }],
  'ref-1 Reference': [{ reference: '#b' }, { reference: '#a' }],
  'dom-3 DomainResource': [{ contained: [{ id: 'a' }] }, contained()],
  'dom-4 DomainResource': [
    contained({ meta: { lastUpdated: '2031-01-01T00:00:00Z' } }),
    contained({ meta: { tag: [] } }),
  ],
  'dom-5 DomainResource': [contained({ meta: { security: [] } }), contained()],
  'per-1 Period': [
    { start: '2031-01-01T01:00:00Z', end: '2031-01-01T01:30:00+01:00' },
    { start: '2031-01-01', end: '2031' },
  ],
  'qty-3 Quantity': [{ code: 'kg' }, { code: 'kg', system: UCUM }],
  'qty-3 Age': [{ code: 'a' }, { code: 'a', system: UCUM }],
  'qty-3 Count': [{ code: '1' }, { code: '1', system: UCUM }],
  'qty-3 Distance': [{ code: 'm' }, { code: 'm', system: UCUM }],
  'qty-3 Duration': [{ code: 'h' }, { code: 'h', system: UCUM }],
  'age-1 Age': [{ ...quantity, value: 0 }, quantity],
  'cnt-3 Count': [{ ...quantity, value: 1.5 }, quantity],
  'dis-1 Distance': [{ ...quantity, system: 'urn:a' }, quantity],
  'drt-1 Duration': [{ code: 'h', system: UCUM }, quantity],
  'rng-2 Range': [
    { low: { value: 2 }, high: { value: 1 } },
    { low: { value: 1 }, high: { value: 1 } },
  ],
  'rat-1 Ratio': [{ numerator: quantity }, { numerator: quantity, denominator: quantity }],
  'att-1 Attachment': [{ data: 'AAAA' }, { data: 'AAAA', contentType: 'a/b' }],
  'cpt-2 ContactPoint': [{ value: '1' }, { value: '1', system: 'phone' }],
  'exp-1 Expression': [{ language: 'text/cql' }, { expression: 'x' }],
  'tim-1 Timing.repeat': [{ duration: 1 }, { duration: 1, durationUnit: 'h' }],
  'tim-2 Timing.repeat': [{ period: 1 }, { period: 1, periodUnit: 'h' }],
  'tim-4 Timing.repeat': [{ duration: -1 }, { duration: 0 }],
  'tim-5 Timing.repeat': [{ period: -1 }, { period: 0 }],
  'tim-6 Timing.repeat': [{ periodMax: 1 }, { periodMax: 2, period: 1 }],
  'tim-7 Timing.repeat': [{ durationMax: 1 }, { durationMax: 2, duration: 1 }],
  'tim-8 Timing.repeat': [{ countMax: 1 }, { countMax: 2, count: 1 }],
  'tim-9 Timing.repeat': [
    { offset: 1, when: ['CM'] },
    { offset: 1, when: ['ACM'] },
  ],
  'tim-10 Timing.repeat': [{ timeOfDay: ['10:00:00'], when: ['HS'] }, { when: ['HS'] }],
  'drq-1 DataRequirement.codeFilter': [{ path: 'a', searchParam: 'a' }, { path: 'a' }],
  'drq-2 DataRequirement.dateFilter': [{}, { searchParam: 'a' }],
  'trd-1 TriggerDefinition': [{ data: [{}], timingDate: '2031' }, { timingDate: '2031' }],
  'trd-2 TriggerDefinition': [{ condition: {} }, { condition: {}, data: [{}] }],
  'ait-1 AllergyIntolerance': [{}, { verificationStatus: allergy('entered-in-error') }],
  'ait-2 AllergyIntolerance': [
    { verificationStatus: allergy('entered-in-error'), clinicalStatus: {} },
    { verificationStatus: allergy('confirmed'), clinicalStatus: {} },
  ],
  'con-1 Condition.stage': [{ type: {} }, { summary: {} }],
  'con-2 Condition.evidence': [{}, { detail: [a] }],
  'con-4 Condition': [
    { abatementString: 'x', clinicalStatus: condition('active') },
    { abatementString: 'x', clinicalStatus: condition('remission') },
  ],
  'con-5 Condition': [
    { verificationStatus: coded('condition-ver-status', 'entered-in-error'), clinicalStatus: {} },
    { verificationStatus: coded('condition-ver-status', 'entered-in-error') },
  ],
  'cpl-3 CarePlan.activity': [{ detail: {}, reference: a }, { reference: a }],
  'fhs-1 FamilyMemberHistory': [{ ageString: 'x', bornDate: '2031' }, { ageString: 'x' }],
  'fhs-2 FamilyMemberHistory': [{ estimatedAge: true }, { estimatedAge: true, ageString: 'x' }],
  'gol-1 Goal.target': [{ detailString: 'x' }, { detailString: 'x', measure: {} }],
  'imm-1 Immunization.education': [{ publicationDate: '2031' }, { documentType: 'x' }],
  'obs-3 Observation.referenceRange': [{ type: {} }, { text: 'x' }],
  'obs-6 Observation': [{ dataAbsentReason: {}, valueString: 'x' }, { dataAbsentReason: {} }],
  'obs-7 Observation': [
    { code: loinc, valueString: 'x', component: [{ code: loinc }] },
    { code: loinc, valueString: 'x', component: [{ code: { coding: [{ system: 'http://loinc.org', code: '2-6' }] } }] },
  ],
  'pat-1 Patient.contact': [{ gender: 'male' }, { organization: a }],
  'ras-2 RiskAssessment.prediction': [{ probabilityDecimal: 101 }, { probabilityDecimal: 100 }],
  'prr-1 ServiceRequest': [{ orderDetail: [{}] }, { orderDetail: [{}], code: {} }],
  'org-1 Organization': [{ active: true }, { identifier: [{}] }],
  'org-2 Organization': [{ address: [{ use: 'home' }] }, { address: [{ use: 'work' }] }],
  'org-3 Organization': [{ telecom: [{ use: 'work' }, { use: 'home' }] }, { telecom: [{ use: 'work' }] }],
  'mad-1 MedicationAdministration.dosage': [{ text: 'x' }, { rateRatio: {} }],
  'mdd-1 MedicationDispense': [
    { whenPrepared: '2031-03-05', whenHandedOver: '2031-03-04' },
    { whenPrepared: '2031-03-05', whenHandedOver: '2031-03-05T10:00:00Z' },
  ],
  'app-1 Appointment.participant': [{ status: 'accepted' }, { actor: a }],
  'app-2 Appointment': [{ start: 'x' }, { start: 'x', end: 'x' }],
  'app-3 Appointment': [{ status: 'booked' }, { status: 'waitlist' }],
  'app-4 Appointment': [
    { cancelationReason: {}, status: 'booked' },
    { cancelationReason: {}, status: 'noshow' },
  ],
  'apr-1 AppointmentResponse': [{}, { actor: a }],
  'sev-1 AuditEvent.entity': [{ name: 'x', query: 'AAAA' }, { name: 'x' }],
  'bdl-1 Bundle': [
    { type: 'batch', total: 1 },
    { type: 'searchset', total: 1 },
  ],
  'bdl-2 Bundle': [
    { type: 'history', ...entry({ search: {} }) },
    { type: 'searchset', ...entry({ search: {} }) },
  ],
  'bdl-3 Bundle': [
    { type: 'batch', ...entry({ request: {} }, {}) },
    { type: 'batch', ...entry({ request: {} }) },
  ],
  'bdl-4 Bundle': [
    { type: 'batch', ...entry({ response: {} }) },
    { type: 'history', ...entry({ response: {} }) },
  ],
  'bdl-5 Bundle.entry': [{ fullUrl: 'urn:a' }, { response: {} }],
  'bdl-7 Bundle': [
    { type: 'batch', ...entry({ fullUrl: 'urn:a' }, { fullUrl: 'urn:a' }) },
    {
      type: 'batch',
      ...entry({ fullUrl: 'urn:a' }, { fullUrl: 'urn:a', resource: { meta: { versionId: '2' } } }, {}, {}),
    },
  ],
  'bdl-8 Bundle.entry': [
    { fullUrl: 'https://a.example/Patient/1/_history/1' },
    { fullUrl: 'https://a.example/Patient/1' },
  ],
  'bdl-9 Bundle': [
    { type: 'document', identifier: { value: '1' } },
    { type: 'document', identifier: { system: 'urn:a', value: '1' } },
  ],
  'bdl-10 Bundle': [{ type: 'document' }, { type: 'document', timestamp: '2031-01-01T00:00:00Z' }],
  'bdl-11 Bundle': [
    { type: 'document' },
    { type: 'document', ...entry({ resource: { resourceType: 'Composition' } }) },
  ],
  'bdl-12 Bundle': [
    { type: 'message' },
    { type: 'message', ...entry({ resource: { resourceType: 'MessageHeader' } }) },
  ],
  'cmp-1 Composition.section': [{ title: 'x' }, { text: {} }],
  'cmp-2 Composition.section': [{ emptyReason: {}, entry: [a] }, { emptyReason: {} }],
  'ppc-1 Consent': [{}, { policyRule: {} }],
  'grp-1 Group': [
    { member: [{}], actual: false },
    { member: [{}], actual: true },
  ],
  'lst-1 List': [{ emptyReason: {}, entry: [{}] }, { emptyReason: {} }],
  'lst-2 List': [
    { mode: 'working', ...entry({ deleted: true }) },
    { mode: 'changes', ...entry({ deleted: true }) },
  ],
  'lst-3 List': [
    { mode: 'changes', ...entry({ date: '2031' }) },
    { mode: 'working', ...entry({ date: '2031' }) },
  ],
  'inv-1 Parameters.parameter': [{ part: [{}], valueString: 'x' }, { part: [{}] }],
  'inv-1 Task': [
    { authoredOn: '2031', lastModified: '2030' },
    { authoredOn: '2031', lastModified: '2031' },
  ],
  'qrs-1 QuestionnaireResponse.item': [{ answer: [{}], item: [{}] }, { answer: [{}] }],
  'cpb-1 CapabilityStatement': [{}, { rest: [{}] }],
  'cpb-2 CapabilityStatement': [{}, { description: 'x' }],
  'cpb-14 CapabilityStatement': [{ kind: 'instance' }, { kind: 'instance', implementation: {} }],
  'cpb-15 CapabilityStatement': [{ kind: 'capability' }, { kind: 'capability', software: {} }],
  'cpb-16 CapabilityStatement': [{ kind: 'requirements', software: {} }, { kind: 'requirements' }],
  'cpb-9 CapabilityStatement.rest': [
    { resource: [{ type: 'A' }, { type: 'A' }] },
    { resource: [{ type: 'A' }, { type: 'B' }] },
  ],
  'cpb-12 CapabilityStatement.rest.resource': [
    { searchParam: [{ name: 'a' }, { name: 'a' }] },
    { searchParam: [{ name: 'a' }] },
  ],
  'csd-1 CodeSystem': [
    { concept: [{ code: 'a', concept: [{ code: 'a' }] }] },
    { concept: [{ code: 'a', concept: [{ code: 'b' }] }] },
  ],
  'opd-1 OperationDefinition.parameter': [{}, { part: [{}] }],
  'opd-2 OperationDefinition.parameter': [
    { searchType: 'token', type: 'code' },
    { searchType: 'token', type: 'string' },
  ],
  'opd-3 OperationDefinition.parameter': [
    { targetProfile: ['urn:a'], type: 'code' },
    { targetProfile: ['urn:a'], type: 'canonical' },
  ],
  'que-1 Questionnaire.item': [{ type: 'group' }, { type: 'display' }],
  'que-2 Questionnaire': [
    { item: [{ linkId: '1', item: [{ linkId: '1' }] }] },
    { item: [{ linkId: '1', item: [{ linkId: '2' }] }] },
  ],
  'que-3 Questionnaire.item': [
    { type: 'display', code: [{}] },
    { type: 'string', code: [{}] },
  ],
  'que-4 Questionnaire.item': [{ answerOption: [{}], answerValueSet: 'urn:a' }, { answerOption: [{}] }],
  'que-5 Questionnaire.item': [
    { type: 'boolean', answerOption: [{}] },
    { type: 'choice', answerOption: [{}] },
  ],
  'que-6 Questionnaire.item': [
    { type: 'display', required: false },
    { type: 'string', required: false },
  ],
  'que-7 Questionnaire.item.enableWhen': [
    { operator: 'exists', answerString: 'x' },
    { operator: 'exists', answerBoolean: true },
  ],
  'que-8 Questionnaire.item': [
    { type: 'group', initial: [{}] },
    { type: 'string', initial: [{}] },
  ],
  'que-9 Questionnaire.item': [
    { type: 'display', readOnly: true },
    { type: 'string', readOnly: true },
  ],
  'que-10 Questionnaire.item': [
    { type: 'choice', maxLength: 1 },
    { type: 'text', maxLength: 1 },
  ],
  'que-11 Questionnaire.item': [{ answerOption: [{}], initial: [{}] }, { answerOption: [{}] }],
  'que-12 Questionnaire.item': [{ enableWhen: [{}, {}, {}] }, { enableWhen: [{}, {}, {}], enableBehavior: 'all' }],
  'que-13 Questionnaire.item': [{ initial: [{}, {}] }, { initial: [{}, {}], repeats: true }],
  'spd-1 SearchParameter': [{ xpath: 'a' }, { xpath: 'a', xpathUsage: 'normal' }],
  'spd-2 SearchParameter': [
    { chain: ['a'], type: 'token' },
    { chain: ['a'], type: 'reference' },
  ],
  'sdf-4 StructureDefinition': [{ abstract: false }, { abstract: false, baseDefinition: 'urn:a' }],
  'sdf-5 StructureDefinition': [{ type: 'Extension' }, { type: 'Extension', context: [{}] }],
  'sdf-6 StructureDefinition': [{}, { snapshot: {} }],
  'vsd-1 ValueSet.compose.include': [{ version: '1' }, { valueSet: ['urn:a'] }],
  'vsd-2 ValueSet.compose.include': [
    { valueSet: ['urn:a'], filter: [{}] },
    { system: 'urn:a', filter: [{}] },
  ],
  'vsd-3 ValueSet.compose.include': [{ concept: [{}], filter: [{}] }, { concept: [{}] }],
  'vsd-6 ValueSet.expansion.contains': [{ abstract: true }, { display: 'x' }],
  'vsd-9 ValueSet.expansion.contains': [{ display: 'x' }, { display: 'x', abstract: true }],
  'vsd-10 ValueSet.expansion.contains': [{ code: 'a' }, { code: 'a', system: 'urn:a' }],
}

const around = { hasContained: (id: string) => id === 'a' }

describe('invariants of R4', () => {
  it('are each broken by one element, and kept by another', () => {
    for (const { key, on, holds } of invariants) {
      const [broken, kept] = cases[`${key} ${on}`] ?? []
      assert.ok(broken && kept, `${key} of ${on} needs a case`)
      assert.equal(holds(broken, around), false, `${key} of ${on} is broken`)
      assert.equal(holds(kept, around), true, `${key} of ${on} is kept`)
    }
  })

  it('are there once for each type of element, of those that R4 has', () => {
    for (const { on } of invariants) assert.ok(definitionOf(on), on)
    const names = invariants.map(({ key, on }) => `${key} ${on}`)
    assert.deepEqual([...new Set(names)].sort(), Object.keys(cases).sort())
    assert.equal(names.length, Object.keys(cases).length)
  })
})
