import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Kysely as Builder, type Kysely, PostgresDialect, type PostgresPool } from 'kysely'
import { changeOf } from '#fhir/interactions/checked.ts'
import { parseQuery } from '#fhir/query/parse-query.ts'
import type { Query } from '#fhir/query/query.ts'
import type { Resource } from '#fhir/resource.ts'
import { compartmentTypes, searchParameter } from '#fhir/search-parameters.ts'
import { rowOf } from '#fhir/store/change.ts'
import { findResources } from '#fhir/store/find.ts'
import { includedIn } from '#fhir/store/include.ts'
import { validate } from '#fhir/validate.ts'
import { openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { answer, included, sortKeys, world } from '../fhir-oracle.ts'
import { IDS, resources, TYPES } from '../fhir-queries/resources.ts'
import { searches } from '../fhir-queries.ts'

const seer = { account: undefined, within: undefined, now: world.now, isHouse: true }
const face = {
  base: world.base,
  types: [],
  clinical: new Set<string>(),
  shared: new Set<string>(),
  keepers: new Map(),
  readAs: new Map(),
  writer: { relationships: undefined },
}

/** As the owner of the database, to whom all types belong. */
function ownersDb({ owner }: TestHouse): Kysely<unknown> {
  const pool = { connect: async () => ({ query: owner.query.bind(owner), release() {} }), end: async () => {} }
  return new Builder({ dialect: new PostgresDialect({ pool: pool as unknown as PostgresPool }) })
}

async function fill({ owner }: TestHouse, all: readonly Resource[]): Promise<void> {
  await owner.query(
    'truncate platform.fhir_resource, platform.fhir_past, platform.fhir_string, platform.fhir_date, platform.fhir_quantity, platform.fhir_position',
  )
  await owner.query(
    `insert into platform.fhir_type select type, 'records' from unnest($1::text[]) type on conflict do nothing`,
    [all.map(({ resourceType }) => resourceType)],
  )
  const rows = all.map((resource, place) => {
    const at = new Date(String(resource.meta?.lastUpdated ?? world.now.toISOString()))
    const { id = '', resourceType: type } = resource
    return rowOf(changeOf(resource, { type, id, version: 1, at, method: 'PUT' }, face), place)
  })
  const { rows: written } = await owner.query('select platform.fhir_write($1) as places', [JSON.stringify(rows)])
  assert.equal(written[0].places.length, all.length)
}

const named = ({ resourceType, id }: { resourceType: string; id?: string }) => `${resourceType}/${id}`

/** All pages, one after the other. */
async function storeAnswer(
  db: Kysely<unknown>,
  query: Query,
): Promise<{ matches: string[]; included: Set<string>; total: number | undefined }> {
  const [matches, beside] = [[] as string[], new Set<string>()]
  let total: number | undefined
  for (let cursor = query.cursor; ; ) {
    const page = await findResources(db, { ...query, count: 3, total: 'accurate', cursor }, seer)
    total = page.total
    matches.push(...page.rows.map(({ type, id }) => `${type}/${id}`))
    for (const { type, id } of await includedIn(db, page.rows, query, { seer, base: world.base }))
      beside.add(`${type}/${id}`)
    if (page.next === undefined) return { matches, included: beside, total }
    cursor = page.next
  }
}

/** The whole of the definition, for what has all of these types and for one of them. */
const compartments = fc
  .tuple(fc.constantFrom(...compartmentTypes), fc.constantFrom(...IDS))
  .map(([of, id]) => ({ kind: 'compartment', of, id }) as const)

const byToken = ({ sort }: Query) => sort.some(({ parameter }) => parameter.type === 'token')

describe('searching the store', () => {
  it('answers as the specification read word for word does: matches, order, pages, includes, totals', async () => {
    await using house = await openTestHouse(everything)
    const db = ownersDb(house)
    await using _emptied = { [Symbol.asyncDispose]: () => fill(house, []) } // of what has no row in any room
    await fc.assert(
      fc.asyncProperty(resources, fc.array(searches, { minLength: 12, maxLength: 12 }), async (made, addresses) => {
        const all = made.filter((one) => validate(one).length === 0) // no Period that ends before it starts
        await fill(house, all)
        for (const address of addresses) {
          const [type = '', text = ''] = address.split(/\?(.*)/s)
          const query = parseQuery([type], new URLSearchParams(text), {
            base: world.base,
            strict: true,
            parameters: searchParameter,
          })
          const expected = answer(query, all)
          const got = await storeAnswer(db, query)
          const differ = all.filter((one) => got.matches.includes(named(one)) !== expected.includes(one))
          assert.deepEqual(
            [...got.matches].sort(),
            expected.map(named).sort(),
            `${decodeURIComponent(address)}: ${JSON.stringify(differ)}`,
          )
          assert.equal(got.total, expected.length, address)
          const byName = new Map(all.map((one) => [named(one), one]))
          // A code with a | in it looks like one of a system: it is found, and stands elsewhere in the order.
          if (!byToken(query) || !JSON.stringify(all).includes('c|d'))
            assert.deepEqual(
              got.matches.map((name) => sortKeys(query, byName.get(name) as Resource)),
              expected.map((one) => sortKeys(query, one)),
              address,
            )
          const beside = new Set(included(query, expected, all).map(named))
          for (const name of got.matches) beside.delete(name)
          for (const name of got.matches) got.included.delete(name)
          assert.deepEqual([...got.included].sort(), [...beside].sort(), address)
        }
      }),
      { numRuns: 60, endOnFailure: true },
    )
  })

  it('finds in a compartment, of one type or of all, what its definition puts there, and nothing else', async () => {
    await using house = await openTestHouse(everything)
    const db = ownersDb(house)
    await using _emptied = { [Symbol.asyncDispose]: () => fill(house, []) }
    const known = { base: world.base, strict: true, parameters: searchParameter }
    let told = 0
    await fc.assert(
      fc.asyncProperty(resources, fc.array(compartments, { minLength: 8, maxLength: 8 }), async (made, asked) => {
        const all = made.filter((one) => validate(one).length === 0)
        await fill(house, all)
        for (const one of asked)
          for (const types of [[...TYPES], ...TYPES.map((type) => [type])]) {
            const query = { ...parseQuery(types, new URLSearchParams(), known), criteria: [one] }

            const expected = answer(query, all).map(named).sort()
            const got = await storeAnswer(db, query)
            assert.deepEqual(got.matches.sort(), expected, `${one.of}/${one.id}/${types}`)
            assert.equal(got.total, expected.length)
            if (one.of !== 'Patient' && expected.length > 0) told += 1
          }
      }),
      { numRuns: 15, endOnFailure: true },
    )
    assert.ok(told > 20, String(told))
  })
})
