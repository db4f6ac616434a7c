import assert from 'node:assert/strict'
import { newId } from '#platform/ids.ts'
import { type Client, openTestHouse, type TestHouse, type TestHouseOptions } from '#platform/testing.ts'
import { everything } from '#services.ts'

// People of the room's tests: all of them are fictional.

export async function newPatient(house: TestHouse, name = 'Saba Tesfaye') {
  const who = await house.signedIn()
  const facts = { name, birthDate: '1987-06-05', gender: 'female', language: 'en', zone: 'UTC' }
  const { body, status } = await who.post('/v1/patients', facts)
  assert.equal(status, 201, JSON.stringify(body))
  return { ...who, id: body.id as string }
}

/** A licensed practitioner who treats these. */
export async function practitionerOf(house: TestHouse, ...patients: { id: string }[]) {
  const id = newId()
  const doctor = await house.signedIn({ self: { practitioner: id } })
  for (const patient of patients) await grant(house, doctor, patient, 'treatment', ['see-record'])
  return { ...doctor, id }
}

/** A caregiver with these powers for a patient. */
export async function caregiverOf(house: TestHouse, patient: { id: string }, powers: readonly string[]) {
  const who = await house.signedIn({ self: { caregiver: newId() } })
  await grant(house, who, patient, 'mandate', powers)
  return who
}

export const grant = (
  house: TestHouse,
  who: Client,
  patient: { id: string },
  relationship: string,
  powers: readonly string[],
) =>
  house.owner.query(
    `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, source_id, valid_from)
     values ($1, $2, $3, 'Patient', $4, $5, $6, '2030-01-01Z')`,
    [newId(), who.account, relationship, patient.id, powers, newId()],
  )

export async function openWard(options: TestHouseOptions = {}) {
  const house = await openTestHouse(everything, options)
  const patient = await newPatient(house)
  const doctor = await practitionerOf(house, patient)
  return { house, patient, doctor, [Symbol.asyncDispose]: () => house[Symbol.asyncDispose]() }
}

/** A resource as the doctor writes it; its id. */
export async function written(doctor: Client, resource: { resourceType: string; [name: string]: unknown }) {
  const { status, body } = await doctor.post(`/fhir/R4/${resource.resourceType}`, resource, {
    'content-type': 'application/fhir+json',
  })
  assert.equal(status, 201, JSON.stringify(body))
  return body.id as string
}

export const vaccination = (patient: { id: string }, change: object = {}) => ({
  resourceType: 'Immunization',
  status: 'completed',
  vaccineCode: { text: 'Measles', coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '05', display: 'Measles' }] },
  patient: { reference: `Patient/${patient.id}`, display: 'Saba Tesfaye' },
  occurrenceDateTime: '2029-11-12',
  lotNumber: 'AB-12',
  note: [{ text: 'Cried' }],
  ...change,
})

export const allergy = (patient: { id: string }, change: object = {}) => ({
  resourceType: 'AllergyIntolerance',
  clinicalStatus: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', code: 'active' }],
  },
  code: { text: 'Penicillin', coding: [{ system: 'http://www.whocc.no/atc', code: 'J01C' }] },
  patient: { reference: `Patient/${patient.id}` },
  ...change,
})
