import assert from 'node:assert/strict'
import { newId } from '#platform/ids.ts'
import { type Client, openTestHouse, type TestHouse, type TestHouseOptions } from '#platform/testing.ts'
import { everything } from '#services.ts'

// People of the room's tests: all of them are fictional.

export const version = (of: number) => ({ 'if-match': `"${of}"` })

export async function newPatient(house: TestHouse, name = 'Saba Tesfaye') {
  const who = await house.signedIn()
  const facts = { name, birthDate: '1987-06-05', gender: 'female', language: 'en', zone: 'UTC' }
  const { body, status } = await who.post('/v1/patients', facts)
  assert.equal(status, 201, JSON.stringify(body))
  await house.work()
  return { ...who, id: body.id as string }
}

/** A practitioner who treats these, with a licence. */
export async function practitionerOf(house: TestHouse, ...patients: { id: string }[]) {
  const who = await house.signedIn()
  const about = { name: 'Dr Abel Nemo', gender: 'male', languages: ['en'], specialities: ['cardiology'] }
  const { body, status } = await who.post('/v1/practitioners', about)
  assert.equal(status, 201, JSON.stringify(body))
  await house.owner.query(
    `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)
     values ($1, $2, 'licence', 'Practitioner', $3, '{practise}', '2030-01-01Z')`,
    [newId(), who.account, body.id],
  )
  await house.owner.query(
    `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)
     select gen_random_uuid(), $1::uuid, 'treatment', 'Patient', id, '{see-record}'::text[], '2030-01-01Z'::timestamptz from unnest($2::uuid[]) id`,
    [who.account, patients.map(({ id }) => id)],
  )
  await house.work()
  return { ...who, id: body.id as string }
}

/** A caregiver with these powers for a patient. */
export async function caregiverOf(house: TestHouse, patient: { id: string }, powers: readonly string[]) {
  const who = await house.signedIn({ self: { caregiver: newId() } })
  await house.owner.query(
    `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, source_id, valid_from)
     values ($1, $2, 'mandate', 'Patient', $3, $4, $5, '2030-01-01Z')`,
    [newId(), who.account, patient.id, powers, newId()],
  )
  return who
}

/** Begun, drafted and signed. */
export async function signedVisit(doctor: Client, patient: { id: string }, sections: object, more: object = {}) {
  const begun = await doctor.post('/v1/consultations', { patient: patient.id, ...more })
  assert.equal(begun.status, 201, JSON.stringify(begun.body))
  const path = `/v1/consultations/${begun.body.id}`
  const draft = await doctor.patch(`${path}/draft`, { sections }, version(1))
  assert.equal(draft.status, 200, JSON.stringify(draft.body))
  const signed = await doctor.post(`${path}/sign`, undefined, version(draft.body.version))
  assert.equal(signed.status, 200, JSON.stringify(signed.body))
  return signed.body
}

/** Made, or said why not. */
export async function made(doctor: Client, patient: { id: string }, body: object, headers = {}) {
  const answer = await doctor.post(`/v1/patients/${patient.id}/reports`, body, headers)
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  return answer.body
}

export const letter = {
  to: 'Cardiology, Fictional City Hospital',
  why: 'Breathless when climbing stairs',
  asked: 'Echocardiogram',
}
export const leave = { from: '2031-03-01', until: '2031-03-07', workCapacity: 0 }

export async function openPractice(options: TestHouseOptions = {}) {
  const house = await openTestHouse(everything, options)
  const patient = await newPatient(house)
  const doctor = await practitionerOf(house, patient)
  return { house, patient, doctor, [Symbol.asyncDispose]: () => house[Symbol.asyncDispose]() }
}
