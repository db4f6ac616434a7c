import assert from 'node:assert/strict'
import { powers } from '#platform/access.ts'
import { newApiKey } from '#platform/auth.ts'
import { newId } from '#platform/ids.ts'
import { type Client, openTestHouse, type TestHouse } from '#platform/testing.ts'
import { hashPassword } from '#services/identity/passwords.ts'
import { everything } from '#services.ts'
import { closedDay, openCalendar } from '../calendar.ts'
import { belongings, environment, password, png } from './belongings.ts'
import { carePlans } from './care-plans.ts'
import { doubles } from './doubles.ts'
import { written } from './reports.ts'
import { theDay } from './the-day.ts'

// Who may ask, and what there is to ask about: one patient, Saba, with everything that hangs on her; and one practitioner, Okello, with everything of his.

export const callers = {
  nobody: 'not signed in',
  newcomer: 'signed in, and nothing else',
  self: 'Saba',
  patient: 'another patient',
  holder: 'Okello, whom Saba has booked',
  practitioner: 'another licensed practitioner',
  treating: 'a licensed practitioner who treats Saba',
  lapsed: 'a practitioner who treats Saba and whose licence has ended',
  suspended: 'a practitioner who treats Saba and whom an administrator took out of use',
  caregiver: 'without a mandate',
  proposed: 'a caregiver who has not accepted the mandate',
  expired: 'a caregiver whose mandate is over',
  revoked: 'a caregiver whose mandate was revoked',
  paying: 'a caregiver with the power to pay alone',
  booking: 'a caregiver with the power to book alone',
  seeing: 'a caregiver with the power to see the record alone',
  full: 'a caregiver with every power',
  guardian: 'a caregiver who also gives mandates for Saba',
  clerk: 'a manager of the organisation that has registered somebody',
  otherClerk: 'a manager of another organisation',
  narrow: 'Saba, with a key whose scope is for something else',
  donor: 'a donor',
  administrator: 'an administrator',
} as const
export type Caller = keyof typeof callers

export interface World {
  house: TestHouse
  clients: Record<Caller, Client>
  ids: {
    saba: string
    okello: string
    licence: string
    verifiedLicence: string
    place: string
    schedule: string
    service: string
    exception: string
    holiday: string
    appointment: string
    hold: string
    /** From Saba to `full`. */
    mandate: string
    /** From Saba to `proposed`. */
    offered: string
    /** Of a child, by `guardian`, not verified. */
    guardianship: string
    breakGlass: string
    slip: string
    organisation: string
    /** Without an account, registered by `clerk`. */
    registered: string
    /** A practitioner without an account, registered by `clerk`, who has placed the hours. */
    kept: string
    keptSchedule: string
    keptException: string
    member: string
    donorProfile: string
    identifier: string
    export: string
    erasure: string
    receiptCode: string
    apiKey: string
    /** Of two others, who may be one. */
    duplicate: string
    merge: string
    import: string
    /** Of `full`. */
    caregiver: string
    /** Of `caregiver`, who has no mandate yet. */
    caregiverCode: string
    /** Two records of patients that nothing else is about. */
    twin: string
    otherTwin: string
    /** At the place, and nobody waits in it. */
    emptyQueue: string
    /** Of a screen there. */
    boardKey: string
  } & Own &
    Awaited<ReturnType<typeof theDay>>
}

/** Before there is what needs an account. */
type Settled = Omit<World, 'ids'> & { ids: Omit<World['ids'], keyof Own> }
type Own = Awaited<ReturnType<typeof belongings>> &
  Awaited<ReturnType<typeof written>> &
  Awaited<ReturnType<typeof carePlans>>

const person = { gender: 'female', language: 'am', zone: 'UTC' }
const pdf = Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n')

type Named = Client & { id: string; answer: Record<string, unknown> }

async function made(who: Client, path: string, body: object): Promise<Named> {
  const { status, body: answer } = await who.post(path, body)
  assert.equal(status, 201, `${path}: ${JSON.stringify(answer)}`)
  return { ...who, id: answer.id, answer }
}

const grant = ({ owner }: TestHouse, account: string, of: Record<string, unknown>) => {
  const row = { id: newId(), account_id: account, powers: [], valid_from: '2030-01-01Z', ...of }
  const names = Object.keys(row)
  return owner.query(
    `insert into platform.access_grant (${names}) values (${names.map((_, i) => `$${i + 1}`)})`,
    Object.values(row),
  )
}

async function practitioner(house: TestHouse, until: string | null = null): Promise<Named> {
  const facts = { name: 'Dr Okello', gender: 'male', languages: ['en'], specialities: ['cardiology'] }
  const doctor = await made(await house.signedIn(), '/v1/practitioners', facts)
  const licence = { relationship: 'licence', subject_type: 'Practitioner', subject_id: doctor.id, valid_until: until }
  const id = await verified(house, doctor.id, until?.slice(0, 10))
  await grant(house, doctor.account, { ...licence, powers: ['practise'], source_id: id })
  return doctor
}

/** Of this practitioner, put straight into the table; its id. */
async function verified({ owner }: TestHouse, practitioner: string, until = '2040-01-01'): Promise<string> {
  const id = newId()
  await owner.query(
    `insert into registry.licence (id, practitioner_id, number, issuer, country, valid_from, valid_until, status, certificate_key, created_at, updated_at)
     values ($1::uuid, $2, $1::text, 'Fictional Council', 'ZZ', '2030-01-01', $3, 'verified', 'none', now(), now())`,
    [id, practitioner, until],
  )
  return id
}

const caregiver = async (house: TestHouse) =>
  made(await house.signedIn(), '/v1/caregivers', { name: 'Hana', language: 'am' })

async function withMandate(house: TestHouse, saba: Named, which: readonly string[], accept = true) {
  const hana = await caregiver(house)
  const mandate = await made(saba, '/v1/mandates', { patient: saba.id, caregiver: hana.id, powers: which })
  if (accept) assert.equal((await hana.post(`/v1/mandates/${mandate.id}/accept`)).status, 200)
  return { ...hana, mandate: mandate.id }
}

const licenceOf = async ({ id, ...okello }: Named): Promise<string> => {
  const licence = await made(okello, `/v1/practitioners/${id}/licences`, {
    number: 'TEST-1',
    issuer: 'Fictional Council',
    country: 'ZZ',
    validFrom: '2030-01-01',
    validUntil: '2040-01-01',
  })
  assert.equal((await okello.upload(`/v1/licences/${licence.id}/certificate`, 'application/pdf', pdf)).status, 200)
  assert.equal((await okello.upload(`/v1/practitioners/${id}/photo`, 'image/png', png)).status, 200)
  return licence.id
}

async function doctors(house: TestHouse, saba: Named) {
  const [okello, other, treating, lapsed, suspended] = [
    await practitioner(house),
    await practitioner(house),
    await practitioner(house),
    await practitioner(house, '2031-02-01Z'),
    await practitioner(house),
  ]
  for (const doctor of [okello, treating, lapsed, suspended]) {
    const of = { relationship: 'treatment', subject_type: 'Patient', subject_id: saba.id, powers: ['see-record'] }
    await grant(house, doctor.account, of)
  }
  return { okello, practitioner: other, treating, lapsed, suspended }
}

async function caregivers(house: TestHouse, saba: Named) {
  const guardian = await caregiver(house)
  const [all, none] = [[...powers], ['book', 'see-record']]
  await grant(house, guardian.account, {
    relationship: 'mandate',
    subject_type: 'Patient',
    subject_id: saba.id,
    powers: [...powers, 'grant'],
    valid_until: '2035-01-01Z',
  })
  const child = { name: 'Liya', birthDate: '2020-01-01', ...person }
  const guardianship = await made(guardian, '/v1/guardianships', { child, evidence: 'Birth certificate' })
  const [expired, revoked] = [await withMandate(house, saba, all), await withMandate(house, saba, all)]
  await house.owner.query(
    `update platform.access_grant set valid_until = '2031-03-01T08:00:00Z', valid_from = '2031-01-01Z' where source_id = $1`,
    [expired.mandate],
  )
  assert.equal((await saba.post(`/v1/mandates/${revoked.mandate}/revoke`, {})).status, 200)
  return {
    caregiver: await caregiver(house),
    proposed: await withMandate(house, saba, none, false),
    expired,
    revoked,
    paying: await withMandate(house, saba, ['pay']),
    booking: await withMandate(house, saba, ['book']),
    seeing: await withMandate(house, saba, ['see-record']),
    full: await withMandate(house, saba, all),
    guardian: { ...guardian, guardianship: guardianship.id },
  }
}

/** Where the hours of Okello are, and what Saba has booked there. */
async function calendar(house: TestHouse, saba: Named, okello: Named) {
  await openCalendar(house, { practitioner: okello.id })
  const service = await made(okello, '/v1/services', {
    ...{ code: 'vaccination', name: 'Vaccination' },
    ...{ speciality: 'cardiology', minutes: 15 },
  })
  const { rows } = await house.owner.query('select id, place_id from scheduling.schedule')
  const [{ id: schedule, place_id: place }] = rows
  const wish = { practitioner: okello.id, patient: saba.id }
  const appointment = await made(saba, '/v1/appointments', { ...wish, start: '2031-03-03T09:00:00Z' })
  const hold = await made(saba, '/v1/holds', { ...wish, start: '2031-03-03T10:00:00Z' })
  const day = await theDay(house.owner, saba, okello, { ...wish, colleague: await openCalendar(house, { place }) })
  const exception = await made(okello, `/v1/schedules/${schedule}/exceptions`, { kind: 'withdraw', date: '2031-04-01' })
  await house.owner.query(
    `insert into registry.place (id, name, address, city, country, latitude, longitude, zone, created_at, updated_at)
     values ($1, 'Test Clinic', 'A street', 'Town', 'ZZ', 0.34, 6.73, 'UTC', now(), now())`,
    [place],
  )
  const holiday = await closedDay(house, place, okello.id, appointment.id)
  const ids = { schedule, service: service.id, place, appointment: appointment.id, hold: hold.id, holiday }
  return { ...ids, ...day, exception: exception.id }
}

/** Registered at a desk, with hours that it has placed. */
async function kept(house: TestHouse, clerk: Client, organisation: string) {
  const facts = { name: 'Dr Kept', gender: 'female', languages: ['en'], specialities: ['cardiology'] }
  const { id } = await made(clerk, `/v1/organisations/${organisation}/practitioners`, facts)
  await verified(house, id)
  const hours = { hours: [{ day: 'tue', from: '09:00', until: '12:00' }], minutes: 30, validFrom: '2031-03-01' }
  const schedule = await made(clerk, '/v1/schedules', { practitioner: id, modes: ['video'], zone: 'UTC', ...hours })
  const closed = { kind: 'withdraw', date: '2031-04-01' }
  const exception = await made(clerk, `/v1/schedules/${schedule.id}/exceptions`, closed)
  await house.owner.query('update scheduling.schedule set version = 1 where id = $1', [schedule.id])
  return { kept: id, keptSchedule: schedule.id, keptException: exception.id }
}

/** An organisation, whom it has registered, and what it has sent in; and another one. */
async function desks(house: TestHouse, administrator: Client) {
  const facts = { name: 'Harbour Clinic', city: 'Port Selam', country: 'ZZ' }
  const [organisation, other] = [
    await made(administrator, '/v1/organisations', facts),
    await made(administrator, '/v1/organisations', facts),
  ]
  const manager = (organisation: string) => house.signedIn({ desk: { organisation, function: 'manager' } })
  const [clerk, otherClerk] = [await manager(organisation.id), await manager(other.id)]
  const { rows } = await house.owner.query('select id from platform.membership where account_id = $1', [clerk.account])
  const somebody = { name: 'Liya Abebe', birthDate: '2020-01-01', ...person }
  const registered = await made(clerk, `/v1/organisations/${organisation.id}/patients`, somebody)
  const csv = Buffer.from('key,name,birthDate,gender,language,zone\n1,A B,1990-01-01,female,en,UTC\n')
  const sent = await clerk.upload(`/v1/imports?organisation=${organisation.id}&kind=patients`, 'text/csv', csv)
  assert.equal(sent.status, 201, JSON.stringify(sent.body))
  return {
    clients: { clerk, otherClerk },
    ids: {
      organisation: organisation.id,
      registered: registered.id,
      ...(await kept(house, clerk, organisation.id)),
      member: rows[0].id as string,
      import: sent.body.id as string,
    },
  }
}

/** As if the places had been made for it. */
async function givePlaces({ owner }: TestHouse, organisation: string) {
  await owner.query('update scheduling.place set organisation_id = $1', [organisation])
  await owner.query('update registry.place set organisation_id = $1', [organisation])
}

/** What Saba keeps here beside her record. */
async function papers(house: TestHouse, saba: Named) {
  const number = { kind: 'national', country: 'ZZ', value: 'TEST-123456' }
  const identifier = await made(saba, `/v1/patients/${saba.id}/identifiers`, number)
  const copy = await made(saba, '/v1/exports', {})
  const erasure = await made(saba, '/v1/erasures', {})
  const [apiKey, { token, hash }] = [newId(), newApiKey('test')]
  await house.owner.query(
    `insert into platform.session (id, account_id, token_hash, kind, scopes, created_at, expires_at)
     values ($1, $2, $3, 'api-key', '{user/Practitioner.s}', '2031-01-01Z', '2032-01-01Z')`,
    [apiKey, saba.account, hash],
  )
  return {
    ids: {
      identifier: identifier.id,
      export: copy.id,
      erasure: erasure.id,
      receiptCode: String(erasure.answer.receiptCode),
      apiKey,
    },
    key: token,
  }
}

export async function openWorld(): Promise<World & AsyncDisposable> {
  const house = await openTestHouse(everything, { env: environment })
  try {
    const { clients, ids, ...world } = await settle(house)
    await giveAccounts({ house, clients })
    const [own, notes] = [await belongings(house, clients, ids), await written(clients.treating, ids.saba)]
    const all = { ...ids, ...own, ...notes, ...(await carePlans(house, clients.treating, ids)) }
    return { ...world, clients, ids: all, [Symbol.asyncDispose]: () => house[Symbol.asyncDispose]() }
  } catch (error) {
    await house[Symbol.asyncDispose]()
    throw error
  }
}

const hash = await hashPassword(password)

/** What a session alone has not: the operations on accounts look for one. */
const giveAccounts = ({ house, clients }: Pick<Settled, 'house' | 'clients'>) =>
  house.owner.query(
    `insert into identity.account (id, user_name, user_name_key, name, language, password_hash, created_at, updated_at)
     select id::uuid, id, id, 'Somebody', 'en', $2, now(), now() from unnest($1::text[]) id where id <> '' on conflict do nothing`,
    [Object.values(clients).map(({ account }) => account), hash],
  )

async function settle(house: TestHouse): Promise<Settled> {
  const facts = { name: 'Saba Tesfaye', birthDate: '1987-06-05', ...person }
  const saba = await made(await house.signedIn(), '/v1/patients', facts)
  const patient = await made(await house.signedIn(), '/v1/patients', { ...facts, name: 'Somebody Else' })
  const { okello, ...others } = await doctors(house, saba)
  const licence = await licenceOf(okello)
  const carers = await caregivers(house, saba)
  const places = await calendar(house, saba, okello)
  const administrator = await house.signedIn({ roles: ['administrator'] })
  const out = await administrator.patch(
    `/v1/practitioners/${others.suspended.id}`,
    { active: false },
    { 'if-match': '"1"' },
  )
  assert.equal(out.status, 200, JSON.stringify(out.body))
  const desk = await desks(house, administrator)
  await givePlaces(house, desk.ids.organisation)
  const ofSpeciality = { place: places.place, speciality: 'cardiology', minutes: 15 }
  const emptyQueue = (await made(desk.clients.clerk, '/v1/queues', ofSpeciality)).id
  const screen = { place: places.place, name: 'Ground floor' }
  const boardKey = (await made(desk.clients.clerk, '/v1/board-keys', screen)).id
  const { ids: own, key } = await papers(house, saba)
  const donor = await made(await house.signedIn(), '/v1/donors', { name: 'A Donor', language: 'en' })
  const emergency = { patient: saba.id, reason: 'Unconscious after an accident' }
  const broken = await made(okello, '/v1/break-glass', emergency)
  const page = await house.app.inject({
    url: `/v1/mandates/${carers.full.mandate}/slip`,
    headers: { authorization: `Bearer ${saba.token}` },
  })
  return {
    house,
    clients: {
      nobody: house.anonymous,
      newcomer: await house.signedIn(),
      self: saba,
      patient,
      holder: okello,
      ...others,
      ...carers,
      ...desk.clients,
      narrow: house.withToken(key),
      donor,
      administrator,
    },
    ids: {
      saba: saba.id,
      okello: okello.id,
      licence,
      verifiedLicence: await verified(house, okello.id),
      ...places,
      emptyQueue,
      boardKey,
      mandate: carers.full.mandate,
      offered: carers.proposed.mandate,
      guardianship: carers.guardian.guardianship,
      breakGlass: broken.id,
      ...desk.ids,
      ...own,
      ...(await doubles(house, administrator, made)),
      donorProfile: donor.id,
      caregiver: carers.full.id,
      caregiverCode: String(carers.caregiver.answer.code),
      twin: (await made(await house.signedIn(), '/v1/patients', { ...facts, name: 'Efua Owusu' })).id,
      otherTwin: (await made(await house.signedIn(), '/v1/patients', { ...facts, name: 'Ama Boateng' })).id,
      slip: /mandate-slips\/([\w-]+)/.exec(page.body)?.[1] ?? '',
    },
  }
}
