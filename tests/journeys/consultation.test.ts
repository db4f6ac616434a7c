import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Form, forms, inWords, startHouse } from '../processes.ts'
import { administratorVerifies, eventually, ifMatch, noonZone, signUp } from './people.ts'

// From check-in to the signed note in the patient's hand, and what becomes of it when it was wrong: over HTTP against real processes.

const QUARTER = 900_000

async function journey(form: Form): Promise<void> {
  await using house = await startHouse(form)
  const zone = noonZone()
  const doctor = await signUp(house, 'dr-okello', 'Dr Amina Okello')
  const about = { name: 'Dr Amina Okello', gender: 'female', languages: ['en'], specialities: ['cardiology'] }
  const practitioner = (await doctor.ask(201, 'POST', '/v1/practitioners', about)).body.id
  await administratorVerifies(house, doctor, practitioner)
  const hours = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => ({ day, from: '00:00', until: '24:00' }))
  const today = new Intl.DateTimeFormat('sv', { timeZone: zone }).format(new Date())
  await doctor.ask(201, 'POST', '/v1/schedules', { zone, modes: ['video'], minutes: 15, hours, validFrom: today })
  const [saba, other] = [await signUp(house, 'saba', 'Saba Tesfaye'), await signUp(house, 'kofi', 'Kofi Mensah')]
  const profile = { birthDate: '1987-06-05', gender: 'female', language: 'en', zone }
  const patient = (await saba.ask(201, 'POST', '/v1/patients', { name: 'Saba Tesfaye', ...profile })).body.id
  await other.ask(201, 'POST', '/v1/patients', { name: 'Kofi Mensah', ...profile })

  // She books, asks something before, and is there.
  const start = new Date(Math.ceil(Date.now() / QUARTER) * QUARTER + 2 * QUARTER).toISOString()
  const booked = await saba.ask(201, 'POST', '/v1/appointments', { practitioner, patient, start })
  const appointment = booked.body.id
  await saba.ask(201, 'POST', '/v1/thread-messages', { appointment, text: 'Shall I bring my old papers?' })
  await doctor.ask(200, 'POST', `/v1/appointments/${appointment}/arrive`, {}, ifMatch(booked))
  await eventually('the doctor is told that there is something to read', async () => {
    const { items } = (await doctor.ask(200, 'GET', '/v1/notifications')).body
    return items.some(({ title }: { title: string }) => title === 'A message from a patient')
  })

  // The visit, with a slip of the finger and a lost connection in between.
  const begun = await eventually('the doctor treats her', async () => {
    const answer = await house.ask('POST', '/v1/consultations', { token: doctor.token, body: { appointment } })
    return answer.status === 201 && answer
  })
  const path = `/v1/consultations/${begun.body.id}`
  await doctor.ask(201, 'POST', '/v1/thread-messages', { consultation: begun.body.id, text: 'Yes, please' })
  const vitals = [{ kind: 'temperature', value: 98.6, unit: 'Cel' }]
  const draft = await doctor.ask(
    200,
    'PATCH',
    `${path}/draft`,
    { sections: { reason: 'Cough', vitals } },
    { 'if-match': '"1"' },
  )
  assert.equal(draft.body.questions[0].pointer, '/body/sections/vitals/0/value')
  await doctor.ask(422, 'POST', `${path}/sign`, undefined, ifMatch(draft))
  const found = await doctor.ask(200, 'GET', `${path}/draft`)
  const problems = [{ code: { text: 'Acute bronchitis' } }]
  const sections = { vitals: [{ ...vitals[0], unit: '[degF]' }], problems, plan: 'Rest' }
  const better = await doctor.ask(200, 'PATCH', `${path}/draft`, { sections }, ifMatch(found))
  await saba.ask(403, 'GET', `${path}/draft`)
  await doctor.ask(200, 'POST', `${path}/sign`, undefined, ifMatch(better))

  // It is in her hand, whole and verified; and in nobody else's.
  const note = (await saba.ask(200, 'GET', path)).body
  assert.deepEqual(
    [note.status, note.sections.reason, note.sections.plan, note.sections.vitals[0].unit],
    ['final', 'Cough', 'Rest', '[degF]'],
  )
  assert.deepEqual(
    note.signatures.map(({ by, verified }: { by: string; verified: boolean }) => [by, verified]),
    [[practitioner, true]],
  )
  assert.equal((await saba.ask(200, 'GET', '/fhir/R4/Condition')).body.entry[0].resource.code.text, 'Acute bronchitis')
  await other.ask(404, 'GET', path)

  // It was wrong: she sees what it says now, what it said, and why.
  await doctor.ask(
    200,
    'POST',
    `${path}/amend`,
    { reason: 'The plan of another patient' },
    ifMatch({ ...begun, body: note }),
  )
  const opened = await doctor.ask(200, 'GET', `${path}/draft`)
  const again = await doctor.ask(200, 'PATCH', `${path}/draft`, { sections: { plan: 'Walk' } }, ifMatch(opened))
  await doctor.ask(200, 'POST', `${path}/sign`, undefined, ifMatch(again))
  const amended = (await saba.ask(200, 'GET', path)).body
  assert.deepEqual(
    [amended.status, amended.sections.plan, amended.signatures[1].reason],
    ['amended', 'Walk', 'The plan of another patient'],
  )
  assert.equal((await saba.ask(200, 'GET', `${path}?noteVersion=1`)).body.sections.plan, 'Rest')
  assert.ok(amended.signatures.every(({ verified }: { verified: boolean }) => verified))
}

describe('a consultation, from check-in to the signed note in the patient’s hand, and an amended one', () => {
  for (const form of forms) it(inWords[form], () => journey(form))
})
