import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { parseExact } from '#fhir/decimal.ts'
import { projected } from '#fhir/face.ts'
import { type Client, openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { ALL, backendClient, linesIn, pathOf } from '../bulk-client.ts'
import { nameOf, syntheticRecord, type Transaction } from '../synthetic-record.ts'
import { anotherWhoTreats } from '../ward.ts'

// Whole records of made-up patients go in as the transactions that Synthea writes, with the patient, the practitioners and the organisations, and come out as they went in; by
// one transaction, and by an import. Real ones, none of which is part of this repository (github.com/synthetichealth/synthea, smart-on-fhir/generated-sample-data), are taken
// from the folder that SYNTHEA_FOLDER names: SYNTHEA_FOLDER=… node scripts/check.ts tests/conformance/synthetic-patients.test.ts

const folder = process.env.SYNTHEA_FOLDER

type Elements = Record<string, unknown>
type Found = Elements & { resourceType: string; id: string }

const rest = ({ id: _, meta, ...resource }: { id?: unknown; meta?: object }): Elements => {
  const { versionId: _v, lastUpdated: _l, ...labels } = (meta ?? {}) as Record<string, unknown>
  return { ...resource, ...(Object.keys(labels).length > 0 && { meta: labels }) }
}

const SEALED = 'http://hl7.org/fhir/sid/us-ssn'

/** Of what registry keeps the house says more, and seals numbers of states: all else that was sent is there. */
function holds(out: unknown, sent: unknown): boolean {
  if (Array.isArray(sent) && Array.isArray(out))
    return sent.every((one) => one?.system === SEALED || out.some((other) => isDeepStrictEqual(other, one)))
  return isDeepStrictEqual(out, sent)
}

function assertOut(found: Found | undefined, sent: object, name: string): void {
  const [out, wanted] = [rest(found ?? {}), rest(sent)]
  const isKept = projected.includes(name.split('/')[0] ?? '')
  const differs = isKept
    ? Object.keys(wanted).filter((element) => !holds(out[element], wanted[element]))
    : JSON.stringify(out) === JSON.stringify(wanted)
      ? []
      : ['as a whole']
  assert.deepEqual(differs, [], name)
}

/** Each resource, by `Type/id` of what it is here, with references to the others as what they are here. */
function standing({ entry }: Transaction, names: readonly string[]): [string, object][] {
  const by = new Map(entry.map(({ fullUrl }, n) => [fullUrl, names[n] ?? '']))
  return entry.map(({ resource }, n) => {
    const text = JSON.stringify(resource).replace(/urn:uuid:[0-9a-f-]{36}/g, (urn) => by.get(urn) ?? urn)
    return [names[n] ?? '', parseExact(text) as object]
  })
}

async function sent({ app }: TestHouse, { token }: Client, payload: object) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' }
  const prefer = { prefer: 'return=representation' }
  const request = { method: 'POST' as const, url: '/fhir/R4', payload: JSON.stringify(payload) }
  const response = await app.inject({ ...request, headers: { ...headers, ...prefer } })
  assert.equal(response.statusCode, 200, response.payload.slice(0, 2_000))
  return parseExact(response.payload) as { entry: { resource: Found; response: { location: string } }[] }
}

/** Of the references in these, those to what is not here. */
async function lost({ owner }: TestHouse, resources: readonly object[]): Promise<string[]> {
  const all = JSON.stringify(resources).matchAll(/"reference":"(urn:uuid:[^"]+|[A-Z][A-Za-z]+\/[^"]+)"/g)
  const names = [...new Set([...all].map(([, name = '']) => name))]
  const { rows } = await owner.query(
    `select n from unnest($1::text[]) n where not exists (
       select from platform.fhir_resource r where r.type = split_part(n, '/', 1) and r.id = split_part(n, '/', 2) and r.body is not null)`,
    [names],
  )
  return rows.map(({ n }) => n)
}

/** All that is about the patient, by `Type/id`, to somebody who treats them. */
async function everythingOf(house: TestHouse, patient: string): Promise<Map<string, Found>> {
  const { token } = await anotherWhoTreats(house, patient)
  const found = new Map<string, Found>()
  for (let url: string | undefined = `/fhir/R4/Patient/${patient}/$everything?_count=1000`; url !== undefined; ) {
    const { payload } = await house.app.inject({ url, headers: { authorization: `Bearer ${token}` } })
    const { entry = [], link } = parseExact(payload) as {
      entry?: { resource: Found }[]
      link: { relation: string; url: string }[]
    }
    for (const { resource } of entry) found.set(`${resource.resourceType}/${resource.id}`, resource)
    url = link.find(({ relation }) => relation === 'next')?.url.replace(/^https?:\/\/[^/]+/, '')
  }
  return found
}

/** What is about nobody is not among what is about a patient. */
const ofNobody = (name: string) =>
  name.startsWith('Medication/') || (projected.includes(name.split('/')[0] ?? '') && !name.startsWith('Patient/'))

async function expectWhole(house: TestHouse, all: readonly (readonly [string, object])[]): Promise<void> {
  assert.deepEqual(
    await lost(
      house,
      all.map(([, one]) => one),
    ),
    [],
  )
  const patient = all.find(([name]) => name.startsWith('Patient/'))?.[0].slice('Patient/'.length) ?? ''
  const found = await everythingOf(house, patient)
  for (const [name, one] of all) if (!ofNobody(name)) assertOut(found.get(name), one, name)
}

/** As one transaction, by an app that may import; what it is told and what somebody finds who treats the patient is held beside what went in. */
async function asTransaction(house: TestHouse, app: Client, record: Transaction): Promise<void> {
  const { entry } = await sent(house, app, record)
  const names = entry.map(({ response }) => /([A-Z][A-Za-z]+\/[^/]+)\/_history/.exec(response.location)?.[1] ?? '')
  const all = standing(record, names)
  for (const [n, [name, one]] of all.entries()) assertOut(entry[n]?.resource, one, name)
  await expectWhole(house, all)
}

/** As an import, each under its own id. */
async function asImport(house: TestHouse, root: Client, record: Transaction): Promise<void> {
  const lines = standing(record, record.entry.map(nameOf))
  const file = Buffer.from(lines.map(([, one]) => JSON.stringify(one)).join('\n'))
  const imported = async () => {
    const begun = await root.upload('/fhir/R4/$import', 'application/fhir+ndjson', file)
    const url = pathOf(begun.headers['content-location'])
    await house.work()
    const { body } = await root.get(url)
    assert.deepEqual([body.refused, linesIn(await root.get(`${url}/outcomes`))], [0, []])
    assert.deepEqual(body.danglingReferences, [])
    return [body.created, body.unchanged]
  }
  const [created, unchanged] = await imported()
  assert.equal(created + unchanged, lines.length) // an organisation comes with each of its patients
  assert.deepEqual(await imported(), [0, lines.length])
  await expectWhole(house, lines)
  const { rows } = await house.owner.query(
    `select type || '/' || id as name, body from platform.fhir_resource where type || '/' || id = any ($1)`,
    [lines.map(([name]) => name)],
  )
  const stored = new Map(rows.map(({ name, body }) => [name, parseExact(body) as Found]))
  for (const [name, one] of lines) assertOut(stored.get(name), one, name)
}

const open = () => openTestHouse(everything, { env: { RATE_LIMIT_PER_MINUTE: '1000000' } })

const importer = (house: TestHouse) =>
  backendClient(house, { scopes: ['system/*.c'], records: { ...ALL, imports: true } })

async function ofFolder(): Promise<Transaction[]> {
  const names = (await readdir(folder ?? '')).filter((one) => one.endsWith('.json')).sort()
  return Promise.all(
    names.map(async (name) => parseExact(await readFile(join(folder ?? '', name), 'utf8')) as Transaction),
  )
}

describe('a made-up patient as Synthea writes them', () => {
  it('is of several hundred entries of all types, the same each time', () => {
    const { entry } = syntheticRecord(1)
    assert.deepEqual(syntheticRecord(1), syntheticRecord(1))
    assert.ok(entry.length > 450, String(entry.length))
    assert.equal(new Set(entry.map(({ resource }) => resource.resourceType)).size, 26)
  })

  it('goes in whole as one transaction and comes out as it went in, in whichever order its entries are', async () => {
    await using house = await open()
    const app = await importer(house)
    for (const seed of [1, 2]) await asTransaction(house, app, syntheticRecord(seed))
    const { entry, ...record } = syntheticRecord(3)
    await asTransaction(house, app, { ...record, entry: entry.toReversed() })
  })

  it('goes in whole as an import, and once', async () => {
    await using house = await open()
    const root = await house.signedIn({ roles: ['administrator'] })
    for (const seed of [1, 2]) await asImport(house, root, syntheticRecord(seed))
  })

  it('of Synthea’s own goes in and comes out whole, too', {
    skip: folder === undefined && 'SYNTHEA_FOLDER names none',
  }, async () => {
    const all = await ofFolder()
    await using house = await open()
    const app = await importer(house)
    for (const record of all) await asTransaction(house, app, record)
    await using other = await open()
    const root = await other.signedIn({ roles: ['administrator'] })
    for (const record of all) await asImport(other, root, record)
  })
})
