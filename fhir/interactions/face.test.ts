import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { newPatient } from '#tests/calendar.ts'

/** A practitioner who treats a patient, and somebody whom they do not. */
async function openWard(house: TestHouse) {
  const patient = await newPatient(house)
  const stranger = await newPatient(house)
  const doctor = await house.signedIn({ roles: ['practitioner'] })
  await house.owner.query(
    `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)
     values (gen_random_uuid(), $1::uuid, 'treatment', 'Patient', $2, '{see-record}', '2030-01-01Z'), (gen_random_uuid(), $1::uuid, 'licence', 'Practitioner', $1::uuid, '{}', '2030-01-01Z')`,
    [doctor.account, patient.patient],
  )
  return { patient, stranger, doctor }
}

const pulse = (patient: string, more: object = {}) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4', display: 'Heart rate' }] },
  subject: { reference: `Patient/${patient}` },
  effectiveDateTime: '2031-03-03T09:00:00Z',
  valueQuantity: { value: 72, unit: 'beats/minute', system: 'http://unitsofmeasure.org', code: '/min' },
  ...more,
})

describe('/fhir/R4/Observation', () => {
  it('is created, read, updated, searched, deleted, and keeps its history', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient, stranger } = await openWard(house)
    const made = await doctor.post('/fhir/R4/Observation', pulse(patient.patient))
    assert.equal(made.status, 201, JSON.stringify(made.body))
    const { id } = made.body
    assert.equal(made.headers.etag, 'W/"1"')
    assert.match(String(made.headers.location), new RegExp(`/fhir/R4/Observation/${id}/_history/1$`))
    const read = await patient.get(`/fhir/R4/Observation/${id}`)
    assert.deepEqual(read.body, made.body)
    assert.equal((await stranger.get(`/fhir/R4/Observation/${id}`)).status, 404)
    assert.equal((await stranger.post('/fhir/R4/Observation', pulse(patient.patient))).status, 403)
    const changed = await doctor.put(`/fhir/R4/Observation/${id}`, { ...made.body, status: 'amended' })
    assert.equal(changed.status, 200, JSON.stringify(changed.body))
    assert.equal(changed.body.meta.versionId, '2')
    const found = await doctor.get(
      `/fhir/R4/Observation?code=http://loinc.org|8867-4&patient=${patient.patient}&value-quantity=72||/min&date=2031-03-03&status=amended&_total=accurate`,
    )
    assert.equal(found.status, 200, JSON.stringify(found.body))
    assert.deepEqual([found.body.total, found.body.entry?.[0]?.resource?.id], [1, id])
    assert.equal((await stranger.get(`/fhir/R4/Observation?code=8867-4&_total=accurate`)).body.total, 0)
    assert.equal((await doctor.delete(`/fhir/R4/Observation/${id}`)).status, 204)
    assert.equal((await doctor.get(`/fhir/R4/Observation/${id}`)).status, 410)
    const past = await doctor.get(`/fhir/R4/Observation/${id}/_history`)
    assert.deepEqual(
      past.body.entry.map((one: { request: { method: string } }) => one.request.method),
      ['DELETE', 'PUT', 'POST'],
    )
    assert.equal((await doctor.get(`/fhir/R4/Observation/${id}/_history/1`)).body.status, 'final')
  })
})
