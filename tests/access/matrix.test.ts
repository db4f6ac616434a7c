import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { OperationSpec } from '#platform/operation.ts'
import { all, operations, roleLets } from './callers.ts'
import { copyOfWorld } from './copies.ts'
import type { Ask, Row } from './row.ts'
import { rows } from './rows.ts'
import { type Caller, callers, type World } from './world.ts'

// `make access`: every operation, asked by every kind of caller, on somebody's data. An operation without a row fails the run.

/** For what changes nothing, so that none takes from the next what it asks about. */
const unchanged = await copyOfWorld()
after(() => unchanged[Symbol.asyncDispose]())

const HIGHEST_VERSION = 9

/** With whatever version the thing has by now. */
async function ask(world: World, caller: Caller, operation: OperationSpec, given: Ask) {
  for (let version = 1; ; version++) {
    const answer = await askOnce(world, caller, operation, given, version)
    if (answer.status !== 412 || version === HIGHEST_VERSION) return answer
  }
}

const FORM = 'application/x-www-form-urlencoded'

async function askOnce(
  { house, clients }: World,
  caller: Caller,
  operation: OperationSpec,
  { params, query, body, upload }: Ask,
  version: number,
) {
  const path = operation.url.replace(/:(\w+)/g, (_, name: string) => params?.[name] ?? `missing-${name}`)
  const payload = upload ?? (body === undefined ? undefined : JSON.stringify(body))
  const { token } = clients[caller]
  const answer = await house.app.inject({
    method: operation.method,
    remoteAddress: `10.0.0.${all.indexOf(caller)}`, // some operations are limited for each address
    url: query ? `${path}?${query}` : path,
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(payload !== undefined && {
        'content-type': upload
          ? (['text/csv', 'image/png', 'application/fhir+ndjson', 'application/fhir+json'].find((type) =>
              operation.upload?.mediaTypes.includes(type),
            ) ?? FORM)
          : 'application/json',
      }),
      ...(operation.ifMatch && { 'if-match': `"${version}"` }),
    },
    ...(payload !== undefined && { payload }),
  })
  return { status: answer.statusCode, text: answer.body }
}

const REFUSED = new Set([401, 403, 404])

/** Faults of one operation, each in words. */
async function faultsOf(operation: OperationSpec): Promise<string[]> {
  const of = [rows[operation.id] ?? []].flat()
  if (of.length === 0) return [`${operation.id} has no row in tests/access/rows.ts`]
  const faults: string[] = []
  for (const row of of) faults.push(...(await faultsIn(operation, row)))
  return faults
}

async function faultsIn(operation: OperationSpec, row: Row): Promise<string[]> {
  if (operation.method === 'GET') return faultsThere(unchanged, operation, row)
  await using world = await copyOfWorld()
  return await faultsThere(world, operation, row)
}

async function faultsThere(world: World, operation: OperationSpec, row: Row): Promise<string[]> {
  const faults: string[] = []
  let done = false
  let reached = false
  const furthest = new Set<number>()
  const may = (caller: Caller) => roleLets(caller, operation) && (row.who?.includes(caller) ?? true)
  if (row.who?.length === 0 && !row.never) faults.push(`${operation.id}: its row lets nobody in`)
  for (const caller of row.who ?? [])
    if (!roleLets(caller, operation))
      faults.push(`${operation.id}: ${caller} is named, and their role does not let them call`)
  // Those who may not come first: what the others do might take away what is asked about.
  for (const caller of all.toSorted((a, b) => Number(may(a)) - Number(may(b)))) {
    const { status, text } = await ask(world, caller, operation, row.ask(world.ids))
    const refused = REFUSED.has(status)
    if (may(caller) && row.once && done && status === 404) continue
    done ||= may(caller)
    reached ||= status < 300
    if (may(caller)) furthest.add(status)
    if (status >= 500) faults.push(`${operation.id} by ${caller}: ${status}`)
    if (operation.access !== 'public' && refused === may(caller))
      faults.push(
        `${operation.id} by ${caller} (${callers[caller]}): ${status}, ${may(caller) ? 'and they may' : 'and they may not'}`,
      )
    if (caller === 'nobody' && operation.access !== 'public' && status !== 401)
      faults.push(`${operation.id} by nobody: ${status}`)
    if (row.shows && !refused && text.includes(row.shows.of(world.ids)) !== row.shows.to.includes(caller))
      faults.push(`${operation.id} ${row.shows.to.includes(caller) ? 'does not show' : 'shows'} it to ${caller}`)
  }
  if (!reached && !row.never) faults.push(`${operation.id}: none of those who may got further than ${[...furthest]}`)
  if (reached && row.never) faults.push(`${operation.id}: somebody got through, and the row says never`)
  return faults
}

describe('every operation × every caller', { concurrency: 3 }, () => {
  for (const operation of operations) it(operation.id, async () => assert.deepEqual(await faultsOf(operation), []))
})

describe('the rows', () => {
  it('name no operation that is not there', () => {
    const ids = new Set(operations.map(({ id }) => id))
    assert.deepEqual(
      Object.keys(rows).filter((id) => !ids.has(id)),
      [],
    )
  })

  it('count', (t) =>
    t.diagnostic(`${operations.length} operations × ${all.length} callers = ${operations.length * all.length} cells`))
})
