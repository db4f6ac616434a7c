import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import ICAL from 'ical.js'
import { type Answer, type Form, type RunningHouse, startHouse } from '../processes.ts'
import { openSmtp, type TestSmtp } from '../smtp.ts'

// The main job, from the first administrator to the time that is free again: over HTTP, against real processes, with a real mail server.

const DAY = 86_400_000
const password = 'fictional and long enough'
/** The smallest PDF that is one. */
const certificate = Buffer.from(
  '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n',
)

/** The Monday after next week, so that all times lie in the future and inside the horizon. */
function someMonday(): string {
  const date = new Date(Date.now() + 14 * DAY)
  while (date.getUTCDay() !== 1) date.setTime(date.getTime() + DAY)
  return date.toISOString().slice(0, 10)
}

class Person {
  readonly house: RunningHouse
  token: string | undefined
  constructor(house: RunningHouse) {
    this.house = house
  }
  async ask(
    status: number,
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const answer = await this.house.ask(method, path, { token: this.token, body, headers })
    assert.equal(answer.status, status, `${method} ${path}: ${JSON.stringify(answer.body)}`)
    return answer
  }
}

async function signUp(house: RunningHouse, userName: string, name: string, language = 'en'): Promise<Person> {
  const person = new Person(house)
  await person.ask(201, 'POST', '/v1/accounts', {
    userName,
    name,
    password,
    language,
    email: `${userName}@example.org`,
  })
  return signIn(person, userName)
}

async function signIn(person: Person, userName: string): Promise<Person> {
  person.token = (await person.ask(201, 'POST', '/v1/sessions', { userName, password })).body.token
  return person
}

/** Events and jobs take effect soon, not at once: asks again until it is so, for ten seconds. */
async function eventually<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const seen = await look()
    if (seen) return seen
    await new Promise((next) => setTimeout(next, 50))
  }
  throw new Error(`It did not happen within ten seconds: ${what}`)
}

const version = ({ body }: Answer) => ({ 'if-match': `"${body.version}"` })

interface Invitation {
  method: string
  uid: string
  sequence: number
  status: string
  start: string
}

function invitationsTo(smtp: TestSmtp, address: string): Invitation[] {
  return smtp.to(address).flatMap((mail) => {
    const part = mail.attachments.find(({ contentType }) => contentType === 'text/calendar')
    if (!part) return []
    const calendar = new ICAL.Component(ICAL.parse(part.content.toString()))
    const event = new ICAL.Event(calendar.getFirstSubcomponent('vevent') as ICAL.Component)
    return [
      {
        method: String(calendar.getFirstPropertyValue('method')),
        uid: event.uid,
        sequence: event.sequence,
        status: String(event.component.getFirstPropertyValue('status')),
        start: event.startDate.toJSDate().toISOString(),
      },
    ]
  })
}

async function administratorVerifies(house: RunningHouse, doctor: Person, practitioner: string): Promise<void> {
  const licence = (
    await doctor.ask(201, 'POST', `/v1/practitioners/${practitioner}/licences`, {
      number: 'TEST-1',
      issuer: 'Fictional Council',
      country: 'ZZ',
      validFrom: '2020-01-01',
      validUntil: '2045-01-01',
    })
  ).body
  const uploaded = await house.ask('POST', `/v1/licences/${licence.id}/certificate`, {
    token: doctor.token,
    raw: { type: 'application/pdf', content: certificate },
  })
  assert.equal(uploaded.status, 200, JSON.stringify(uploaded.body))
  const { code, output } = await house.command(['administrator', 'create', 'ada'], `${password}\n`)
  assert.equal(code, 0, output)
  const ada = await signIn(new Person(house), 'ada')
  const { items } = (await ada.ask(200, 'GET', '/v1/licences?status=pending')).body
  assert.equal(items.length, 1)
  await ada.ask(
    200,
    'POST',
    `/v1/licences/${items[0].id}/verify`,
    { decision: 'verified' },
    version({ body: items[0] } as Answer),
  )
  const place = await ada.ask(201, 'POST', '/v1/places', {
    name: 'Harbour Clinic',
    address: '3 Quay Street',
    city: 'Port Selam',
    country: 'ZZ',
    latitude: 0.34,
    longitude: 6.73,
    zone: 'Africa/Accra',
  })
  Object.assign(house, { place: place.body.id })
}

async function journey(form: Form): Promise<void> {
  await using smtp = await openSmtp()
  await using house = await startHouse(form, { SMTP_URL: smtp.url, PUBLIC_URL: 'https://care.example' })
  const monday = someMonday()

  // A doctor signs up; an administrator verifies the licence; the doctor places hours.
  const doctor = await signUp(house, 'dr-okello', 'Dr Amina Okello')
  const practitioner = (
    await doctor.ask(201, 'POST', '/v1/practitioners', {
      name: 'Dr Amina Okello',
      gender: 'female',
      languages: ['am', 'en'],
      specialities: ['cardiology'],
    })
  ).body.id
  await doctor.ask(403, 'POST', '/v1/schedules', {
    modes: ['video'],
    zone: 'UTC',
    minutes: 30,
    hours: [],
    validFrom: monday,
  })
  await administratorVerifies(house, doctor, practitioner)
  const { place } = house as unknown as { place: string }
  await doctor.ask(201, 'POST', '/v1/schedules', {
    place,
    room: 'Room 4',
    modes: ['in-person'],
    minutes: 30,
    hours: [{ day: 'mon', from: '09:00', until: '12:00' }],
    validFrom: monday,
    validUntil: monday,
  })

  // A patient grants a mandate to a caregiver.
  const patient = await signUp(house, 'saba', 'Saba Tesfaye')
  const patientId = (
    await patient.ask(201, 'POST', '/v1/patients', {
      name: 'Saba Tesfaye',
      birthDate: '1950-06-05',
      gender: 'female',
      language: 'am',
      zone: 'Africa/Addis_Ababa',
    })
  ).body.id
  const caregiver = await signUp(house, 'hana', 'Hana Bekele')
  const { code } = (await caregiver.ask(201, 'POST', '/v1/caregivers', { name: 'Hana Bekele', language: 'en' })).body
  const wish = { practitioner, patient: patientId, start: `${monday}T09:30:00Z` }
  await caregiver.ask(404, 'POST', '/v1/holds', wish)
  const given = await patient.ask(201, 'POST', '/v1/mandates', {
    patient: patientId,
    caregiverCode: code,
    powers: ['book', 'receive-messages'],
  })
  await caregiver.ask(404, 'POST', '/v1/holds', wish)
  await caregiver.ask(200, 'POST', `/v1/mandates/${given.body.id}/accept`)

  // The caregiver finds by speciality, language, distance and next free slot; holds; books.
  const find = `/v1/practitioners/find?speciality=cardiology&language=am&near=0.35,6.73&within=25&from=${monday}T00:00:00Z`
  const found = (await caregiver.ask(200, 'GET', find)).body.items
  assert.equal(found.length, 1)
  assert.equal(found[0].id, practitioner)
  assert.equal(found[0].next.start, `${monday}T09:00:00.000Z`)
  assert.ok(found[0].place.distanceKm < 25)
  assert.equal((await caregiver.ask(200, 'GET', find.replace('language=am', 'language=zh'))).body.items.length, 0)
  assert.equal((await caregiver.ask(200, 'GET', find.replace('near=0.35,6.73', 'near=10,10'))).body.items.length, 0)
  const hold = (await caregiver.ask(201, 'POST', '/v1/holds', { ...wish, start: found[0].next.start })).body
  assert.equal((await caregiver.ask(200, 'GET', find)).body.items[0].next.start, `${monday}T09:30:00.000Z`)
  const booked = await caregiver.ask(
    201,
    'POST',
    '/v1/appointments',
    { hold: hold.id },
    { 'idempotency-key': 'journey-1' },
  )
  const again = await caregiver.ask(
    201,
    'POST',
    '/v1/appointments',
    { hold: hold.id },
    { 'idempotency-key': 'journey-1' },
  )
  assert.deepEqual(again.body, booked.body)

  // Everyone concerned is told: in the house, and by mail with an invitation.
  for (const [person, address] of [
    [doctor, 'dr-okello@example.org'],
    [caregiver, 'hana@example.org'],
    [patient, 'saba@example.org'],
  ] as const) {
    await eventually(`${address} is told`, async () =>
      (await person.ask(200, 'GET', '/v1/notifications')).body.items.some(({ template }: { template: string }) =>
        template.startsWith('appointment-booked'),
      ),
    )
    const [invitation] = await eventually(
      `${address} is invited`,
      async () => invitationsTo(smtp, address).length > 0 && invitationsTo(smtp, address),
    )
    assert.deepEqual(
      { method: invitation?.method, sequence: invitation?.sequence, start: invitation?.start },
      { method: 'REQUEST', sequence: 0, start: `${monday}T09:00:00.000Z` },
    )
  }

  // Rescheduled, then cancelled: the invitation keeps its UID, its SEQUENCE rises.
  const id = booked.body.id
  const moved = await caregiver.ask(
    200,
    'POST',
    `/v1/appointments/${id}/reschedule`,
    { start: `${monday}T11:00:00Z` },
    version(booked),
  )
  assert.equal((await caregiver.ask(200, 'GET', find)).body.items[0].next.start, `${monday}T09:00:00.000Z`)
  await eventually('the move is mailed', async () => invitationsTo(smtp, 'hana@example.org').length === 2)
  await caregiver.ask(412, 'POST', `/v1/appointments/${id}/cancel`, { reason: 'pat' }, version(booked))
  await caregiver.ask(200, 'POST', `/v1/appointments/${id}/cancel`, { reason: 'pat' }, version(moved))
  const all = await eventually(
    'the cancellation is mailed',
    async () => invitationsTo(smtp, 'hana@example.org').length === 3 && invitationsTo(smtp, 'hana@example.org'),
  )
  assert.deepEqual(
    all.map(({ method }) => method),
    ['REQUEST', 'REQUEST', 'CANCEL'],
  )
  assert.deepEqual(
    all.map(({ sequence }) => sequence),
    [0, 1, 2],
  )
  assert.equal(new Set(all.map(({ uid }) => uid)).size, 1)
  assert.equal(all[2]?.status, 'CANCELLED')

  // The freed time is found again; and a mandate that is revoked is worth nothing on the next request.
  const slots = (await caregiver.ask(200, 'GET', `/v1/practitioners/${practitioner}/slots?from=${monday}T00:00:00Z`))
    .body.items
  assert.deepEqual(
    slots.map(({ start }: { start: string }) => start.slice(11, 16)),
    ['09:00', '09:30', '10:00', '10:30', '11:00', '11:30'],
  )
  const [mandate] = (await patient.ask(200, 'GET', '/v1/mandates')).body.items
  await patient.ask(200, 'POST', `/v1/mandates/${mandate.id}/revoke`, {})
  await caregiver.ask(404, 'POST', '/v1/appointments', wish)
  await caregiver.ask(404, 'GET', `/v1/appointments/${id}`)

  const verified = await house.command(['audit', 'verify'])
  assert.equal(verified.code, 0, verified.output)
}

describe('a caregiver finds the right practitioner and gets an appointment; everyone concerned is told', () => {
  it('with all rooms in one process', () => journey('together'))
  it('with each room in its own process', () => journey('apart'))
})
