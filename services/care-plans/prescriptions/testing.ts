import assert from 'node:assert/strict'
import { type Client, openTestHouse, type TestHouse, type TestHouseOptions } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { newPatient as patientWith, practitionerOf } from '../testing.ts'

// People and medicines of the tests of prescriptions: all of them are fictional.

/** Whose clock is that of the house. */
export const newPatient = (house: TestHouse, birthDate = '1987-06-05') => patientWith(house, { birthDate, zone: 'UTC' })

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
