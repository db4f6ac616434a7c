import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Client } from '#platform/testing.ts'
import { openCalendar } from '../../tests/calendar.ts'
import { begun, caregiverOf, newPatient, openWard, practitionerOf, version } from './testing.ts'

const send = (who: Client, body: object) => who.post('/v1/thread-messages', body)
const texts = async (who: Client, query: string) =>
  ((await who.get(`/v1/thread-messages?${query}`)).body.items as { text: string; from: string }[]).map(
    ({ text, from }) => `${from}: ${text}`,
  )

describe('/v1/thread-messages', () => {
  it('is one thread before, during and after a visit', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    await openCalendar(house, { practitioner: doctor.id })
    const wish = { practitioner: doctor.id, patient: patient.id, start: '2031-03-03T09:00:00Z', mode: 'video' }
    const appointment = (await patient.post('/v1/appointments', wish)).body.id
    const first = await send(patient, { appointment, text: 'Shall I <b>fast</b>?' })
    assert.equal(first.status, 201, JSON.stringify(first.body))
    house.setNow('2031-03-03T08:50:00Z')
    await doctor.post(`/v1/appointments/${appointment}/arrive`, {}, version(1))
    const consultation = (await doctor.post('/v1/consultations', { appointment })).body.id
    await send(doctor, { consultation, text: 'No need to' })
    house.setNow('2031-03-03T10:00:00Z')
    await send(patient, { consultation, text: 'Thank you' })
    const thread = ['patient: Thank you', 'practitioner: No need to', 'patient: Shall I <b>fast</b>?']
    for (const query of [`appointment=${appointment}`, `consultation=${consultation}`])
      assert.deepEqual((await texts(doctor, query)).toSorted(), thread.toSorted(), query)
    const page = (await patient.get(`/v1/thread-messages?consultation=${consultation}&limit=1`)).body
    assert.deepEqual([page.items[0].text, typeof page.next], ['Thank you', 'string'])
    const rest = await texts(patient, `consultation=${consultation}&limit=2&cursor=${page.next}`)
    assert.equal(rest.length, 2)
    const resource = (await doctor.get(`/fhir/R4/Communication/${first.body.id}`)).body
    assert.deepEqual(
      [resource.payload[0].contentString, resource.sender.reference, resource.recipient[0].reference],
      ['Shall I <b>fast</b>?', `Patient/${patient.id}`, `Practitioner/${doctor.id}`],
    )
  })

  it('is for the patient, caregivers who see the record and receive messages, and who treats; to others there is none', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    const consultation = await begun(doctor, patient)
    const [full, seeing, hearing] = [
      await caregiverOf(house, patient, ['see-record', 'receive-messages']),
      await caregiverOf(house, patient, ['see-record']),
      await caregiverOf(house, patient, ['receive-messages']),
    ]
    const stranger = await practitionerOf(house, await newPatient(house))
    const statusOf = async (who: Client) => (await send(who, { consultation, text: 'Hello' })).status
    assert.deepEqual(
      await Promise.all([full, seeing, hearing, stranger, await newPatient(house)].map(statusOf)),
      [201, 403, 404, 404, 404],
    )
    assert.deepEqual(await texts(seeing, `consultation=${consultation}`), ['caregiver: Hello'])
    assert.equal((await stranger.get(`/v1/thread-messages?consultation=${consultation}`)).status, 404)
    assert.equal((await send(house.anonymous, { consultation, text: 'Hello' })).status, 401)
    assert.equal((await send(doctor, { text: 'Hello' })).status, 422)
    assert.equal((await send(doctor, { consultation, text: '\n' })).status, 422)
  })

  it('of something sensitive is as sensitive as that', async () => {
    await using ward = await openWard()
    const { doctor, patient } = ward
    const consultation = await begun(doctor, patient, { category: 'hiv' })
    const { id } = (await send(patient, { consultation, text: 'The canary sings' })).body
    const { meta } = (await doctor.get(`/fhir/R4/Communication/${id}`)).body
    assert.deepEqual(meta.security, [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'HIV' }])
  })

  it('takes fifty of a writer in a day, however many come at once, and says when to come again', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    const consultation = await begun(doctor, patient)
    house.setNow('2031-03-01T09:00:00Z')
    for (let n = 0; n < 45; n++) await send(patient, { consultation, text: `Message ${n}` })
    house.setNow('2031-03-01T15:00:00Z')
    const all = await Promise.all(Array.from({ length: 8 }, () => send(patient, { consultation, text: 'Hello' })))
    assert.deepEqual(all.map(({ status }) => status).toSorted(), [201, 201, 201, 201, 201, 429, 429, 429])
    const refused = all.find(({ status }) => status === 429)
    assert.equal(refused?.headers['retry-after'], String(18 * 3_600))
    // Of others each has their own.
    assert.equal((await send(doctor, { consultation, text: 'I have read it' })).status, 201)
    house.setNow('2031-03-02T09:00:01Z')
    assert.equal((await send(patient, { consultation, text: 'Thank you' })).status, 201)
  })

  it('tells the other side that there is something to read, and not what', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    const consultation = await begun(doctor, patient, { category: 'mental-health' })
    const [plain, trusted] = [
      await caregiverOf(house, patient, ['see-record', 'receive-messages']),
      await caregiverOf(house, patient, ['see-record', 'receive-messages', 'see-sensitive']),
    ]
    const inbox = async (who: Client) =>
      ((await who.get('/v1/notifications')).body.items as { title: string; text: string }[]).map(({ text }) => text)
    await send(doctor, { consultation, text: 'The canary sings' })
    await house.work()
    assert.deepEqual(await inbox(patient), ['Somebody has written about your visit. Sign in to read it.'])
    assert.equal((await inbox(trusted)).length, 1)
    assert.deepEqual([await inbox(plain), await inbox(doctor)], [[], []])
    await send(trusted, { consultation, text: 'The canary sings' })
    await house.work()
    assert.deepEqual(await inbox(doctor), ['A patient has written to you about a visit. Sign in to read it.'])
    assert.equal((await inbox(patient)).length, 2)
  })
})
