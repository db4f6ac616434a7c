import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Problem } from '#platform/errors.ts'
import type { CodeSystem, Concept } from './code-system.ts'
import { expansionOf } from './expansion.ts'
import { memberOf } from './membership.ts'
import { codeSystem, terminologyOf, valueSet } from './testing.ts'
import type { Filter, Include, ValueSet } from './value-set.ts'
import { workWith } from './work.ts'

const numbers = codeSystem('urn:n', [
  {
    code: 'even',
    concept: [
      { code: '2', display: 'two' },
      { code: '4', concept: [{ code: '4a' }] },
    ],
  },
  { code: 'odd', concept: [{ code: '1', property: [{ code: 'prime', valueBoolean: false }] }, { code: '3' }] },
])

/** What an expansion lists, checked against what each code alone is told. */
async function listed(one: ValueSet, ...stored: (CodeSystem | ValueSet)[]): Promise<string[]> {
  const terminology = terminologyOf(numbers, ...stored)
  const codes = (await expansionOf(one, terminology)).map(({ code }) => code)
  for (const code of ['even', '2', '4', '4a', 'odd', '1', '3']) {
    const member = await memberOf(one, { system: 'urn:n', code }, workWith(terminology))
    assert.equal(member !== undefined, codes.includes(code), `${code} is told alike`)
  }
  return codes
}

const refusal = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.then(
    () => assert.fail('is answered'),
    (error: unknown) => error,
  )
  assert.ok(error instanceof Problem, String(error))
  return `${error.code}: ${error.errors?.[0]?.detail ?? error.message}`
}

const part = (...filter: Filter[]): Include => ({ system: 'urn:n', filter })
const isA = (value: string): Filter => ({ property: 'concept', op: 'is-a', value })

describe('expansionOf', () => {
  it('goes down hierarchies, and asks for all filters of a part', async () => {
    assert.deepEqual(await listed(valueSet('urn:a', [part(isA('4'))])), ['4', '4a'])
    assert.deepEqual(await listed(valueSet('urn:a', [part(isA('even'), isA('4'))])), ['4', '4a'])
    assert.deepEqual(await listed(valueSet('urn:a', [part(isA('none'))])), [])
    const prime = { property: 'prime', op: '=', value: 'false' }
    assert.deepEqual(await listed(valueSet('urn:a', [part(prime)])), ['1'])
    const parent = { property: 'parent', op: 'in', value: '4,odd' }
    assert.deepEqual(await listed(valueSet('urn:a', [part(parent)])), ['4a', '1', '3'])
    assert.deepEqual(await listed(valueSet('urn:a', [part({ property: 'display', op: '=', value: 'two' })])), ['2'])
  })

  it('several value sets in one part are what they have in common', async () => {
    const even = valueSet('urn:even', [part(isA('even'))])
    const few = valueSet('urn:few', [{ system: 'urn:n', concept: [{ code: '2' }, { code: '3' }] }])
    assert.deepEqual(await listed(valueSet('urn:a', [{ valueSet: ['urn:even', 'urn:few'] }]), even, few), ['2'])
    assert.deepEqual(
      await listed(valueSet('urn:a', [{ valueSet: ['urn:few'] }], [{ valueSet: ['urn:even'] }]), even, few),
      ['3'],
    )
  })

  it('takes one that comes expanded, without what may not be chosen', async () => {
    const contains = [{ system: 'urn:n', code: 'even', abstract: true, contains: [{ system: 'urn:n', code: '2' }] }]
    const one: ValueSet = { resourceType: 'ValueSet', url: 'urn:a', expansion: { contains } }
    assert.deepEqual(await listed(one), ['2'])
    assert.match(await refusal(listed({ resourceType: 'ValueSet' })), /neither what it is composed of/)
  })

  it('codes that do not tell case apart are found either way', async () => {
    const loose = codeSystem('urn:l', [{ code: 'Up', concept: [{ code: 'Down' }] }], { caseSensitive: false })
    const one = valueSet('urn:a', [{ system: 'urn:l', filter: [isA('UP')] }])
    const work = workWith(terminologyOf(loose))
    assert.equal((await memberOf(one, { system: 'urn:l', code: 'DOWN' }, work))?.code, 'Down')
    assert.equal(await memberOf(one, { system: 'urn:l', code: 'left' }, work), undefined)
  })

  it('a code system of which only some is kept is not taken for whole', async () => {
    const some = codeSystem('urn:s', [{ code: 'a' }], { content: 'fragment' })
    assert.match(await refusal(listed(valueSet('urn:a', [{ system: 'urn:s' }]), some)), /of which not all is kept here/)
    const named = valueSet('urn:a', [{ system: 'urn:s', concept: [{ code: 'a' }] }])
    assert.deepEqual(await listed(named, some), ['a'])
  })

  it('circles are found, however long', async () => {
    const ring = (length: number) =>
      Array.from({ length }, (_, n) => valueSet(`urn:${n}`, [{ valueSet: [`urn:${(n + 1) % length}|1`] }]))
    for (const length of [1, 2, 40]) {
      const [first, ...others] = ring(length)
      assert.match(
        await refusal(listed(first ?? assert.fail(), ...others, ...(first ? [first] : []))),
        /made of itself/,
      )
    }
    const [first, ...others] = ring(60)
    assert.match(await refusal(listed(first ?? assert.fail(), ...others)), /more than 50 deep/)
  })

  it('what is made of the same parts in many ways is worked out once for each', async () => {
    const doubled = Array.from({ length: 40 }, (_, n) => {
      const next = { system: 'urn:n', valueSet: [`urn:${n + 1}`] }
      return valueSet(`urn:${n}`, [next, next, { valueSet: [`urn:${n + 1}`] }])
    })
    const [first = assert.fail(), ...others] = doubled
    const last = (value: string) => valueSet('urn:40', [part(isA(value))])
    assert.deepEqual(await listed(first, ...others, last('4')), ['4', '4a'])
    assert.deepEqual(await listed(first, ...others, last('none')), [])
  })

  it('what takes too long is refused', async () => {
    const many = codeSystem(
      'urn:m',
      Array.from({ length: 9_000 }, (_, n) => ({ code: `c${n}` })),
    )
    const exclude = Array.from({ length: 100 }, (_, n) => ({ system: 'urn:m', concept: [{ code: `x${n}` }] }))
    const before = process.cpuUsage()
    const one = valueSet('urn:a', [{ system: 'urn:m' }], exclude)
    assert.match(await refusal(expansionOf(one, terminologyOf(many))), /^too-costly/)
    assert.ok(process.cpuUsage(before).user < 5_000_000)
  })

  it('concepts that lie too deep are refused, and many are listed up to 10,000', async () => {
    const all = valueSet('urn:a', [{ system: 'urn:m' }])
    const deep = (depth: number) => {
      let concept: Concept = { code: 'x' }
      for (let n = 1; n < depth; n++) concept = { code: `c${n}`, concept: [concept] }
      return terminologyOf(codeSystem('urn:m', [concept]))
    }
    assert.equal((await expansionOf(all, deep(50))).length, 50)
    for (const depth of [51, 100_000]) assert.match(await refusal(expansionOf(all, deep(depth))), /^too-costly.*deeper/)
    const many = (length: number) =>
      codeSystem(
        'urn:m',
        Array.from({ length }, (_, n) => ({ code: `c${n}` })),
      )
    assert.equal((await expansionOf(all, terminologyOf(many(10_000)))).length, 10_000)
    assert.match(await refusal(expansionOf(all, terminologyOf(many(10_001)))), /more than 10000 codes/)
    let contains: object = {}
    for (let n = 0; n < 100_000; n++) contains = { code: `c${n}`, contains: [contains] }
    const stored = { resourceType: 'ValueSet', expansion: { contains: [contains] } } as ValueSet
    assert.match(await refusal(expansionOf(stored, terminologyOf())), /more than 10000 codes/)
  })
})
