import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fhirpath from 'fhirpath'
import r4 from 'fhirpath/fhir-context/r4'
import { finderOf, type Place, type Step } from './indexing/place.ts'
import { r4CompartmentParameters } from './query/testing.ts'
import type { Resource } from './resource.ts'
import {
  compartmentOf,
  compartmentTypes,
  type PlacedParameter,
  searchParameter,
  searchParametersOf,
} from './search-parameters.ts'
import { ownedTypes } from './types/resource-types.ts'

/** What stands for a thing of a type in the resources that are made up below. */
const SAMPLES: Record<string, unknown> = {
  ...{ Quantity: { value: 5, unit: '|mg' }, Range: { low: { value: 1 } }, SampledData: { data: '1 2', dimensions: 1 } },
  ...{ Period: { start: '2031-01-01' }, Timing: { event: ['2031-01-01'] }, Reference: { reference: 'Patient/1' } },
  ...{ CodeableConcept: { text: 'x', coding: [{ code: 'c' }] }, Coding: { code: 'c' }, Identifier: { value: 'i' } },
  ...{ ContactPoint: { value: '1' }, HumanName: { family: 'Beispiel' }, Address: { city: 'Ort' }, Money: { value: 5 } },
  ...{ boolean: true, date: '2031-01-01', dateTime: '2031-01-01', instant: '2031-01-01T10:00:00Z', decimal: 0.5 },
  ...{ integer: 5, positiveInt: 5, unsignedInt: 5, Resource: { resourceType: 'Composition', id: 'c' } },
}
const sampleOf = (type: string) =>
  Object.hasOwn(SAMPLES, type) ? SAMPLES[type] : /^[A-Z]/.test(type) ? { id: 'x' } : 'text'

/** A resource in which nothing stands but at one place, and that twice where the path allows. */
function resourceWith(type: string, { path, type: found }: Place): Resource {
  const inner = path.reduceRight((value: unknown, step) => around(step, value), sampleOf(found))
  return { ...(inner as object), resourceType: type }
}

function around(step: Step, value: unknown): unknown {
  if (typeof step === 'string') return { [step]: value }
  if ('where' in step) return { ...(value as object), [step.where]: step.is }
  if ('refersTo' in step) return { reference: `${step.refersTo}/1` }
  if ('element' in step) return { [step.element]: [value, {}] }
  return { [step.truth[0] ?? '']: true }
}

const asJson = (values: unknown[]) => [...new Set(values.map((value) => JSON.stringify(value)))].sort()
const REFERS_TO = /\.where\(resolve\(\) is (\w+)\)/

const ours = ({ finds }: PlacedParameter, resource: Resource): string[] => {
  const found: unknown[] = []
  for (const { path } of finds) finderOf(path)(resource, (value) => found.push(value))
  return asJson(found)
}

/** By a whole FHIRPath with the types of R4, from the expression alone. It would have to fetch what is referred to, so that this is taken over. */
function theirs({ expression, type, finds }: PlacedParameter, resource: Resource): string[] {
  const evaluate = compiled(expression.replaceAll(new RegExp(REFERS_TO, 'g'), ''))
  const wanted = REFERS_TO.exec(expression)?.[1]
  const found = (evaluate(resource) as unknown[]).filter((one) => isRead(fhirpath.types([one])[0], type))
  const plain = found.map((one) => JSON.parse(JSON.stringify(one)))
  const all = plain.filter((one) => !wanted || one.reference?.split('/').at(-2) === wanted)
  assert.ok(finds.length > 0)
  return asJson(all)
}

/** What a date cannot be read from, and a document that is no reference. */
const isRead = (found = '', type: string) =>
  type === 'date'
    ? !/\.(string|Age|Range|Duration)$/.test(found)
    : !(type === 'reference' && found.endsWith('.Attachment'))

const known = new Map<string, (resource: unknown) => unknown>()
function compiled(expression: string) {
  const evaluate = known.get(expression) ?? fhirpath.compile(expression, r4, { resolveInternalTypes: false })
  known.set(expression, evaluate)
  return evaluate
}

const concept = (code: string) => ({ coding: [{ system: 'urn:codes', code }], text: `text of ${code}` })
const to = (reference: string) => ({ reference })
const patient = to('Patient/anna')
const milligrams = (value: number) => ({ value, unit: 'mg', system: 'http://unitsofmeasure.org', code: 'mg' })
const year = (n: number) => ({ start: `${n}-01-01`, end: `${n}-12-31` })

/** Of people and places that do not exist. */
const written: Resource[] = [
  {
    ...{ resourceType: 'Patient', id: 'anna', active: true, gender: 'female', birthDate: '1974-12-25' },
    meta: {
      lastUpdated: '2031-01-01T00:00:00Z',
      profile: ['urn:p'],
      tag: [{ code: 't' }],
      security: [{ code: 'R' }],
      source: 'urn:s',
    },
    identifier: [{ system: 'urn:h', value: '7' }, { value: '8' }],
    name: [{ family: 'Beispiel', given: ['Anna', 'Maria'] }, { text: 'Anna' }],
    telecom: [{ system: 'phone', value: '1' }, { system: 'email', value: 'a@mail.example' }, { value: '2' }],
    address: [{ use: 'home', city: 'Ort', country: 'DE', line: ['Weg 1'] }],
    communication: [{ language: concept('de') }],
    generalPractitioner: [to('Practitioner/7'), to('Organization/3')],
    ...{ link: [{ other: to('RelatedPerson/1') }, { other: to('Patient/2') }], deceasedDateTime: '2031-01' },
  },
  { resourceType: 'Patient', deceasedBoolean: false, managingOrganization: to('Organization/3') },
  {
    resourceType: 'RelatedPerson',
    patient,
    name: [{ family: 'Muster' }],
    relationship: [concept('MTH')],
    telecom: [{ system: 'phone', value: '3' }],
  },
  {
    resourceType: 'Practitioner',
    name: [{ family: 'Arzt', given: ['Eva'] }],
    communication: [concept('fr')],
    active: true,
  },
  {
    ...{
      resourceType: 'PractitionerRole',
      practitioner: to('Practitioner/7'),
      organization: to('Organization/3'),
      period: year(2031),
    },
    ...{ code: [concept('doctor')], specialty: [concept('x'), concept('y')], location: [to('Location/1')] },
  },
  {
    resourceType: 'Organization',
    name: 'Haus',
    alias: ['Haus am See'],
    type: [concept('prov')],
    partOf: to('Organization/1'),
    address: [{ city: 'See' }],
  },
  {
    resourceType: 'Location',
    name: 'Zimmer',
    alias: ['Z'],
    position: { latitude: 1, longitude: 2 },
    address: { city: 'Ort' },
    operationalStatus: { code: 'O' },
  },
  {
    ...{ resourceType: 'Appointment', status: 'booked', start: '2031-03-01T10:00:00Z', slot: [to('Slot/1')] },
    participant: [
      { actor: patient, status: 'accepted' },
      { actor: to('https://elsewhere.example/fhir/Practitioner/7'), status: 'tentative' },
      { actor: to('Location/1') },
    ],
  },
  {
    ...{
      resourceType: 'Encounter',
      status: 'finished',
      class: { code: 'AMB' },
      subject: to('Group/1'),
      period: { start: '2031' },
    },
    ...{
      length: { value: 2, code: 'h' },
      diagnosis: [{ condition: to('Condition/1') }],
      location: [{ location: to('Location/1'), period: year(2031) }],
    },
    participant: [{ type: [concept('ATND')], individual: to('Practitioner/7') }, { individual: to('RelatedPerson/1') }],
  },
  {
    resourceType: 'Condition',
    subject: patient,
    code: concept('c'),
    onsetPeriod: year(2020),
    abatementString: 'in spring',
    stage: [{ summary: concept('I') }],
    evidence: [{ code: [concept('e')], detail: [to('Observation/1')] }],
  },
  { resourceType: 'Condition', subject: patient, onsetAge: milligrams(5), abatementRange: { low: milligrams(6) } },
  {
    ...{
      resourceType: 'Observation',
      status: 'final',
      subject: patient,
      code: concept('bp'),
      effectivePeriod: year(2031),
    },
    component: [
      { code: concept('sys'), valueQuantity: milligrams(120) },
      { code: concept('dia'), valueCodeableConcept: concept('low'), dataAbsentReason: concept('u') },
      { code: concept('wave'), valueSampledData: { data: '1 2' } },
    ],
    ...{ derivedFrom: [to('Observation/2')], hasMember: [to('Observation/3')], performer: [to('Practitioner/7')] },
  },
  {
    resourceType: 'Observation',
    code: concept('s'),
    valueString: 'quiet',
    method: concept('m'),
    effectiveInstant: '2031-01-01T00:00:00Z',
  },
  {
    resourceType: 'Observation',
    code: concept('d'),
    valueDateTime: '2031',
    effectiveTiming: { event: ['2031'] },
    device: to('Device/1'),
  },
  {
    resourceType: 'AllergyIntolerance',
    patient,
    code: concept('nut'),
    reaction: [{ substance: concept('nut'), manifestation: [concept('itch')], onset: '2031' }],
    category: ['food', 'medication'],
    onsetString: 'long ago',
  },
  {
    resourceType: 'MedicationRequest',
    subject: patient,
    medicationCodeableConcept: concept('m'),
    dosageInstruction: [{ timing: { event: ['2031-01-01', '2031-02-01'] } }],
  },
  {
    resourceType: 'MedicationStatement',
    subject: patient,
    medicationReference: to('Medication/1'),
    effectiveDateTime: '2031',
  },
  {
    resourceType: 'Medication',
    ingredient: [{ itemCodeableConcept: concept('i') }, { itemReference: to('Substance/1') }],
    batch: { lotNumber: '5', expirationDate: '2031' },
  },
  {
    resourceType: 'Immunization',
    patient,
    occurrenceString: 'as a child',
    reaction: [{ date: '2031', detail: to('Observation/1') }],
    vaccineCode: concept('v'),
  },
  {
    resourceType: 'Procedure',
    subject: patient,
    performedPeriod: year(2031),
    performer: [{ actor: to('Practitioner/7') }],
    partOf: [to('Procedure/1')],
  },
  {
    resourceType: 'DocumentReference',
    subject: patient,
    relatesTo: [{ code: 'replaces', target: to('DocumentReference/1') }],
    masterIdentifier: { value: 'm' },
    identifier: [{ value: 'i' }],
    content: [{ attachment: { contentType: 'text/plain', url: 'urn:x' }, format: { code: 'f' } }],
  },
  {
    resourceType: 'Consent',
    patient,
    dateTime: '2031',
    sourceAttachment: { title: 'signed' },
    provision: {
      period: year(2031),
      data: [{ reference: to('Observation/1') }],
      actor: [{ reference: to('Organization/3') }],
    },
  },
  {
    resourceType: 'Goal',
    subject: patient,
    startDate: '2031',
    target: [{ dueDate: '2032' }, { dueDuration: milligrams(1) }],
  },
  {
    resourceType: 'Group',
    characteristic: [
      { code: concept('g'), valueBoolean: true },
      { code: concept('h'), valueQuantity: milligrams(1) },
    ],
    member: [{ entity: patient }],
  },
  {
    resourceType: 'Questionnaire',
    url: 'urn:q',
    item: [{ code: [{ code: 'a' }], item: [{ code: [{ code: 'below' }] }] }],
    useContext: [
      { code: { code: 'u' }, valueRange: { low: milligrams(1) } },
      { code: { code: 'v' }, valueCodeableConcept: concept('w') },
    ],
  },
  {
    resourceType: 'PlanDefinition',
    relatedArtifact: [
      { type: 'depends-on', resource: 'urn:a' },
      { type: 'successor', resource: 'urn:b' },
    ],
    library: ['urn:l|1'],
  },
  {
    resourceType: 'Bundle',
    type: 'document',
    timestamp: '2031-01-01T00:00:00Z',
    entry: [{ resource: { resourceType: 'Composition', id: 'c' } }, { resource: { resourceType: 'Patient', id: 'p' } }],
  },
]

describe('searchParametersOf', () => {
  for (const [n, resource] of written.entries())
    it(`finds in the ${resource.resourceType} written as no. ${n + 1} what FHIRPath finds`, () => {
      const found = searchParametersOf(resource.resourceType).filter((parameter) => {
        const values = ours(parameter, resource)
        assert.deepEqual(values, theirs(parameter, resource), parameter.code)
        return values.length > 0
      })
      assert.ok(found.length >= 2)
    })

  for (const type of ownedTypes)
    it(`finds in a ${type} what FHIRPath finds, for each parameter at each of its places`, () => {
      const parameters = searchParametersOf(type)
      for (const parameter of parameters)
        for (const place of parameter.finds) {
          const resource = resourceWith(type, place)
          assert.ok(ours(parameter, resource).length > 0, `${parameter.code} finds nothing at ${JSON.stringify(place)}`)
          for (const other of parameters)
            assert.deepEqual(
              ours(other, resource),
              theirs(other, resource),
              `${other.code} at ${JSON.stringify(place)}`,
            )
        }
    })

  it('is empty for a type that is not kept', () => {
    for (const type of ['Account', 'Resource', 'constructor', '__proto__'])
      assert.deepEqual(searchParametersOf(type), [])
  })
})

describe('searchParameter', () => {
  it('cuts an expression to the type', () => {
    assert.equal(searchParameter('Observation', 'code')?.expression, 'Observation.code')
    assert.equal(searchParameter('Patient', 'birthdate')?.expression, 'Patient.birthDate')
    const date = searchParameter('Condition', 'onset-date')
    assert.equal(date?.expression, 'Condition.onset.ofType(dateTime) | Condition.onset.ofType(Period)')
  })
  it('names the types that a reference may lead to', () => {
    assert.deepEqual(searchParameter('Observation', 'patient')?.targets, ['Patient'])
    assert.deepEqual(searchParameter('Encounter', 'subject')?.targets, ['Group', 'Patient'])
    for (const type of ownedTypes)
      for (const { type: kind, code, targets = [] } of searchParametersOf(type))
        assert.equal(targets.length > 0, kind === 'reference', `${code} of ${type}`)
  })
  it('has the components of a composite, each a parameter of the type', () => {
    const pair = searchParameter('DocumentReference', 'relationship')
    assert.deepEqual(
      pair?.components?.map(({ code }) => code),
      ['relation', 'relatesto'],
    )
    for (const type of ownedTypes)
      for (const { components = [] } of searchParametersOf(type))
        for (const { code } of components) assert.ok(searchParameter(type, code), `${code} of ${type}`)
  })
  it('knows those of all types, and only those of R4', () => {
    assert.equal(searchParameter('Slot', '_lastUpdated')?.type, 'date')
    assert.equal(searchParameter('DetectedIssue', 'status'), undefined)
    assert.equal(searchParameter('ServiceRequest', 'order-detail'), undefined)
    assert.equal(searchParameter('Patient', 'constructor'), undefined)
  })
})

describe('compartmentOf', () => {
  it('names the parameters that put a resource beside a patient', () => {
    assert.deepEqual(compartmentOf('Patient', 'Observation'), ['subject', 'performer'])
    assert.deepEqual(compartmentOf('Patient', 'Patient'), ['link'])
    assert.deepEqual(compartmentOf('Patient', 'Organization'), [])
  })

  it('and beside each other that has a compartment, as HL7 defines it: all of them, and references that can lead there', () => {
    assert.deepEqual(compartmentTypes, ['Patient', 'Encounter', 'RelatedPerson', 'Practitioner', 'Device'])
    for (const of of compartmentTypes)
      for (const type of ownedTypes) {
        const codes = compartmentOf(of, type)
        const defined = r4CompartmentParameters(of, type).map((code) => (code === '{def}' ? '_id' : code))
        assert.deepEqual(codes, defined, `${type} of ${of}`)
        for (const code of codes.filter((one) => one !== '_id')) {
          const parameter = searchParameter(type, code)
          assert.equal(parameter?.type, 'reference', `${type} ${code}`)
          assert.ok(parameter.targets?.includes(of) ?? true, `${type} ${code} leads to ${of}`)
        }
      }
  })
})
