import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isResourceType, jsonName } from './definitions.ts'
import { elementOf, isPrimitive, memberOf } from './element-of.ts'

describe('Elements of the types of R4', () => {
  it('repeat or not, and have types', () => {
    assert.deepEqual(
      [elementOf('Patient', 'name')?.max, elementOf('Patient', 'name')?.types],
      [Number.POSITIVE_INFINITY, ['HumanName']],
    )
    assert.deepEqual(
      [elementOf('Patient.contact', 'name')?.max, elementOf('Patient.contact', 'name')?.types],
      [1, ['HumanName']],
    )
    assert.deepEqual(elementOf('Questionnaire.item', 'item')?.types, ['Questionnaire.item'])
    assert.deepEqual(elementOf('Patient', 'contained')?.types, ['Resource'])
    assert.deepEqual(elementOf('date', 'extension')?.types, ['Extension'])
  })

  it('are called in JSON by the type that was chosen', () => {
    const deceased = elementOf('Patient', 'deceased')
    assert.deepEqual(deceased?.types, ['boolean', 'dateTime'])
    assert.equal(deceased && jsonName(deceased, 'dateTime'), 'deceasedDateTime')
    assert.equal(memberOf('Patient', 'deceasedDateTime')?.type, 'dateTime')
    assert.equal(memberOf('Patient', 'deceased'), undefined)
    assert.equal(memberOf('Extension', 'valueCodeableConcept')?.type, 'CodeableConcept')
  })

  it('are those of R4 alone, and of no prototype', () => {
    assert.deepEqual(
      ['Patient', 'Bundle', 'CatalogEntry', 'SubscriptionStatus', 'Project', 'DomainResource', 'toString', ''].map(
        isResourceType,
      ),
      [true, true, true, false, false, false, false, false],
    )
    for (const [type, name] of [
      ['Meta', 'project'],
      ['ResearchStudy', 'label'],
      ['Patient', 'constructor'],
      ['constructor', 'name'],
      ['Binary', 'url'],
    ] as const)
      assert.equal(elementOf(type, name), undefined, `${type}.${name}`)
    assert.deepEqual(['code', 'HumanName', 'Patient.contact'].map(isPrimitive), [true, false, false])
  })
})
