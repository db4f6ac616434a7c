import assert from 'node:assert/strict'
import { newId } from '#platform/ids.ts'
import { type Client, openTestHouse, type TestHouse, type TestHouseOptions } from '#platform/testing.ts'
import { everything } from '#services.ts'

// People of the room's tests: all of them are fictional.

export const version = (of: number) => ({ 'if-match': `"${of}"` })

export async function newPatient(house: TestHouse, birthDate = '1987-06-05') {
  const who = await house.signedIn()
  const facts = { name: 'Saba Tesfaye', birthDate, gender: 'female', language: 'en', zone: 'UTC' }
  const { body, status } = await who.post('/v1/patients', facts)
  assert.equal(status, 201, JSON.stringify(body))
  return { ...who, id: body.id as string }
}

/** A licensed practitioner who treats these. */
export async function practitionerOf(house: TestHouse, ...patients: { id: string }[]) {
  const id = newId()
  const doctor = await house.signedIn({ self: { practitioner: id } })
  await house.owner.query(
    `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)
     select gen_random_uuid(), $1::uuid, 'treatment', 'Patient', id, '{see-record}'::text[], '2030-01-01Z'::timestamptz from unnest($2::uuid[]) id`,
    [doctor.account, patients.map(({ id }) => id)],
  )
  return { ...doctor, id }
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

export interface Visit {
  id: string
  /** Of the draft. */
  draft: number
}

/** A walk-in. */
export async function begun(doctor: Client, patient: { id: string }, more: object = {}): Promise<string> {
  const { body, status } = await doctor.post('/v1/consultations', { patient: patient.id, ...more })
  assert.equal(status, 201, JSON.stringify(body))
  return body.id
}

export async function saved(doctor: Client, id: string, sections: object, of = 1) {
  const answer = await doctor.patch(`/v1/consultations/${id}/draft`, { sections }, version(of))
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return answer.body
}

/** Begun, drafted and signed. */
export async function signed(doctor: Client, patient: { id: string }, sections: object, more: object = {}) {
  const id = await begun(doctor, patient, more)
  const draft = await saved(doctor, id, sections)
  const answer = await doctor.post(`/v1/consultations/${id}/sign`, undefined, version(draft.version))
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return answer.body
}

export async function openWard(options: TestHouseOptions = {}) {
  const house = await openTestHouse(everything, options)
  const patient = await newPatient(house)
  const doctor = await practitionerOf(house, patient)
  return { house, patient, doctor, [Symbol.asyncDispose]: () => house[Symbol.asyncDispose]() }
}
