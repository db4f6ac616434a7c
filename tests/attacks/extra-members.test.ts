import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TSchema } from 'typebox'
import type { OperationSpec } from '#platform/operation.ts'
import { operations } from '../access/callers.ts'
import { openStreet, send } from './fields/asking.ts'
import { withAt } from './fields/text-fields.ts'
import { rowWayOf, type Street } from './fields/ways.ts'

// Mass assignment: what only the server sets cannot be sent along with anything; in every operation, in every object of its body, and in its query.

const serverSide = {
  id: '018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f',
  version: 99,
  createdBy: '018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f',
  createdAt: '2001-01-01T00:00:00Z',
  updated_at: '2001-01-01T00:00:00Z',
  account: '018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f',
  account_id: '018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f',
  organisation: '018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f',
  organisation_id: '018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f',
  role: 'administrator',
  roles: ['administrator'],
  scopes: ['user/*.cruds'],
  verified: true,
  licensed: true,
  status: 'verified',
  password_hash: 'x',
  deactivated_at: null,
  constructor: 'x',
}

interface Json {
  properties?: Record<string, TSchema>
  items?: TSchema
  additionalProperties?: boolean
}

/** Every object of a body, by its pointer. */
function objectsIn(schema: TSchema | undefined, pointer = ''): { pointer: string; own: string[]; closed: boolean }[] {
  const { properties, items, additionalProperties } = (schema ?? {}) as Json
  if (items) return objectsIn(items, `${pointer}/0`)
  if (!properties) return []
  const below = Object.entries(properties).flatMap(([name, one]) => objectsIn(one, `${pointer}/${name}`))
  return [{ pointer, own: Object.keys(properties), closed: additionalProperties === false }, ...below]
}

/** What WebAuthn lets browsers add, which nobody looks at. */
const browsers = ['createPasskey', 'createSessionByPasskey'].map((id) => `${id} /credential/clientExtensionResults`)
/** A whole Appointment comes as the client has it; what is not named is not looked at. */
const whole = ['', '/slot/0', '/participant/0', '/participant/0/actor']
const wish = whole.map((at) => `/parameter/0/resource${at}`)
const open = [
  ...browsers,
  ...['', '/name/0', '/telecom/0'].map((at) => `matchPatients /parameter/0/resource${at}`),
  ...whole.map((at) => `createFhirAppointment ${at}`),
  ...['', '/cancelationReason', '/cancelationReason/coding/0'].map((at) => `updateFhirAppointment ${at}`),
  ...['holdFhirAppointment', 'bookFhirAppointment'].flatMap((id) => wish.map((at) => `${id} ${at}`)),
]

async function takenBy(street: Street, operation: OperationSpec): Promise<string[]> {
  const way = rowWayOf(street, operation)
  const faults: string[] = []
  for (const { pointer, own } of objectsIn(operation.body).filter(({ closed }) => closed)) {
    const extra = Object.fromEntries(Object.entries(serverSide).filter(([name]) => !own.includes(name)))
    for (const [name, value] of Object.entries(extra)) {
      const { status, body } = await send(street, operation, {
        ...way,
        body: withAt(way.body ?? {}, `${pointer}/${name}`, value),
      })
      const named = JSON.stringify(body.errors ?? []).includes(`"/body${pointer}/${name}"`)
      if (status !== 400 || !named) faults.push(`${operation.id} ${pointer}/${name}: ${status}`)
    }
  }
  if (operation.fhir?.interaction === 'search-type') return faults // it leaves out what it does not know, as R4 has it
  const { status } = await send(street, operation, { ...way, query: `${way.query ?? ''}&role=administrator` })
  if (status !== 400) faults.push(`${operation.id} ?role: ${status}`)
  return faults
}

describe('what only the server sets', () => {
  it('is refused with its place, in every object of every body and in every query', async () => {
    await using street = await openStreet()
    const faults: string[] = []
    for (const operation of operations.filter(({ upload }) => !upload))
      faults.push(...(await takenBy(street, operation)))
    assert.deepEqual(faults, [])
  })

  it('is refused under the names that JavaScript gives a meaning', async () => {
    await using street = await openStreet()
    const taken: string[] = []
    for (const operation of operations.filter(({ body }) => body)) {
      const { body, as, ...way } = rowWayOf(street, operation)
      for (const member of ['"__proto__":{"roles":["administrator"]}', '"constructor":{"prototype":{"roles":[]}}']) {
        const text = `{${member}${JSON.stringify(body ?? {})
          .replace(/^\{(?=")/, ',')
          .replace(/^\{/, '')}`
        const answer = await send(street, operation, { as, ...way, raw: text })
        if (answer.status !== 400) taken.push(`${operation.id}: ${member}: ${answer.status}`)
      }
    }
    assert.deepEqual(taken, [])
    assert.equal(({} as { roles?: unknown }).roles, undefined)
  })

  it('finds no object that is open, but those named', () =>
    assert.deepEqual(
      operations.flatMap(({ id, body }) =>
        objectsIn(body)
          .filter(({ closed }) => !closed)
          .map(({ pointer }) => `${id} ${pointer}`),
      ),
      open,
    ))
})
