import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { parseExact } from '#fhir/decimal.ts'
import { projected, types } from '#fhir/face.ts'
import { type Client, openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { type Entry, syntheticRecord, type Transaction } from '../synthetic-record.ts'
import { openWard } from '../ward.ts'

// Whole records of made-up patients go in as the transactions that Synthea writes, and come out as they went in. Real ones, none of which is part of this repository
// (github.com/synthetichealth/synthea, smart-on-fhir/generated-sample-data), are taken from the folder that SYNTHEA_FOLDER names:
// SYNTHEA_FOLDER=… node scripts/check.ts tests/conformance/synthetic-patients.test.ts

const kept = new Set(types.filter((type) => !projected.includes(type)))
const folder = process.env.SYNTHEA_FOLDER

/** What of a record is kept here as FHIR writes it, of a patient who is here. What refers to the rest says only what that is called. */
function keptOf({ entry }: Transaction, patient: string): Transaction {
  const isHere = ({ resource }: Entry) => kept.has(resource.resourceType)
  const away = new Map(
    entry.filter((one) => !isHere(one)).map(({ fullUrl, resource }) => [fullUrl, resource.resourceType]),
  )
  const told = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(told)
    if (typeof value !== 'object' || value === null || !('constructor' in value) || value.constructor !== Object)
      return value
    const { reference, ...rest } = value as { reference?: string; display?: string }
    const type = reference === undefined ? undefined : away.get(reference)
    if (type === 'Patient') return { ...rest, reference: `Patient/${patient}` }
    if (type !== undefined) return { display: type, ...rest }
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, told(one)]))
  }
  const here = entry.filter(isHere).map((one) => ({ ...one, resource: told(one.resource) as Entry['resource'] }))
  // A Provenance names what it is of, and what is not here it cannot be of.
  for (const { resource } of here)
    if (resource.resourceType === 'Provenance')
      resource.target = (resource.target as { reference?: string }[]).filter(({ reference }) => reference !== undefined)
  return { resourceType: 'Bundle', type: 'transaction', entry: here }
}

const rest = ({ id: _, meta, ...resource }: { id?: unknown; meta?: object }) => {
  const { versionId: _v, lastUpdated: _l, ...labels } = (meta ?? {}) as Record<string, unknown>
  return { ...resource, ...(Object.keys(labels).length > 0 && { meta: labels }) }
}

async function sent({ app }: TestHouse, { token }: Client, payload: object) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' }
  const response = await app.inject({ method: 'POST', url: '/fhir/R4', payload: JSON.stringify(payload), headers })
  assert.equal(response.statusCode, 200, response.payload.slice(0, 2_000))
  return parseExact(response.payload) as { entry: { response: { location: string } }[] }
}

/** All that is about the patient, by `Type/id`. */
async function everythingOf({ app }: TestHouse, { token }: Client, patient: string) {
  const found = new Map<string, { resourceType: string; id: string }>()
  for (let url: string | undefined = `/fhir/R4/Patient/${patient}/$everything?_count=1000`; url !== undefined; ) {
    const { payload } = await app.inject({ url, headers: { authorization: `Bearer ${token}` } })
    const { entry = [], link } = parseExact(payload) as {
      entry?: { resource: { resourceType: string; id: string } }[]
      link: { relation: string; url: string }[]
    }
    for (const { resource } of entry) found.set(`${resource.resourceType}/${resource.id}`, resource)
    url = link.find(({ relation }) => relation === 'next')?.url.replace(/^https?:\/\/[^/]+/, '')
  }
  return found
}

/** Sends one, and holds what comes out beside what went in. */
async function comesOut(house: TestHouse, record: Transaction): Promise<void> {
  const { doctor, patient } = await openWard(house)
  const bundle = keptOf(record, patient.patient)
  const { entry } = await sent(house, doctor, bundle)
  const names = entry.map(({ response }) => /([A-Z][A-Za-z]+\/[^/]+)\/_history/.exec(response.location)?.[1] ?? '')
  const stands = new Map(bundle.entry.map(({ fullUrl }, n) => [fullUrl, names[n] ?? '']))
  const all = await everythingOf(house, doctor, patient.patient)
  for (const [n, { resource }] of bundle.entry.entries()) {
    const text = JSON.stringify(rest(resource)).replace(/urn:uuid:[0-9a-f-]{36}/g, (urn) => stands.get(urn) ?? urn)
    if (resource.resourceType === 'Medication') continue // it is about nobody
    assert.equal(JSON.stringify(rest(all.get(names[n] ?? '') ?? {})), text, names[n])
  }
}

const open = () => openTestHouse(everything, { env: { RATE_LIMIT_PER_MINUTE: '1000000' } })

describe('a made-up patient as Synthea writes them', () => {
  it('is of several hundred entries of all types, the same each time', () => {
    const { entry } = syntheticRecord(1)
    assert.deepEqual(syntheticRecord(1), syntheticRecord(1))
    assert.ok(entry.length > 450, String(entry.length))
    assert.equal(new Set(entry.map(({ resource }) => resource.resourceType)).size, 26)
  })

  it('goes in as one transaction and comes out as it went in, in whichever order its entries are', async () => {
    await using house = await open()
    for (const seed of [1, 2, 3]) await comesOut(house, syntheticRecord(seed))
    const { entry, ...record } = syntheticRecord(4)
    await comesOut(house, { ...record, entry: entry.toReversed() })
  })

  it('of Synthea’s own goes in and comes out, too', {
    skip: folder === undefined && 'SYNTHEA_FOLDER names none',
  }, async () => {
    await using house = await open()
    for (const name of (await readdir(folder ?? '')).filter((one) => one.endsWith('.json')).sort())
      await comesOut(house, parseExact(await readFile(join(folder ?? '', name), 'utf8')) as Transaction)
  })
})
