import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { rolesFor } from '#platform/access.ts'
import { type Role, roles } from '#platform/auth.ts'
import { newId } from '#platform/ids.ts'
import { exampleOf } from '#platform/openapi.ts'
import type { OperationSpec } from '#platform/operation.ts'
import { type Client, openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { asProblem } from './fields/asking.ts'

const operations = everything
  .flatMap(({ routes }) => routes.map(({ operation }) => operation))
  .filter(({ access }) => access !== 'house')

/** Somebody with this role and no other, as the house derives it. */
function holder(house: TestHouse, role: Role): Promise<Client> {
  if (role === 'administrator') return house.signedIn({ roles: [role] })
  if (role === 'clerk') return house.signedIn({ desk: { organisation: newId(), function: 'desk' } })
  return house.signedIn({ self: { [role]: newId() } })
}

async function ask(
  house: TestHouse,
  { token }: Client,
  operation: OperationSpec,
): Promise<{ status: number; detail: string }> {
  const payload = operation.upload
    ? Buffer.from('x')
    : operation.body
      ? JSON.stringify(exampleOf(operation.body))
      : undefined
  const type = operation.upload?.mediaTypes[0] ?? 'application/json'
  const response = await house.app.inject({
    method: operation.method,
    url: operation.url.replace(/:role/, 'donor').replace(/:\w+/g, () => newId()),
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(payload !== undefined && { 'content-type': type }),
      'if-match': '"1"',
    },
    ...(payload !== undefined && { payload }),
  })
  return {
    status: response.statusCode,
    detail: response.statusCode < 400 ? '' : ((asProblem(response.json()) as { detail?: string }).detail ?? ''),
  }
}

describe('every operation × nobody and each role', () => {
  it('is open to those whom its access names, and to no other', async (t) => {
    await using house = await openTestHouse(everything, { env: { RATE_LIMIT_PER_MINUTE: '1000000' } })
    let cells = 0
    for (const operation of operations.filter(({ download }) => download !== 'text/event-stream')) {
      const { id, access } = operation
      const anonymous = await ask(house, house.anonymous, operation)
      if (access === 'public') assert.notEqual(anonymous.status, 403, id)
      else assert.equal(anonymous.status, 401, `${id} by nobody`)
      for (const role of roles) {
        const { status, detail } = await ask(house, await holder(house, role), operation)
        const refused = status === 403 && detail === 'None of your roles permits this.'
        const open = access === 'public' || access === 'signed-in' || rolesFor(access).includes(role)
        assert.equal(refused, !open, `${id} by ${role}: ${status} ${detail}`)
        if (access !== 'public') assert.notEqual(status, 401, `${id} by ${role}`) // there 401 is also the answer to a wrong secret
        cells++
      }
    }
    t.diagnostic(`${operations.length} operations, ${cells} cells`)
  })
})

describe('the table of who does what', () => {
  const accessOf = (id: string) => operations.find((operation) => operation.id === id)?.access ?? 'house'
  const table: [operation: string, who: Role[]][] = [
    ['findPractitioners', ['practitioner', 'caregiver', 'patient', 'administrator', 'clerk']], // practitioners refer, administrators look after
    ['bookAppointment', ['practitioner', 'caregiver', 'patient', 'clerk']],
    ['createSchedule', ['practitioner', 'clerk']], // a desk for whom it keeps, who have no account
    ['updateSchedule', ['practitioner', 'clerk']],
    ['verifyLicence', ['administrator']],
    ['grantRole', ['administrator']],
    ['createMandate', ['caregiver', 'patient', 'administrator', 'clerk']], // a guardian for the child, a desk on evidence
    ['acceptMandate', ['caregiver']],
    ['verifyMandate', ['administrator']],
    ['createOrganisation', ['administrator']],
    ['addMember', ['administrator', 'clerk']],
    ['registerPatient', ['clerk']],
  ]
  for (const [operation, who] of table)
    it(`${operation}: ${who.join(', ')}`, () => assert.deepEqual(rolesFor(accessOf(operation)), who))

  it('lets everybody who is signed in create a profile', () => {
    for (const id of ['createPractitioner', 'createCaregiver', 'createPatient']) assert.equal(accessOf(id), 'signed-in')
  })
})
