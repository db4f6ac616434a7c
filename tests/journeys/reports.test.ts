import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Form, forms, inWords, startHouse } from '../processes.ts'
import { administratorVerifies, eventually, ifMatch, noonZone, type Person, signUp } from './people.ts'

// From check-in to the signed report in the patient's hand, and what becomes of it when the note was wrong: over HTTP against real processes.

const QUARTER = 900_000

/** As the patient has it before them. */
const pageOf = async (who: Person, id: string, query = '', language = 'en'): Promise<string> => {
  const headers = { accept: 'text/html', 'accept-language': language }
  return String((await who.ask(200, 'GET', `/v1/reports/${id}${query}`, undefined, headers)).body)
}

async function journey(form: Form): Promise<void> {
  await using house = await startHouse(form)
  const doctor = await signUp(house, 'dr-okello', 'Dr Amina Okello')
  const about = { name: 'Dr Amina Okello', gender: 'female', languages: ['en'], specialities: ['cardiology'] }
  const practitioner = (await doctor.ask(201, 'POST', '/v1/practitioners', about)).body.id
  await administratorVerifies(house, doctor, practitioner)
  const hours = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => ({ day, from: '00:00', until: '24:00' }))
  const validFrom = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)
  const zone = noonZone()
  const wish = { zone, modes: ['video'], minutes: 15, hours, validFrom }
  await doctor.ask(201, 'POST', '/v1/schedules', wish)
  const [saba, other] = [await signUp(house, 'saba', 'Saba Tesfaye'), await signUp(house, 'kofi', 'Kofi Mensah')]
  const profile = { birthDate: '1987-06-05', gender: 'female', language: 'ar', zone }
  const patient = (await saba.ask(201, 'POST', '/v1/patients', { name: 'Saba Tesfaye', ...profile })).body.id
  await other.ask(201, 'POST', '/v1/patients', { name: 'Kofi Mensah', ...profile })

  // She books, is checked in, and is seen.
  const start = new Date(Math.ceil(Date.now() / QUARTER) * QUARTER + 2 * QUARTER).toISOString()
  const booked = await saba.ask(201, 'POST', '/v1/appointments', { practitioner, patient, start })
  const appointment = booked.body.id
  await doctor.ask(200, 'POST', `/v1/appointments/${appointment}/arrive`, {}, ifMatch(booked))
  const begun = await eventually('the doctor treats her', async () => {
    const answer = await house.ask('POST', '/v1/consultations', { token: doctor.token, body: { appointment } })
    return answer.status === 201 && answer
  })
  const consultation = begun.body.id
  const path = `/v1/consultations/${consultation}`
  const reports = `/v1/patients/${patient}/reports`
  const sections = {
    reason: 'Cough',
    problems: [{ code: { text: 'Acute bronchitis' } }],
    plan: 'Left lung again in a week',
  }
  const draft = await doctor.ask(200, 'PATCH', `${path}/draft`, { sections }, { 'if-match': '"1"' })
  const unsigned = await doctor.ask(422, 'POST', reports, { kind: 'visit', consultation })
  assert.equal(unsigned.body.errors[0].pointer, '/body/consultation')
  const signed = await doctor.ask(200, 'POST', `${path}/sign`, undefined, ifMatch(draft))

  // What she takes home: a summary of the visit, and a note for her employer that says nothing of why.
  const visit = await doctor.ask(201, 'POST', reports, { kind: 'visit', consultation, remarks: 'Drink a lot' })
  const leave = { from: '2031-03-01', until: '2031-03-07', workCapacity: 0 }
  const sick = await doctor.ask(201, 'POST', reports, { kind: 'sick-note', consultation, leave })
  const { items } = (await saba.ask(200, 'GET', reports)).body
  assert.deepEqual(new Set(items.map(({ id }: { id: string }) => id)), new Set([visit.body.id, sick.body.id]))
  const page = await pageOf(saba, visit.body.id, '', 'ar')
  for (const words of ['dir="rtl"', 'ملخص الزيارة', 'Acute bronchitis', 'Left lung again in a week', 'Drink a lot'])
    assert.ok(page.includes(words), words)
  assert.doesNotMatch(await pageOf(saba, sick.body.id), /bronchitis|Cough/)
  for (const paper of ['a4', 'a5', 'receipt']) {
    const pdf = await saba.ask(200, 'GET', `/v1/reports/${visit.body.id}?paper=${paper}`, undefined, {
      accept: 'application/pdf',
    })
    assert.match(pdf.body, /^%PDF-1/)
  }
  assert.deepEqual((await saba.ask(200, 'GET', `/v1/reports/${visit.body.id}`)).body.signature, { verified: true })
  await other.ask(404, 'GET', `/v1/reports/${visit.body.id}`)

  // The note was wrong: her report says so before anybody makes another, and then what it was, when and why.
  await doctor.ask(200, 'POST', `${path}/amend`, { reason: 'The other lung' }, ifMatch(signed))
  const reopened = await doctor.ask(200, 'GET', `${path}/draft`)
  const again = await doctor.ask(
    200,
    'PATCH',
    `${path}/draft`,
    { sections: { plan: 'Right lung again in a week' } },
    ifMatch(reopened),
  )
  await doctor.ask(200, 'POST', `${path}/sign`, undefined, ifMatch(again))
  assert.match(await pageOf(saba, visit.body.id), /The note of this visit was amended/)
  await doctor.ask(200, 'PUT', `/v1/reports/${visit.body.id}`, { reason: 'The other lung' }, ifMatch(visit))
  const now = await pageOf(saba, visit.body.id)
  assert.match(now, /Amended on [^<]*<\/strong><br>The other lung/)
  assert.match(now, /Right lung again in a week[\s\S]*Version 2/)
  const before = await pageOf(saba, visit.body.id, '?version=1')
  assert.match(before, /Replaced by version 2[\s\S]*Left lung again in a week/)
  await doctor.ask(412, 'PUT', `/v1/reports/${visit.body.id}`, { reason: 'Again' }, ifMatch(visit))
  const { versions, signature } = (await saba.ask(200, 'GET', `/v1/reports/${visit.body.id}`)).body
  assert.deepEqual([versions.length, versions[1].reason, signature.verified], [2, 'The other lung', true])
}

describe('a report, from check-in to the patient’s hand, and an amended one', () => {
  for (const form of forms) it(inWords[form], () => journey(form))
})
