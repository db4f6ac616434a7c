import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Resource } from '#fhir/resource.ts'
import { type Answer, type Client, openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { newPatient } from '../calendar.ts'
import { historyOf, indexFaults, orphans, versionsIn } from '../fhir-store.ts'
import { anotherWhoTreats, openWard, pulse, replacing } from '../ward.ts'

const CLIENTS = 6
const STEPS = 25
const IDS = 5
const KEYS = 2
const RUNS = 4

const KINDS = [
  ...['create', 'update', 'update', 'update', 'patch', 'patch', 'fhirpath', 'delete'],
  ...['conditionalCreate', 'conditionalUpdate', 'transaction', 'transaction'],
  ...['invalid', 'stranger', 'halfStranger'],
] as const

const step = fc.record({
  kind: fc.constantFrom(...KINDS),
  /** Of the resources that all write. */
  id: fc.integer({ min: 0, max: IDS - 1 }),
  key: fc.integer({ min: 0, max: KEYS - 1 }),
  value: fc.integer({ min: 1, max: 300 }),
  /** With an ETag. */
  match: fc.boolean(),
  /** The clock goes on, or back: those of several machines are not one. */
  milliseconds: fc.integer({ min: -50, max: 200 }),
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** What somebody was told that they had done. `made`: what the version must be, of what was before; undefined: it was not said. */
interface Told {
  id: string
  version: number
  body: Resource | undefined
  made: ((before: Resource | undefined) => object | undefined) | undefined
}

interface World {
  house: TestHouse
  patient: string
  stranger: string
  told: Told[]
  /** That were seen, by resource. */
  etags: Map<string, string>
  /** Statuses of all answers. */
  seen: Map<number, number>
}

const numbered = (patient: string, value: number, more: object = {}) => {
  const one = pulse(patient, more)
  return { ...one, valueQuantity: { ...one.valueQuantity, value } }
}

const withValue = (before: Resource | undefined, value: number): object | undefined =>
  before && { ...before, valueQuantity: { ...(before.valueQuantity as object), value } }

const versionIn = (etag: unknown) => Number(/^W\/"(\d+)"$/.exec(String(etag))?.[1])

function note({ seen }: World, { status, body }: Answer): boolean {
  seen.set(status, (seen.get(status) ?? 0) + 1)
  assert.ok(status < 500, `${status} ${JSON.stringify(body)}`)
  return status < 300
}

/** `id` of what was not there. */
function noteOne(world: World, answer: Answer, made: Told['made'], id?: string): void {
  if (!note(world, answer)) return
  const body = answer.body === '' ? undefined : (answer.body as Resource)
  const version = versionIn(answer.headers.etag)
  if (Number.isNaN(version)) assert.equal(answer.status, 204, 'only what was never there has no version')
  else world.told.push({ id: body?.id ?? id ?? '', version, body, made })
}

async function act(world: World, client: Client, { kind, id: n, key, value, match, milliseconds }: Step) {
  const { house, patient, stranger } = world
  house.setNow(new Date(house.house.now().getTime() + milliseconds).toISOString())
  const id = `o-${n}`
  const url = `/fhir/R4/Observation/${id}`
  const sent = numbered(patient, value)
  const known = async (): Promise<Record<string, string>> => {
    // As read just now, or some time ago.
    const etag = match && ((value % 2 === 0 && world.etags.get(id)) || (await client.get(url)).headers.etag)
    if (etag) world.etags.set(id, String(etag))
    return etag ? { 'if-match': String(etag) } : {}
  }
  const keyed = (system: string) => numbered(patient, value, { identifier: [{ system, value: `${key}` }] })
  const patched: Told['made'] = (before) => withValue(before, value)
  switch (kind) {
    case 'create':
      return noteOne(world, await client.post('/fhir/R4/Observation', sent), () => sent)
    case 'update': {
      const version = await known()
      const answer = await client.put(url, { ...sent, id }, version)
      assert.ok('if-match' in version || answer.status < 300, JSON.stringify(answer))
      return noteOne(world, answer, () => sent)
    }
    case 'patch': {
      const type = { 'content-type': 'application/json-patch+json' }
      const patch = [{ op: 'replace', path: '/valueQuantity/value', value }]
      return noteOne(world, await client.patch(url, patch, { ...type, ...(await known()) }), patched)
    }
    case 'fhirpath':
      return noteOne(world, await client.patch(url, replacingValue(value), await known()), patched)
    case 'delete':
      return noteOne(world, await client.delete(url, await known()), undefined, id)
    case 'conditionalCreate': {
      const answer = await client.post('/fhir/R4/Observation', keyed('urn:created'), {
        'if-none-exist': `identifier=urn:created|${key}`,
      })
      return noteOne(world, answer, answer.status === 201 ? () => keyed('urn:created') : undefined)
    }
    case 'conditionalUpdate': {
      const body = keyed('urn:updated')
      return noteOne(world, await client.put(`/fhir/R4/Observation?identifier=urn:updated|${key}`, body), () => body)
    }
    case 'transaction':
      return bundle(world, client, { id, other: `o-${(n + 1 + key) % IDS}`, key, value })
    case 'invalid':
      return assert.equal(note(world, await client.put(url, { ...sent, id, status: 'no such' })), false)
    case 'stranger':
      return assert.equal(note(world, await client.post('/fhir/R4/Observation', pulse(stranger))), false)
    default: {
      const entry = [posted(sent), { ...put(id, sent) }, posted(pulse(stranger))]
      return assert.equal(note(world, await client.post('/fhir/R4', transactionOf(entry))), false)
    }
  }
}

const replacingValue = (value: number) => replacing('Observation.value.value', { valueDecimal: value })

const transactionOf = (entry: object[]) => ({ resourceType: 'Bundle', type: 'transaction', entry })
const posted = (resource: object, more: object = {}) => ({
  resource,
  request: { method: 'POST', url: 'Observation', ...more },
})
const put = (id: string, resource: object) => ({
  resource: { ...resource, id },
  request: { method: 'PUT', url: `Observation/${id}` },
})

/** Of all kinds of entry, in no order of theirs. */
async function bundle(
  world: World,
  client: Client,
  { id, other, key, value }: { id: string; other: string; key: number; value: number },
): Promise<void> {
  const sent = numbered(world.patient, value)
  const once = numbered(world.patient, value, { identifier: [{ system: 'urn:created', value: `${key}` }] })
  const entries = [
    posted(sent),
    put(id, sent),
    value % 3 === 0 ? { request: { method: 'DELETE', url: `Observation/${other}` } } : put(other, sent),
    ...(value % 2 === 0 ? [posted(once, { ifNoneExist: `identifier=urn:created|${key}` })] : []),
  ]
  const answer = await client.post('/fhir/R4', transactionOf(entries), { prefer: 'return=representation' })
  if (!note(world, answer)) return
  for (const [at, { response, resource }] of answer.body.entry.entries()) {
    const [, where = '', version] = /^Observation\/(.+)\/_history\/(\d+)$/.exec(response.location ?? '') ?? []
    if (where === '') assert.equal(response.status, '204 No Content')
    const wrote = response.status.startsWith('20') && resource !== undefined
    if (where !== '')
      world.told.push({
        ...{ id: where, version: Number(version), body: resource },
        made: wrote ? () => (at === 3 ? once : sent) : undefined,
      })
  }
}

const withoutOwn = ({ id: _id, meta: _meta, ...rest }: Resource): object => rest

/** What was told is there and nothing else, each version made of the one before. */
async function replay({ house, told }: World): Promise<void> {
  const versions = await versionsIn(house.owner)
  const at = (id: string, version: number) => versions.find((one) => one.id === id && one.version === version)
  const writes = told.filter(({ made }) => made !== undefined)
  const names = writes.map(({ id, version }) => `${id} ${version}`)
  assert.equal(new Set(names).size, names.length, 'no version was written by two')
  for (const { id, version, body, made } of told) {
    const there = at(id, version)
    assert.ok(there, `${id} ${version} was acknowledged`)
    if (body) assert.deepEqual(there.body, body)
    if (made)
      assert.deepEqual(there.body && withoutOwn(there.body), withoutOwn(made(at(id, version - 1)?.body) as never))
  }
  const known = new Set(told.map(({ id, version }) => `${id} ${version}`))
  assert.deepEqual(
    versions.filter(({ id, version }) => !known.has(`${id} ${version}`)),
    [],
    'what was refused left nothing',
  )
  for (const [id, all] of Map.groupBy(versions, (one) => one.id)) {
    assert.deepEqual(
      all.map(({ version }) => version),
      all.map((_, n) => n + 1),
      `${id} has each version once`,
    )
    for (const [n, { change, changedAt, body, version, method }] of all.entries()) {
      const before = all[n - 1]
      assert.ok(!before || (before.change < change && before.changedAt <= changedAt), `${id} goes on`)
      assert.equal(body === undefined, method === 'DELETE')
      if (body) assert.deepEqual([body.id, body.meta?.versionId, body.meta?.lastUpdated], [id, `${version}`, changedAt])
    }
  }
}

/** What the face shows of it. */
async function shown({ house }: World, client: Client): Promise<void> {
  const versions = await versionsIn(house.owner)
  const newest = [...versions].sort((a, b) => b.change - a.change)
  const listed = newest.map(({ id, version, method }) => `${id} ${version} ${method}`)
  for (const url of ['/fhir/R4/_history', '/fhir/R4/Observation/_history'])
    assert.deepEqual(await historyOf(client, `${url}?_count=40`), listed, url)
  for (const [id, all] of Map.groupBy(newest, (one) => one.id)) {
    const url = `/fhir/R4/Observation/${id}`
    assert.deepEqual(
      await historyOf(client, `${url}/_history`),
      all.map(({ version, method }) => `${id} ${version} ${method}`),
    )
    const now = await client.get(url)
    const [last] = all
    assert.equal(now.status, last?.body ? 200 : 410)
    if (last?.body) assert.deepEqual([now.body, now.headers.etag], [last.body, `W/"${last.version}"`])
  }
}

async function recorded({ house: { owner } }: World): Promise<void> {
  const versions = await versionsIn(owner)
  const { rows } = await owner.query(
    `select replace(entity, 'Observation/', '') as id, action, count(*)::int as n from platform.audit_event
     where entity like 'Observation/%' and action <> 'R' group by 1, 2 order by 1, 2`,
  )
  const letter = ({ method, version }: { method: string; version: number }) =>
    method === 'DELETE' ? 'D' : version === 1 ? 'C' : 'U'
  const wanted = [...Map.groupBy(versions, (one) => `${one.id} ${letter(one)}`)]
    .map(([name, all]) => `${name} ${all.length}`)
    .sort()
  assert.deepEqual(rows.map(({ id, action, n }) => `${id} ${action} ${n}`).sort(), wanted)
}

async function race(scripts: readonly Step[][]): Promise<Map<number, number>> {
  await using house = await openTestHouse(everything, {
    env: { DATABASE_POOL_SIZE: '8', RATE_LIMIT_PER_MINUTE: '1000000' },
  })
  const { doctor, patient } = await openWard(house)
  const { patient: stranger } = await newPatient(house)
  const world: World = { house, patient: patient.patient, stranger, told: [], etags: new Map(), seen: new Map() }
  const clients = [doctor]
  while (clients.length < CLIENTS) {
    clients.push(await anotherWhoTreats(house, patient.patient))
  }
  // The clock goes back below, and is not to go back to before they treated the patient.
  house.setNow(new Date(house.house.now().getTime() + 60_000).toISOString())
  await Promise.all(
    scripts.map(async (script, n) => {
      for (const one of script) await act(world, clients[n] as Client, one)
    }),
  )
  await replay(world)
  assert.deepEqual(await orphans(house.owner), [])
  assert.deepEqual(await indexFaults(house.owner, 'http://openhcs.test/fhir/R4'), [])
  await recorded(world)
  await shown(world, doctor)
  for (const system of ['urn:created', 'urn:updated'])
    for (let key = 0; key < KEYS; key++) {
      const { body } = await doctor.get(`/fhir/R4/Observation?identifier=${system}|${key}&_total=accurate`)
      assert.ok(body.total <= 1, `${system}|${key} is there ${body.total} times`)
    }
  return world.seen
}

describe(`creates, updates, patches, deletes, conditional ones and transactions of ${CLIENTS} clients at once`, () => {
  it('leave a history without a gap that replays to what is there, and nothing of what was refused', async (t) => {
    const script = fc.array(step, { minLength: STEPS, maxLength: STEPS })
    const scripts = fc.array(script, { minLength: CLIENTS, maxLength: CLIENTS })
    const all = new Map<number, number>()
    await fc.assert(
      fc.asyncProperty(scripts, async (one) => {
        for (const [status, n] of await race(one)) all.set(status, (all.get(status) ?? 0) + n)
      }),
      { numRuns: RUNS, endOnFailure: true },
    )
    t.diagnostic(
      [...all]
        .sort()
        .map(([status, n]) => `${n} × ${status}`)
        .join(', '),
    )
    for (const status of [200, 201, 204, 400, 403, 412]) assert.ok(all.has(status), `some were answered ${status}`)
  })
})
