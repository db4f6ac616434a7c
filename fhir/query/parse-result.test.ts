import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parse } from './testing.ts'

describe('parseQuery: how the answer looks', () => {
  const understood: readonly [string, object][] = [
    [
      'Patient?name=x',
      { count: 20, total: 'none', summary: undefined, elements: undefined, sort: [], cursor: undefined },
    ],
    ['Patient?_count=5000', { count: 1000 }],
    ['Patient?_count=0', { count: 0, total: 'accurate' }],
    ['Patient?_summary=count&_count=5', { count: 0, total: 'accurate', summary: 'count' }],
    ['Patient?_summary=false', { count: 20, summary: undefined }],
    ['Patient?_total=estimate', { total: 'estimate' }],
    ['Patient?_elements=name,birthDate', { elements: ['name', 'birthDate'] }],
    ['Patient?cursor=aB_-1', { cursor: 'aB_-1' }],
  ]
  for (const [address, expected] of understood)
    it(`${address} is understood`, () => assert.partialDeepStrictEqual(parse(address), expected))

  it('_sort has several parameters, - turns one round', () => {
    const { sort } = parse('Patient?_sort=family,-birthdate,_id')
    assert.deepEqual(
      sort.map(({ parameter, descending }) => [parameter.code, descending]),
      [
        ['family', false],
        ['birthdate', true],
        ['_id', false],
      ],
    )
  })

  const includes: readonly [string, readonly unknown[]][] = [
    ['_include=Observation:subject', [['include', 'Observation', 'subject', undefined, false]]],
    ['_include=Observation:subject:Patient', [['include', 'Observation', 'subject', 'Patient', false]]],
    ['_include:iterate=Patient:organization', [['include', 'Patient', 'organization', undefined, true]]],
    ['_include=*', [['include', 'Observation', undefined, undefined, false]]],
    ['_include=Observation:*', [['include', 'Observation', undefined, undefined, false]]],
    ['_include=Observation:*:Patient', [['include', 'Observation', undefined, 'Patient', false]]],
    ['_revinclude=Provenance:target', [['revinclude', 'Provenance', 'target', undefined, false]]],
    ['_revinclude:iterate=Provenance:target', [['revinclude', 'Provenance', 'target', undefined, true]]],
  ]
  for (const [query, expected] of includes)
    it(`${query} is understood`, () =>
      assert.deepEqual(
        parse(`Observation?${query}`).includes.map((one) => [
          one.kind,
          one.type,
          one.parameter?.code,
          one.target,
          one.iterate,
        ]),
        expected,
      ))

  it('what was looked at is told in its order, without what was not', () => {
    const { used } = parse('Patient?gender=male&nonsense=1&_format=json&_pretty=true&name=&_sort=name&gender=female')
    assert.deepEqual(
      [...used],
      [
        ['gender', 'male'],
        ['_sort', 'name'],
        ['gender', 'female'],
      ],
    )
  })

  it('_filter comes beside other criteria, and all of several hold', () => {
    const { criteria, filter } = parse('Patient?gender=male&_filter=name co a&_filter=active eq true')
    assert.equal(criteria.length, 1)
    assert.equal(filter?.kind, 'and')
  })
})
