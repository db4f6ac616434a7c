import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Criterion } from './query.ts'
import { parse } from './testing.ts'

/** A criterion in one line: `subject>Patient.name`. */
function brief(criterion: Criterion): string {
  if (criterion.kind === 'own')
    return `${criterion.parameter.code}${criterion.modifier ? `:${criterion.modifier}` : ''}`
  if (criterion.kind === 'has') return `${criterion.type}.${criterion.parameter.code}<${brief(criterion.criterion)}`
  if (criterion.kind === 'compartment') return 'compartment'
  return `${criterion.parameter.code}>${criterion.to.map((one) => `${one.type}.${brief(one.criterion)}`).join('+')}`
}

describe('parseCriterion', () => {
  const understood: readonly [string, readonly string[]][] = [
    ['Patient?name=a&name=b', ['name', 'name']],
    ['Patient?name:exact=a', ['name:exact']],
    ['Patient?name:contains=a', ['name:contains']],
    ['Patient?gender:not=male', ['gender:not']],
    ['Observation?code:not-in=urn:x', ['code:not-in']],
    ['Observation?code:below=a', ['code:below']],
    ['Observation?code:above=a', ['code:above']],
    ['Location?partof:below=1', ['partof:below']],
    ['Observation?subject:Patient.name=a', ['subject>Patient.name']],
    ['Observation?subject:Patient.name:exact=a', ['subject>Patient.name:exact']],
    ['Observation?subject:Patient.organization.name=x', ['subject>Patient.organization>Organization.name']],
    ['Observation?subject.name=x', ['subject>Patient.name+Location.name']],
    ['Observation?subject.birthdate=1980', ['subject>Patient.birthdate']],
    [
      'Observation?encounter.part-of.part-of.part-of.part-of.status=x',
      ['encounter>Encounter.part-of>Encounter.part-of>Encounter.part-of>Encounter.part-of>Encounter.status'],
    ],
    ['Patient?_has:Observation:patient:code=x', ['Observation.patient<code']],
    ['Patient?_has:Observation:subject:code:text=x', ['Observation.subject<code:text']],
    [
      'Patient?_has:Observation:patient:_has:AuditEvent:entity:agent=x',
      ['Observation.patient<AuditEvent.entity<agent'],
    ],
    [
      'Patient?_has:Observation:patient:performer:Practitioner.name=x',
      ['Observation.patient<performer>Practitioner.name'],
    ],
    ['Observation?subject:Patient._has:Condition:patient:code=x', ['subject>Patient.Condition.patient<code']],
    ['Patient?_lastUpdated=gt2031', ['_lastUpdated']],
    ['Patient?subject:Patient.name=x&nonsense=1&nonsense:exact=1&gender=male', ['gender']],
  ]
  for (const [address, expected] of understood)
    it(`${address} is ${expected.join(' and ')}`, () => assert.deepEqual(parse(address).criteria.map(brief), expected))

  it('several types are searched by what all of them have in the same kind', () => {
    const { types, criteria, used } = parse('?_type=Observation,Condition&subject=Patient/1&value-quantity=1')
    assert.deepEqual(types, ['Observation', 'Condition'])
    assert.deepEqual(criteria.map(brief), ['subject'])
    assert.equal(used.has('value-quantity'), false)
  })

  it('a name that an object has from birth is not known', () => {
    const { criteria, used } = parse('Patient?__proto__=1&constructor=1&toString:exact=1&hasOwnProperty.x=1')
    assert.deepEqual([criteria, [...used]], [[], []])
    const plain: Record<string, Record<string, never>> = { Patient: {} }
    const more = { parameters: (type: string, code: string) => plain[type]?.[code] }
    assert.deepEqual(parse('Patient?__proto__=1&a b=1&_has:__proto__:x:y=1', more).criteria, [])
  })
})
