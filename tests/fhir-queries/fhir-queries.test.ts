import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseQuery } from '#fhir/query/parse-query.ts'
import { answer, included, world } from '#tests/fhir-oracle.ts'
import { searches } from '#tests/fhir-queries.ts'
import { checked } from '#tests/fhir-r4.ts'
import { resources } from './resources.ts'

function parsed(address: string) {
  const [type = '', query = ''] = address.split(/\?(.*)/s)
  return parseQuery([type], new URLSearchParams(query), { ...world, strict: true })
}

describe('searches and resources made by chance', () => {
  it('resources are valid FHIR', () => {
    fc.assert(
      fc.property(resources, (all) => {
        for (const one of all) checked(one)
      }),
      { numRuns: 50 },
    )
  })

  it('each search is understood whole, and the oracle answers it', () => {
    fc.assert(
      fc.property(searches, resources, (address, all) => {
        const query = parsed(address)
        const page = answer(query, all)
        included(query, page, all)
        assert.equal([...query.used].length, [...new URLSearchParams(address.split(/\?(.*)/s)[1])].length)
      }),
      { numRuns: 300 },
    )
  })

  it('a good part of the searches finds some and not all', () => {
    let telling = 0
    const made = fc.sample(fc.tuple(searches, resources), { numRuns: 400, seed: 7 })
    for (const [address, all] of made) {
      const query = parsed(address)
      const most = all.filter(({ resourceType }) => query.types.includes(resourceType)).length
      const found = answer(query, all).length
      if (found > 0 && found < most) telling += 1
    }
    assert.ok(telling > 60, `${telling} of ${made.length}`)
  })
})
