import assert from 'node:assert/strict'
import { parseExact } from '#fhir/decimal.ts'
import { projected, types } from '#fhir/face.ts'
import type { Client, TestHouse } from '#platform/testing.ts'
import type { Entry, Transaction } from './synthetic-record.ts'

const kept = new Set(types.filter((type) => !projected.includes(type)))

/** What of a record is kept here as FHIR writes it, of a patient who is here. What refers to the rest says only what that is called. */
export function keptOf({ entry }: Transaction, patient: string): Transaction {
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

export async function sent({ app }: TestHouse, { token }: Client, payload: object) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' }
  const response = await app.inject({ method: 'POST', url: '/fhir/R4', payload: JSON.stringify(payload), headers })
  assert.equal(response.statusCode, 200, response.payload.slice(0, 2_000))
  return parseExact(response.payload) as { entry: { response: { location: string } }[] }
}
