import assert from 'node:assert/strict'
import { newId } from '#platform/ids.ts'
import { type Client, openTestHouse, type TestHouse, type TestHouseOptions } from '#platform/testing.ts'
import { everything } from '#services.ts'

// People and medicines of the tests of prescriptions: all of them are fictional.

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

export async function openWard({ birthDate, ...options }: TestHouseOptions & { birthDate?: string } = {}) {
  const house = await openTestHouse(everything, options)
  const patient = await newPatient(house, birthDate)
  const doctor = await practitionerOf(house, patient)
  const path = `/v1/patients/${patient.id}`
  return { house, patient, doctor, path, [Symbol.asyncDispose]: () => house[Symbol.asyncDispose]() }
}

export const atc = (code: string, text: string) => ({ text, coding: [{ system: 'http://www.whocc.no/atc', code }] })
export const twiceADay = {
  amount: { value: 1, form: 'tablet' },
  times: { count: 2, every: { count: 1, unit: 'day' } },
}
export const metformin = { what: atc('A10BA02', 'Metformin 500 mg'), doses: [twiceADay] }

export async function made(who: Client, path: string, body: object) {
  const answer = await who.post(path, body)
  assert.equal(answer.status, 201, `${path}: ${JSON.stringify(answer.body)}`)
  return answer.body
}

export const weighed = (
  who: Client,
  path: string,
  { number, at, unit = 'kg' }: { number: number; at: string; unit?: string },
) =>
  made(who, `${path}/results`, {
    what: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
    ...{ status: 'final', at, value: { number, unit } },
  })
