import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { concernsIn } from './concerns.ts'

const categories = (system: string | undefined, code: string) =>
  concernsIn({ resourceType: 'Flag', id: 'a', meta: { security: [{ ...(system && { system }), code }] } }, '')
    .categories

describe('a label of meta.security', () => {
  it('says what is sensitive by its code in ActCode and Confidentiality, by any address these ever had', () => {
    for (const system of [
      'http://terminology.hl7.org/CodeSystem/v3-ActCode',
      'http://terminology.hl7.org/CodeSystem/v3-ActCode|8.0.0',
      'http://terminology.hl7.org/CodeSystem/v3-Confidentiality',
      'http://hl7.org/fhir/v3/ActCode',
      'urn:oid:2.16.840.1.113883.5.4',
    ])
      assert.deepEqual(categories(system, 'HIV'), ['hiv'], system)
  })

  it('says each of what people may refuse, by all of its codes', () => {
    const all = {
      hiv: ['HIV'],
      'mental-health': ['PSY', 'MH', 'BH'],
      'substance-use': ['SUD', 'ETH', 'ETHUD', 'OPIOIDUD'],
      'sexual-health': ['SEX', 'SDV', 'STD'],
    }
    for (const [category, codes] of Object.entries(all))
      for (const code of codes)
        assert.deepEqual(categories('http://terminology.hl7.org/CodeSystem/v3-ActCode', code), [category], code)
  })

  it('may be meant as one of these without a system, in other letters, or in a system of somebody’s own', () => {
    assert.deepEqual(categories(undefined, 'HIV'), ['hiv'])
    assert.deepEqual(categories(undefined, 'hiv'), ['hiv'])
    assert.deepEqual(categories('http://hospital.example/labels', 'PSY'), ['mental-health'])
  })

  it('of another code system of HL7 says something else', () => {
    for (const system of [
      'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
      'http://terminology.hl7.org/CodeSystem/v3-ActCodeX',
      'http://hl7.org/fhir/administrative-gender',
      'urn:oid:2.16.840.1.113883.5.1',
    ])
      assert.deepEqual(categories(system, 'SEX'), ['general'], system)
    assert.deepEqual(categories('http://terminology.hl7.org/CodeSystem/v3-ActCode', 'N'), ['general'])
  })
})
