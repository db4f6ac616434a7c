import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Resource } from './resource.ts'
import { subset } from './subset.ts'
import { validate } from './validate.ts'

const tag = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' }]
const text = { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">Words</div>' }

const patient: Resource = {
  resourceType: 'Patient',
  id: 'a',
  meta: { versionId: '3' },
  text,
  active: true,
  birthDate: '1981-11-30',
  _birthDate: { extension: [{ url: 'https://openhcs.example/a', valueString: 'x' }] },
  name: [{ family: 'Adjei', given: ['Akosua'] }],
  contact: [{ name: { family: 'Adjei' } }],
  photo: [{ title: 'A' }],
  link: [{ other: { reference: 'Patient/b', display: 'B' }, type: 'seealso' }],
}

const observation: Resource = {
  resourceType: 'Observation',
  id: 'o',
  text,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
  valueQuantity: { value: 71 },
  note: [{ text: 'Words' }],
  component: [
    { code: { text: 'x' }, valueInteger: 1, referenceRange: [{ text: 'x' }], dataAbsentReason: { text: 'x' } },
  ],
}

const part = (resource: Resource, summary: 'true' | 'text' | 'data') =>
  subset(resource, { summary, elements: undefined })
const elements = (resource: Resource, ...elements: string[]) => subset(resource, { summary: undefined, elements })

describe('_summary', () => {
  it('true keeps what R4 marks, with what is told of it', () => {
    const { text: _text, contact: _contact, photo: _photo, ...expected } = patient
    assert.deepEqual(part(patient, 'true'), { ...expected, meta: { versionId: '3', tag } })
  })

  it('true looks into what it keeps', () => {
    const { text: _text, note: _note, ...expected } = observation
    const component = [{ code: { text: 'x' }, valueInteger: 1 }]
    assert.deepEqual(part(observation, 'true'), { ...expected, component, meta: { tag } })
  })

  it('true keeps extensions that change the meaning, whole', () => {
    const modifierExtension = [{ url: 'https://openhcs.example/a', valueString: 'x' }]
    assert.deepEqual(part({ ...patient, modifierExtension }, 'true').modifierExtension, modifierExtension)
  })

  it('text keeps the text and what must be there', () => {
    const { resourceType, id, status, code } = observation
    assert.deepEqual(part(observation, 'text'), { resourceType, id, text, status, code, meta: { tag } })
  })

  it('data leaves the text out alone', () => {
    const { text: _, ...expected } = observation
    assert.deepEqual(part(observation, 'data'), { ...expected, meta: { tag } })
  })

  it('leaves nothing that would be empty', () => {
    const resource = { ...patient, name: [{ extension: [{ url: 'https://openhcs.example/a', valueString: 'x' }] }] }
    assert.equal(part(resource, 'true').name, undefined)
    const { code } = part({ ...observation, code: { extension: resource.name[0]?.extension } }, 'true')
    assert.deepEqual(code, { extension: resource.name[0]?.extension })
  })
})

describe('_elements', () => {
  it('keeps what is named, and what must be there or changes the meaning of the rest', () => {
    const { resourceType, id, active, birthDate, _birthDate, link } = patient
    assert.deepEqual(elements(patient, 'birthDate'), {
      ...{ resourceType, id, active, birthDate, _birthDate, link },
      meta: { versionId: '3', tag },
    })
  })

  it('names a choice with its type or without', () => {
    const { resourceType, id, status, code, valueQuantity } = observation
    const expected = { resourceType, id, status, code, valueQuantity, meta: { tag } }
    assert.deepEqual(elements(observation, 'value'), expected)
    assert.deepEqual(elements(observation, 'valueQuantity', 'nothing', '__proto__'), expected)
  })
})

describe('a part of a resource', () => {
  it('is valid, and marked once', () => {
    for (const resource of [patient, observation])
      for (const one of [part(resource, 'true'), part(resource, 'text'), part(resource, 'data'), elements(resource)]) {
        assert.deepEqual(validate(one), [])
        assert.deepEqual(part(one, 'data').meta?.tag, tag)
      }
  })

  it('leaves the whole as it was', () => {
    const before = structuredClone(observation)
    part(observation, 'true')
    elements(observation, 'status')
    assert.deepEqual(observation, before)
  })

  it('is the whole where none is asked for, or the type is unknown', () => {
    assert.equal(subset(patient, { summary: undefined, elements: undefined }), patient)
    assert.equal(subset(patient, { summary: 'count', elements: undefined }), patient)
    const unknown = { resourceType: 'Patent' }
    assert.equal(part(unknown, 'true'), unknown)
  })
})
