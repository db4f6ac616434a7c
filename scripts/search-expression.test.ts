import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseExpression } from './search-expression.ts'
import { placesOf } from './search-places.ts'

const placed = (expression: string, type: string) =>
  parseExpression(expression)
    .filter(({ root }) => root === type)
    .flatMap((path) => placesOf(path, type))
    .map(({ path, type }) => ({ path, type }))

describe('parseExpression', () => {
  const understood: [expression: string, type: string, places: { path: unknown[]; type: string }[]][] = [
    ['Patient.name | Person.name', 'Patient', [{ path: ['name'], type: 'HumanName' }]],
    ['(Observation.value as Quantity)', 'Observation', [{ path: ['valueQuantity'], type: 'Quantity' }]],
    ['Observation.value.as(Quantity)', 'Observation', [{ path: ['valueQuantity'], type: 'Quantity' }]],
    [
      '(Observation.value.ofType(CodeableConcept)).text',
      'Observation',
      [{ path: ['valueCodeableConcept', 'text'], type: 'string' }],
    ],
    [
      "Patient.telecom.where(system='email')",
      'Patient',
      [{ path: ['telecom', { where: 'system', is: 'email' }], type: 'ContactPoint' }],
    ],
    [
      'Flag.subject.where(resolve() is Patient)',
      'Flag',
      [{ path: ['subject', { refersTo: 'Patient' }], type: 'Reference' }],
    ],
    ['Bundle.entry[0].resource', 'Bundle', [{ path: [{ element: 'entry', at: 0 }, 'resource'], type: 'Resource' }]],
    [
      'Patient.deceased.exists() and Patient.deceased != false',
      'Patient',
      [{ path: [{ truth: ['deceasedBoolean', 'deceasedDateTime'] }], type: 'boolean' }],
    ],
    ['Condition.onset.ofType(Age)', 'Condition', [{ path: ['onsetAge'], type: 'Quantity' }]],
    [
      'Goal.start',
      'Goal',
      [
        { path: ['startDate'], type: 'date' },
        { path: ['startCodeableConcept'], type: 'CodeableConcept' },
      ],
    ],
    [
      'ValueSet.expansion.contains.contains.code',
      'ValueSet',
      [{ path: ['expansion', 'contains', 'contains', 'code'], type: 'code' }],
    ],
  ]
  for (const [expression, type, places] of understood)
    it(`understands ${expression}`, () => assert.deepEqual(placed(expression, type), places))

  const refused = [
    ...['Patient.name.first()', "Patient.name.where(use = 'x' and family = 'y')", 'Patient.name +', 'Patient.', ''],
    ...[
      '(Patient.name',
      'Patient.name)',
      'Patient.active = true',
      'Patient.deceased.exists() and Patient.active != false',
    ],
    ...['Patient.name.where(resolve() = Patient)', "Patient.name | 'x'", '%resource.id'],
  ]
  for (const expression of refused)
    it(`refuses ${JSON.stringify(expression)}`, () =>
      assert.throws(() => parseExpression(expression), /an expression that this does not know/))
})

describe('placesOf', () => {
  it('refuses an element that R4 does not have', () => {
    assert.throws(() => placed('Patient.colour', 'Patient'), /R4 has no element Patient\.colour/)
  })
  it('refuses what leads nowhere, and exists() by itself', () => {
    assert.throws(() => placed('Patient.birthDate.ofType(Age)', 'Patient'), /leads nowhere/)
    assert.throws(() => placed('Patient.name.exists()', 'Patient'), /finds nothing by itself/)
  })
})
