import assert from 'node:assert/strict'
import { generateSync } from 'otplib'
import type { OperationSpec } from '#platform/operation.ts'
import type { Client } from '#platform/testing.ts'
import { keyPair } from '#services/identity/oauth/testing.ts'
import { png } from '../../access/belongings.ts'
import { all, roleLets } from '../../access/callers.ts'
import { prescriptionFacts } from '../../access/prescriptions.ts'
import type { Ask, Row } from '../../access/row.ts'
import { rows } from '../../access/rows.ts'
import type { World } from '../../access/world.ts'
import { Authenticator } from '../../authenticator.ts'
import { backendClient } from '../../bulk-client.ts'
import type { TestSmtp } from '../../smtp.ts'

// How an operation is asked so that it does what it is there for. The rows of tests/access say so for most; here is how it is done for those that
// need something first.

export interface Way extends Ask {
  as: Client
  /** JSON as it is sent, instead of a body. */
  raw?: string
}
export interface Street extends World {
  smtp: TestSmtp
  /** That comes for itself: for what is for nobody else. */
  app: Client
}

const password = 'salt-harbour-lantern'
const person = { gender: 'female', language: 'am', zone: 'UTC' }

export async function made(who: Client, path: string, body: object) {
  const answer = await who.post(path, body)
  assert.equal(answer.status, 201, `${path}: ${JSON.stringify(answer.body)}`)
  return answer.body
}

let people = 0
/** Somebody who has signed up and in. */
async function signedUp({ house }: World, more: object = {}) {
  const userName = `somebody${++people}`
  await made(house.anonymous, '/v1/accounts', { userName, password, name: 'Somebody', ...more })
  const session = await made(house.anonymous, '/v1/sessions', { userName, password })
  return { userName, session: session.id as string, client: house.withToken(session.token) }
}

async function newPasskey(world: World) {
  const { client } = await signedUp(world)
  const device = new Authenticator('http://openhcs.test')
  const { body: options } = await client.post('/v1/account/passkeys/options', {})
  return { client, device, credential: device.create(options) }
}

async function heldPasskey(world: World) {
  const { client, device, credential } = await newPasskey(world)
  const { id } = await made(client, '/v1/account/passkeys', { name: 'Key', credential })
  return { client, device, id: id as string }
}

async function mailedCode({ smtp }: Street, act: () => Promise<{ body: { challenge: string } }>) {
  const before = smtp.mails.length
  const { body } = await act()
  await smtp.received(before + 1)
  return { challenge: body.challenge, code: /\b\d{6}\b/.exec(String(smtp.mails[before]?.text))?.[0] ?? 'none' }
}

async function codeToSignIn(street: Street) {
  const email = `somebody${people + 1}@example.org`
  const { client } = await signedUp(street, { email })
  const proof = await mailedCode(street, () => client.post('/v1/account/contacts/codes', { kind: 'email' }))
  assert.equal((await client.post('/v1/account/contacts/confirm', proof)).status, 204)
  return mailedCode(street, () => street.house.anonymous.post('/v1/codes', { email }))
}

async function offeredFactor(world: World) {
  const { client, userName } = await signedUp(world)
  const { secret } = await made(client, '/v1/account/totp', {})
  const codeIn = (seconds: number) =>
    generateSync({ secret, epoch: Math.floor(world.house.house.now().getTime() / 1_000) + seconds })
  return { client, userName, codeIn }
}

/** Somebody who has a second factor, and a code that was not used yet. */
async function heldFactor(world: World) {
  const { codeIn, ...who } = await offeredFactor(world)
  assert.equal((await who.client.post('/v1/account/totp/confirm', { code: codeIn(0) })).status, 200)
  return { ...who, code: codeIn(30) }
}

async function secondFactor(world: World) {
  const { userName, code } = await heldFactor(world)
  const { body } = await world.house.anonymous.post('/v1/sessions', { userName, password })
  return { challenge: body.secondFactor.challenge as string, code }
}

const patient = async ({ house }: World) =>
  (await made(await house.signedIn(), '/v1/patients', { name: 'A B', birthDate: '1990-01-01', ...person })).id as string

const ways: Record<string, (street: Street) => Promise<Way>> = {
  async createSession(street) {
    const { userName } = await signedUp(street)
    return { as: street.house.anonymous, body: { userName, password } }
  },
  async updateSession(street) {
    const { client, session } = await signedUp(street)
    return { as: client, params: { id: session }, body: { device: 'Phone' } }
  },
  async createSessionByCode(street) {
    return { as: street.house.anonymous, body: await codeToSignIn(street) }
  },
  async refreshSession(street) {
    const { userName } = await signedUp(street)
    const { refreshToken } = await made(street.house.anonymous, '/v1/sessions', { userName, password, refresh: true })
    return { as: street.house.anonymous, body: { refreshToken } }
  },
  async confirmTotp(street) {
    const { client, codeIn } = await offeredFactor(street)
    return { as: client, body: { code: codeIn(0) } }
  },
  async renewRecoveryCodes(street) {
    const { client, code } = await heldFactor(street)
    return { as: client, body: { code } }
  },
  async removeTotp(street) {
    const { client, code } = await heldFactor(street)
    return { as: client, body: { code } }
  },
  async requestContactCode(street) {
    const { client } = await signedUp(street, { email: `somebody${people + 1}@example.org` })
    return { as: client, body: { kind: 'email' } }
  },
  async confirmContact(street) {
    const { client } = await signedUp(street, { email: `somebody${people + 1}@example.org` })
    return {
      as: client,
      body: await mailedCode(street, () => client.post('/v1/account/contacts/codes', { kind: 'email' })),
    }
  },
  async answerSecondFactor(street) {
    return { as: street.house.anonymous, body: await secondFactor(street) }
  },
  async createPasskey(street) {
    const { client, credential } = await newPasskey(street)
    return { as: client, body: { name: 'Key', credential } }
  },
  async updatePasskey(street) {
    const { client, id } = await heldPasskey(street)
    return { as: client, params: { id }, body: { name: 'Key' } }
  },
  async createSessionByPasskey(street) {
    const { device } = await heldPasskey(street)
    const { body } = await street.house.anonymous.post('/v1/sessions/passkey/options', {})
    return { as: street.house.anonymous, body: { credential: device.get(body) } }
  },
  async createOAuthClient({ clients }) {
    const body = { name: 'A', redirectUris: ['https://app.example/'], scope: 'openid', jwks: keyPair().jwks }
    return { as: clients.administrator, body }
  },
  async updateOAuthClient({ clients: { administrator } }) {
    const facts = { name: 'A', redirectUris: ['https://app.example/'], scope: 'openid' }
    const { id } = await made(administrator, '/v1/oauth-clients', { ...facts, jwks: keyPair().jwks })
    return { as: administrator, params: { id }, body: { name: 'B', jwks: keyPair().jwks } }
  },
  async updatePatient({ house }) {
    const who = await house.signedIn()
    const { id } = await made(who, '/v1/patients', { name: 'A B', birthDate: '1990-01-01', ...person })
    return { as: who, params: { id }, body: { name: 'A C', active: false, reason: 'Registered twice' } }
  },
  async revokeLicence({ house, clients: { administrator } }) {
    const doctor = await house.signedIn()
    const profile = { name: 'Dr A', gender: 'male', languages: ['en'], specialities: ['cardiology'] }
    const { id } = await made(doctor, '/v1/practitioners', profile)
    const period = { validFrom: '2030-01-01', validUntil: '2040-01-01' }
    const facts = { number: 'TEST-9', issuer: 'Another Council', country: 'ZZ', ...period }
    const licence = await made(doctor, `/v1/practitioners/${id}/licences`, facts)
    assert.equal((await doctor.upload(`/v1/licences/${licence.id}/certificate`, 'image/png', png)).status, 200)
    const verify = `/v1/licences/${licence.id}/verify`
    assert.equal((await administrator.post(verify, { decision: 'verified' }, { 'if-match': '"2"' })).status, 200)
    // Its number is free again once it is withdrawn.
    return { as: administrator, params: { id: licence.id }, body: { reason: 'Struck off by the council' } }
  },
  async readFhirConsent({ clients: { self }, ids }) {
    const { items } = (await self.get('/v1/consent-texts')).body
    const { purpose, category, version } = items[0]
    await made(self, `/v1/patients/${ids.saba}/consents`, { purpose, category, decision: 'deny', textVersion: version })
    const { entry } = (await self.get('/fhir/R4/Consent')).body
    return { as: self, params: { id: entry[0].resource.id } }
  },
  async updateCaregiver({ house }) {
    const who = await house.signedIn()
    const { id } = await made(who, '/v1/caregivers', { name: 'Hana', language: 'am' })
    return { as: who, params: { id }, body: { name: 'Hana' } }
  },
  async updateAdministrator({ house }) {
    const who = await house.signedIn({ roles: ['administrator'] })
    const { id } = await made(who, '/v1/administrators', { name: 'Ada', language: 'en' })
    return { as: who, params: { id }, body: { name: 'Ada' } }
  },
  async createMandate({ house, clients, ids }) {
    const { code } = await made(await house.signedIn(), '/v1/caregivers', { name: 'Hana', language: 'am' })
    return { as: clients.self, body: { patient: ids.saba, caregiverCode: code, powers: ['book'], evidence: 'Form 12' } }
  },
  async createMerge(street) {
    const [survivor, replaced] = [await patient(street), await patient(street)]
    return { as: street.clients.administrator, body: { survivor, replaced, reason: 'Passport seen' } }
  },
  async bookAppointment({ house, clients, ids }) {
    // Why it goes into time that is taken says who keeps the hours, of somebody whom they treat.
    await house.owner.query(
      `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, source_id, valid_from)
       values (gen_random_uuid(), $1, 'treatment', 'Patient', $2, '{see-record}', gen_random_uuid(), '2031-01-01')`,
      [clients.holder.account, ids.saba],
    )
    const wish = { practitioner: ids.okello, patient: ids.saba, start: '2031-03-03T12:00:00Z', mode: 'in-person' }
    return { as: clients.holder, body: wish }
  },
  async createSchedule(street) {
    const { clients, ids } = street
    return { as: clients.practitioner, body: { ...ask(street, 'createSchedule'), place: ids.place } }
  },
  async updateSchedule(street) {
    const { clients, ids } = street
    const body = { ...ask(street, 'updateSchedule'), place: ids.place }
    const { id } = await made(clients.treating, '/v1/schedules', body)
    return { as: clients.treating, params: { id }, body }
  },
  async createPrescription(street) {
    const { as, ids, first, body, against } = await prescribed(street, 'J01CA04')
    return { as, params: { id: ids.saba }, body: { ...body, overrides: against(first) } }
  },
  async updatePrescription(street) {
    const { as, ids, first, body, again, against } = await prescribed(street, 'N02BE01')
    return { as, params: { id: ids.saba, prescription: await again() }, body: { ...body, overrides: against(first) } }
  },
  async renewPrescription(street) {
    const { as, ids, first, body, again, against } = await prescribed(street, 'H03AA01')
    const renewed = { doses: body.doses, overrides: against(first) }
    return { as, params: { id: ids.saba, prescription: await again() }, body: renewed }
  },
  async resumePrescription(street) {
    const { as, ids, first, again, against } = await prescribed(street, 'R03AC02')
    const overrides = against(await again())
    const path = `/v1/patients/${ids.saba}/prescriptions/${first}/hold`
    assert.equal((await as.post(path, { reason: 'Surgery' }, { 'if-match': '"1"' })).status, 200)
    return { as, params: { id: ids.saba, prescription: first }, body: { overrides } }
  },
  exportGroup: ofGroup('exportGroup'),
  exportGroupByParameters: ofGroup('exportGroupByParameters'),
}

/** What is prescribed twice needs a reason; `again`: the second one, with it. */
async function prescribed({ clients: { treating: as }, ids }: Street, code: string) {
  const concept = { coding: [{ system: 'http://www.whocc.no/atc', code }] }
  // What is taken when needed has a limit.
  const most = { amount: { value: 4, form: 'tablet' }, in: { count: 1, unit: 'day' } }
  const doses = prescriptionFacts.doses.map((dose) => ({ ...dose, most }))
  const body = { doses, what: concept, ingredients: [concept], reason: concept }
  const against = (id: string) => [
    { kind: 'duplicate-therapy', with: `MedicationRequest/${id}`, reason: 'Given in turns' },
  ]
  const path = `/v1/patients/${ids.saba}/prescriptions`
  const { id: first } = await made(as, path, body)
  const again = async (): Promise<string> => (await made(as, path, { ...body, overrides: against(first) })).id
  return { as, ids, body, first: first as string, again, against }
}

/** By an app of its own: two exports of one are under way at the most. */
function ofGroup(operation: string) {
  return async ({ house, clients, ids }: Street): Promise<Way> => {
    const member = [{ entity: { reference: `Patient/${ids.saba}` } }]
    const group = { resourceType: 'Group', type: 'person', actual: true, member }
    const { id } = await made(clients.treating, '/fhir/R4/Group', group)
    return { ...rowOf(operation).ask(ids), as: await backendClient(house), params: { id } }
  }
}

const ask = ({ ids }: World, id: string) => rowOf(id).ask(ids).body as object

/** The first that gets through, where an operation has several. */
const rowOf = (id: string) => {
  const several = [rows[id] ?? []].flat()
  return several.find(({ never }) => !never) ?? several[0] ?? assert.fail(`${id} has no row in tests/access/rows.ts`)
}

/** Of these parts of a body there is one at a time: the row of each lacks the others. */
const apart: Readonly<Record<string, readonly string[]>> = {
  makeReport: ['/letter', '/leave'],
  amendReport: ['/letter', '/leave'],
}

/** How often an operation is asked so that all that it takes is sent: by which row, and without what. */
export const turnsOf = ({ id }: OperationSpec): { row: number; lacks: readonly string[] }[] =>
  (apart[id] ?? ['']).map((part, row) => ({ row, lacks: (apart[id] ?? []).filter((other) => other !== part) }))

/** By whoever the row names first, or else by the first whom their role lets. */
export async function wayOf(street: Street, operation: OperationSpec, row?: number): Promise<Way> {
  const own = ways[operation.id]
  return own ? own(street) : rowWayOf(street, operation, row)
}

/** As the row has it: let in at the door, and perhaps no further. */
export function rowWayOf({ clients, ids, app }: Street, operation: OperationSpec, at = 0): Way {
  const row = at === 0 ? rowOf(operation.id) : ([rows[operation.id] ?? []].flat()[at] as Row)
  const open = operation.access === 'public'
  const who = (row.who?.length ? row.who : all).find((one) => (open ? one === 'nobody' : roleLets(one, operation)))
  return { as: who ? clients[who] : app, ...row.ask(ids) }
}
