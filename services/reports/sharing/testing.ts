import assert from 'node:assert/strict'
import { newId } from '#platform/ids.ts'
import type { Client, TestHouse } from '#platform/testing.ts'

// People of the room's tests: all of them are fictional.

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
