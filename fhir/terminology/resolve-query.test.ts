import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parse } from '../query/testing.ts'
import { refusal } from '../testing.ts'
import { resolveQuery } from './resolve-query.ts'
import { codeSystem, terminologyOf, valueSet } from './testing.ts'

const animals = codeSystem('urn:animals', [
  { code: 'bird', concept: [{ code: 'finch' }, { code: 'gull' }] },
  { code: 'fish' },
])
const birds = valueSet('urn:birds', [
  { system: 'urn:animals', filter: [{ property: 'concept', op: 'descendent-of', value: 'bird' }] },
])
const long = (name: string, length: number) =>
  valueSet(name, [{ system: 'urn:x', concept: Array.from({ length }, (_, n) => ({ code: `c${n}` })) }])
const terminology = terminologyOf(animals, birds, long('urn:1000', 1_000), long('urn:600', 600), long('urn:500', 500))

const token = (code: string) => ({ kind: 'token', system: 'urn:animals', code })
const plain = (modifier: string | undefined, ...codes: string[]) => ({ modifier, values: codes.map(token) })

/** Its criterion, however deep it lies. */
async function resolved(address: string) {
  const { criteria, filter } = await resolveQuery(parse(address), terminology)
  const text = JSON.stringify(criteria[0] ?? filter, (key, value) => (key === 'parameter' ? undefined : value))
  return text
}

const own = ({ modifier, values }: ReturnType<typeof plain>) => JSON.stringify({ kind: 'own', modifier, values })

describe('resolveQuery', () => {
  it('puts the codes themselves in place of value sets and hierarchies', async () => {
    assert.equal(await resolved('Observation?code:in=urn:birds'), own(plain(undefined, 'finch', 'gull')))
    assert.equal(await resolved('Observation?code:not-in=urn:birds'), own(plain('not', 'finch', 'gull')))
    assert.equal(
      await resolved('Observation?code:below=urn:animals|bird'),
      own(plain(undefined, 'bird', 'finch', 'gull')),
    )
    assert.equal(await resolved('Observation?code:above=urn:animals|gull'), own(plain(undefined, 'gull', 'bird')))
  })

  it('behind chains, in _has and in filters too', async () => {
    const found = own(plain(undefined, 'finch', 'gull'))
    for (const address of [
      'DiagnosticReport?result.code:in=urn:birds',
      'Patient?_has:Observation:subject:code:in=urn:birds',
      'Observation?_filter=status eq final and not (code in "urn:birds")',
    ])
      assert.ok((await resolved(address)).includes(found), address)
  })

  it('leaves everything else as it is', async () => {
    for (const address of ['Observation?code:not=x', 'ValueSet?url:below=urn:a', 'Patient?name:exact=A']) {
      const query = parse(address)
      assert.deepEqual(await resolveQuery(query, terminology), query)
    }
  })

  it('one criterion stands for 1,000 codes, and all for 10,000', async () => {
    const refused = async (address: string) => {
      const query = parse(address)
      const error = await resolveQuery(query, terminology).catch((error: unknown) => error)
      return refusal(() => {
        throw error
      }).errors?.[0]?.detail
    }
    assert.ok(await resolved('Observation?code:in=urn:1000'))
    assert.match((await refused('Observation?code:in=urn:600,urn:500')) ?? '', /more than 1000 codes/)
    const many = (count: number) => Array.from({ length: count }, () => 'code:in=urn:1000').join('&')
    assert.ok(await resolved(`Observation?${many(10)}`))
    assert.match((await refused(`Observation?${many(11)}`)) ?? '', /more than 1000 codes/)
    assert.match((await refused('Observation?code:in=urn:none')) ?? '', /is not kept here/)
    assert.match((await refused('Observation?code:above=urn:none|a')) ?? '', /is not kept here/)
  })
})
