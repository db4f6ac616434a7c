import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import ICAL from 'ical.js'
import { type Form, forms, inWords, startHouse } from '../processes.ts'
import { openSmtp, type TestSmtp } from '../smtp.ts'
import { administratorVerifies, eventually, ifMatch, proveMailbox, signUp, someMonday } from './people.ts'

// The main job, from the first administrator to the time that is free again: over HTTP, against real processes, with a real mail server.

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
  const { place } = await administratorVerifies(house, doctor, practitioner)
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
  for (const person of [doctor, patient, caregiver]) await proveMailbox(person, smtp)

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
    ifMatch(booked),
  )
  assert.equal((await caregiver.ask(200, 'GET', find)).body.items[0].next.start, `${monday}T09:00:00.000Z`)
  await eventually('the move is mailed', async () => invitationsTo(smtp, 'hana@example.org').length === 2)
  await caregiver.ask(412, 'POST', `/v1/appointments/${id}/cancel`, { reason: 'pat' }, ifMatch(booked))
  await caregiver.ask(200, 'POST', `/v1/appointments/${id}/cancel`, { reason: 'pat' }, ifMatch(moved))
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
  for (const form of forms) it(inWords[form], () => journey(form))
})
