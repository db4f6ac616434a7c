import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Form, forms, inWords, startHouse } from '../processes.ts'
import { administratorVerifies, eventually, signUp, someMonday } from './people.ts'

// What a practitioner finds out about a patient, from the visit on: written and read as FHIR, over HTTP, against real processes.

const pressure = (patient: string) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8480-6', display: 'Systolic blood pressure' }] },
  subject: { reference: `Patient/${patient}` },
  effectiveDateTime: '2026-11-02T09:10:00Z',
  valueQuantity: { value: 128, unit: 'mmHg', system: 'http://unitsofmeasure.org', code: 'mm[Hg]' },
})

async function journey(form: Form): Promise<void> {
  await using house = await startHouse(form)
  const monday = someMonday()

  // A practitioner and two patients, one of whom books.
  const doctor = await signUp(house, 'dr-okello', 'Dr Amina Okello')
  const about = { name: 'Dr Amina Okello', gender: 'female', languages: ['en'], specialities: ['cardiology'] }
  const practitioner = (await doctor.ask(201, 'POST', '/v1/practitioners', about)).body.id
  const { place } = await administratorVerifies(house, doctor, practitioner)
  const hours = [{ day: 'mon', from: '09:00', until: '12:00' }]
  const schedule = {
    place,
    room: 'Room 4',
    modes: ['in-person'],
    minutes: 30,
    hours,
    validFrom: monday,
    validUntil: monday,
  }
  await doctor.ask(201, 'POST', '/v1/schedules', schedule)
  const [saba, other] = [await signUp(house, 'saba', 'Saba Tesfaye'), await signUp(house, 'kofi', 'Kofi Mensah')]
  const profile = { birthDate: '1987-06-05', gender: 'female', language: 'en', zone: 'UTC' }
  const patient = (await saba.ask(201, 'POST', '/v1/patients', { name: 'Saba Tesfaye', ...profile })).body.id
  await other.ask(201, 'POST', '/v1/patients', { name: 'Kofi Mensah', ...profile })

  // Nobody writes about somebody whom they do not treat; a visit makes the difference.
  await doctor.ask(403, 'POST', '/fhir/R4/Observation', pressure(patient))
  await saba.ask(201, 'POST', '/v1/appointments', { practitioner, patient, start: `${monday}T09:00:00Z` })
  const made = await eventually('the practitioner treats her', async () => {
    const answer = await house.ask('POST', '/fhir/R4/Observation', { token: doctor.token, body: pressure(patient) })
    return answer.status === 201 && answer
  })
  const path = `/fhir/R4/Observation/${made.body.id}`

  // She reads it, finds it by what it is and how much; nobody else does.
  assert.deepEqual((await saba.ask(200, 'GET', path)).body, made.body)
  const found = await saba.ask(
    200,
    'GET',
    `/fhir/R4/Observation?code=8480-6&value-quantity=gt120||mm[Hg]&_total=accurate`,
  )
  assert.equal(found.body.total, 1)
  await other.ask(404, 'GET', path)
  assert.equal((await other.ask(200, 'GET', '/fhir/R4/Observation?_total=accurate')).body.total, 0)

  // It was not right: the first version stays, and the history says so.
  const better = { ...made.body, status: 'amended', valueQuantity: { ...made.body.valueQuantity, value: 138 } }
  await doctor.ask(200, 'PUT', path, better, { 'if-match': 'W/"1"' })
  await doctor.ask(412, 'PUT', path, better, { 'if-match': 'W/"1"' })
  assert.equal((await saba.ask(200, 'GET', `${path}/_history/1`)).body.valueQuantity.value, 128)
  assert.equal((await saba.ask(200, 'GET', path)).body.valueQuantity.value, 138)

  // And she sees who did what with it.
  const log = (await saba.ask(200, 'GET', `/v1/patients/${patient}/access-log?limit=100`)).body.items
  const told = log.map(({ text }: { text: string }) => text).join('\n')
  assert.match(told, /added something that was measured or seen/)
  assert.match(told, /changed something that was measured or seen/)
}

describe('a record is written by who treats, and read by whose it is', () => {
  for (const form of forms) it(inWords[form], () => journey(form))
})
