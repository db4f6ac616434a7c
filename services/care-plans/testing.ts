import assert from 'node:assert/strict'
import { newId } from '#platform/ids.ts'
import { type Client, openTestHouse, type TestHouse, type TestHouseOptions } from '#platform/testing.ts'
import { everything } from '#services.ts'

// People of the room's tests: all of them are fictional.

export const version = (of: number) => ({ 'if-match': `"${of}"` })

export async function newPatient(house: TestHouse, more: object = {}) {
  const who = await house.signedIn()
  const facts = {
    name: 'Saba Tesfaye',
    birthDate: '1957-06-05',
    gender: 'female',
    language: 'en',
    zone: 'Africa/Accra',
  }
  const { body, status } = await who.post('/v1/patients', { ...facts, ...more })
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

/** A caregiver with these powers for a patient, by `mandate`. */
export async function caregiverOf(house: TestHouse, patient: { id: string }, powers: readonly string[]) {
  const [who, mandate] = [await house.signedIn({ self: { caregiver: newId() } }), newId()]
  await house.owner.query(
    `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, source_id, valid_from)
     values ($1, $2, 'mandate', 'Patient', $3, $4, $5, '2030-01-01Z')`,
    [newId(), who.account, patient.id, powers, mandate],
  )
  return { ...who, mandate }
}

/** Ends the mandate by which they care for somebody. */
export const endMandate = (house: TestHouse, mandate: string) =>
  house.owner.query('update platform.access_grant set revoked_at = valid_from where source_id = $1', [mandate])

export const pressure = { coding: [{ system: 'http://loinc.org', code: '8480-6', display: 'Systolic blood pressure' }] }

/** What a plan is made of, as it is sent. */
export const facts = {
  title: 'High blood pressure',
  from: '2031-03-03',
  reviewOn: '2031-06-03',
  goals: [
    {
      what: { text: 'A lower pressure' },
      targets: [{ measure: pressure, within: { high: 140, unit: 'mm[Hg]' }, on: '2031-06-01' }],
    },
  ],
  activities: [
    {
      instruction: 'Measure the blood pressure',
      kind: 'measurement',
      performer: { role: 'patient' },
      schedule: { timesOfDay: ['08:00'], from: '2031-03-03' },
    },
  ],
}

export async function planned(doctor: Client, patient: { id: string }, more: object = {}) {
  const { body, status } = await doctor.post(`/v1/patients/${patient.id}/care-plans`, { ...facts, ...more })
  assert.equal(status, 201, JSON.stringify(body))
  return body
}

/** Of a plan what a change of it sends. */
export function changeOf(plan: Record<string, unknown>, more: object = {}) {
  const { title, description, problems, from, to, reviewOn, zone, goals, activities } = plan
  const sent = { title, description, problems, from, to, reviewOn, zone, goals, activities, ...more }
  return JSON.parse(JSON.stringify(sent)) as object
}

export async function openWard(options: TestHouseOptions = {}) {
  const house = await openTestHouse(everything, options)
  const patient = await newPatient(house)
  const doctor = await practitionerOf(house, patient)
  return { house, patient, doctor, [Symbol.asyncDispose]: () => house[Symbol.asyncDispose]() }
}
