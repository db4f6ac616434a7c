import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { canonicalReference, typeReferredTo } from './reference.ts'

const base = 'https://care.example/fhir/R4'

describe('canonicalReference', () => {
  const cases: [what: string, text: string, found: string | undefined][] = [
    ['a relative one', 'Patient/1', 'Patient/1'],
    ['one with a version', 'Patient/1/_history/2', 'Patient/1'],
    ['an address below the base', `${base}/Patient/1`, 'Patient/1'],
    ['an address below the base with a version', `${base}/Patient/1/_history/2`, 'Patient/1'],
    ['an address elsewhere', 'https://elsewhere.example/fhir/Patient/1', 'https://elsewhere.example/fhir/Patient/1'],
    [
      'a version elsewhere',
      'http://elsewhere.example/fhir/Patient/1/_history/7',
      'http://elsewhere.example/fhir/Patient/1',
    ],
    ['a base that only begins alike', `${base}x/Patient/1`, `${base}x/Patient/1`],
    ['a name in urn', 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0', 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0'],
    ['one that is contained', '#p1', undefined],
    ['one by a search', 'Patient?identifier=x|1', undefined],
    ['one with an id that is too long', `Patient/${'a'.repeat(65)}`, undefined],
    ['nothing', '', undefined],
    ['a very long text', `https://elsewhere.example/${'a/'.repeat(5_000_000)}`, undefined],
  ]
  for (const [what, text, found] of cases)
    it(`is ${found?.slice(0, 60)} of ${what}`, () => assert.equal(canonicalReference(text, base), found))
})

describe('typeReferredTo', () => {
  const cases: [what: string, reference: unknown, type: string | undefined][] = [
    ['the text', { reference: 'Patient/1' }, 'Patient'],
    ['the text with a version', { reference: 'Patient/1/_history/2' }, 'Patient'],
    ['an address', { reference: 'https://elsewhere.example/fhir/Patient/1/_history/2' }, 'Patient'],
    ['the text rather than the type', { reference: 'Group/1', type: 'Patient' }, 'Group'],
    ['the type where the text is a name', { reference: 'urn:uuid:1', type: 'Patient' }, 'Patient'],
    ['the type where there is no text', { identifier: { value: '1' }, type: 'Patient' }, 'Patient'],
    ['nothing', { display: 'somebody' }, undefined],
    ['what is no reference', 'Patient/1', undefined],
  ]
  for (const [what, reference, type] of cases)
    it(`goes by ${what}`, () => assert.equal(typeReferredTo(reference), type))
})
