import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Problem } from '#platform/errors.ts'
import type { Asked } from '../interactions/asked.ts'
import { givenIn } from './given.ts'

const known = {
  code: 'text',
  count: 'text',
  coding: 'coding',
  valueSet: 'resource',
  displayLanguage: 'passed',
} as const

const given = (query: string, body?: unknown) =>
  givenIn({ query: new URLSearchParams(query), body } as unknown as Asked, known)

const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter })

const pointersOf = (work: () => unknown): string[] => {
  try {
    work()
  } catch (error) {
    assert.ok(error instanceof Problem && error.code === 'invalid', String(error))
    return (error.errors ?? []).map(({ pointer }) => pointer)
  }
  return assert.fail('is accepted')
}

describe('givenIn', () => {
  it('reads addresses and Parameters alike', () => {
    assert.equal(given('code=a&displayLanguage=fr&_format=json').text('code'), 'a')
    assert.equal(given('', parameters({ name: 'code', valueCode: 'a' })).text('code'), 'a')
    assert.equal(given('', parameters({ name: 'count', valueInteger: 7 })).number('count'), 7)
    assert.deepEqual(given('code=a&code=b').texts('code'), ['a', 'b'])
    const concept = { coding: [{ code: 'a' }, { system: 'urn:s', code: 'b' }] }
    assert.equal(given('', parameters({ name: 'coding', valueCodeableConcept: concept })).codings('coding')?.length, 2)
    assert.equal(given('').codings('coding'), undefined)
  })

  it('refuses what is not known or of the wrong kind, with its place', () => {
    assert.deepEqual(
      pointersOf(() => given('code=a&other=b&valueSet=c&code=')),
      ['/query/1', '/query/valueSet', '/query/code'],
    )
    const bodies: object[] = [
      { name: 'code', valueCoding: { code: 'a' } },
      { name: 'coding', valueCoding: { system: 'urn:s' } },
      { name: 'coding', valueCodeableConcept: { coding: [{ code: 'a' }, 7] } },
      { name: 'valueSet', resource: ['ValueSet'] },
      { name: '__proto__', valueCode: 'a' },
      { name: 'code', valueCode: 'a\0' },
      { name: 'code', valueCode: 'a'.repeat(2_001) },
      {},
    ]
    for (const body of bodies)
      assert.deepEqual(
        pointersOf(() => given('', parameters(body))),
        ['/body/parameter/0'],
      )
    for (const body of [{}, [], { resourceType: 'ValueSet' }, { resourceType: 'Parameters', parameter: 7 }])
      assert.deepEqual(
        pointersOf(() => given('', body)),
        ['/body'],
      )
    assert.deepEqual(
      pointersOf(() => given('', parameters(...Array.from({ length: 101 }, () => ({ name: 'code' }))))),
      ['/body'],
    )
    assert.deepEqual(
      pointersOf(() => given('count=1e9').number('count')),
      ['/query/count'],
    )
  })
})
