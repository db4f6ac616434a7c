import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { validate } from '../validate.ts'

const base = 'https://openhcs.example/fhir/R4'
const observation = (members: object = {}) => ({
  ...{ resourceType: 'Observation', status: 'final', code: { text: 'Weight' } },
  ...members,
})

const of = (resource: unknown) => validate(resource, { base })
const places = (resource: unknown) => of(resource).map(({ code, expression }) => [code, ...expression].join(' '))
const aboutSubject = (subject: object, more: object = {}) => places(observation({ subject, ...more }))
const REFUSED = ['value Observation.subject.reference']

describe('what a reference leads to', () => {
  it('is of a type that R4 permits there, or the place is told with all that it permits', () => {
    for (const type of ['Patient', 'Group', 'Device', 'Location'])
      assert.deepEqual(aboutSubject({ reference: `${type}/1` }), [])
    assert.deepEqual(of(observation({ subject: { reference: 'Practitioner/1' } })), [
      {
        ...{ severity: 'error', code: 'value', expression: ['Observation.subject.reference'] },
        diagnostics: 'This may only lead to Patient, Group, Device, Location.',
      },
    ])
    assert.deepEqual(places(observation({ performer: [{ reference: 'Patient/1' }, { reference: 'Encounter/1' }] })), [
      'value Observation.performer[1].reference',
    ])
  })

  it('is known of an address below our own base, and of no other', () => {
    assert.deepEqual(aboutSubject({ reference: `${base}/Patient/1/_history/2` }), [])
    assert.deepEqual(aboutSubject({ reference: `${base}/Practitioner/1` }), REFUSED)
    for (const other of ['https://elsewhere.example/fhir', `${base}4`, 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520'])
      assert.deepEqual(aboutSubject({ reference: `${other}/Practitioner/1` }), [])
  })

  it('is known with a version, of a search, and of a type whose name begins with that of another', () => {
    for (const text of ['Practitioner/1/_history/2', 'Practitioner?identifier=a|1', 'PatientRole/1', 'Patients?name=a'])
      assert.deepEqual(aboutSubject({ reference: text }), REFUSED)
    assert.deepEqual(aboutSubject({ reference: 'Patient?identifier=https://a.example/Practitioner|1' }), [])
  })

  it('is known of what is contained, and of what is around that', () => {
    const contained = (resourceType: string, more: object = {}) => ({ contained: [{ resourceType, id: 'a', ...more }] })
    assert.deepEqual(aboutSubject({ reference: '#a' }, contained('Patient')), [])
    assert.deepEqual(aboutSubject({ reference: '#a' }, contained('Practitioner')), REFUSED)
    const within = contained('Condition', { subject: { reference: '#' } })
    assert.deepEqual(aboutSubject({ reference: 'Patient/1' }, within), [
      'value Observation.contained[0].subject.reference',
    ])
  })

  it('is known of another entry of the same Bundle', () => {
    const [here, there] = ['urn:uuid:c757873d-ec9a-4326-a141-556f43239520', 'https://elsewhere.example/fhir/Patient/7']
    const bundle = (resource: object, fullUrl: string) => ({
      ...{ resourceType: 'Bundle', type: 'collection' },
      entry: [{ fullUrl, resource }, { resource: observation({ subject: { reference: fullUrl } }) }],
    })
    for (const fullUrl of [here, there]) {
      assert.deepEqual(places(bundle({ resourceType: 'Patient' }, fullUrl)), [])
      assert.deepEqual(places(bundle({ resourceType: 'Practitioner' }, fullUrl)), [
        'value Bundle.entry[1].resource.subject.reference',
      ])
      const apart = { ...bundle({ resourceType: 'Practitioner' }, fullUrl), type: 'collection' }
      assert.deepEqual(places({ ...apart, entry: [{ resource: apart }, apart.entry[1]] }), [
        'value Bundle.entry[0].resource.entry[1].resource.subject.reference',
      ])
    }
  })

  it('is of a type that is permitted by what it says itself, also where it is known by an identifier alone', () => {
    const identifier = { value: '1' }
    assert.deepEqual(aboutSubject({ identifier }), [])
    assert.deepEqual(aboutSubject({ identifier, type: 'Patient' }), [])
    const elsewhere = 'https://elsewhere.example/StructureDefinition/Animal'
    assert.deepEqual(aboutSubject({ identifier, type: elsewhere }), [])
    for (const type of ['Practitioner', 'http://hl7.org/fhir/StructureDefinition/Practitioner'])
      assert.deepEqual(aboutSubject({ identifier, type }), ['value Observation.subject.type'])
    const reference = 'https://elsewhere.example/fhir/1'
    assert.deepEqual(aboutSubject({ reference, type: 'Practitioner' }), ['value Observation.subject.type'])
  })

  it('is of any type where R4 says so, and canonicals are not looked at', () => {
    assert.deepEqual(places(observation({ focus: [{ reference: 'Practitioner/1' }] })), [])
    const extension = [{ url: 'https://openhcs.example/a', valueReference: { reference: 'Slot/1' } }]
    assert.deepEqual(places(observation({ extension })), [])
    const answer = { resourceType: 'QuestionnaireResponse', status: 'completed', questionnaire: 'Patient/1' }
    assert.deepEqual(places(answer), [])
  })
})
