import assert from 'node:assert/strict'
import { newId } from '#platform/ids.ts'
import type { Client, TestHouse } from '#platform/testing.ts'

/**
 * One of each type of FHIR that follows from what registry keeps, made by its own operations, and their ids. The patient is treated by `doctor`, and the
 * practitioner in the directory is another.
 */
export async function openDirectory(house: TestHouse, doctor: Client): Promise<Record<string, string>> {
  const administrator = await house.signedIn({ roles: ['administrator'] })
  const made = async (who: Client, path: string, body: object) => {
    const answer = await who.post(path, body)
    assert.equal(answer.status, 201, `${path}: ${JSON.stringify(answer.body)}`)
    return answer.body
  }
  const somewhere = { name: 'Harbour', city: 'Port Selam', country: 'GH' }
  const { id: organisation } = await made(administrator, '/v1/organisations', somewhere)
  const position = { latitude: 5.55, longitude: -0.2, zone: 'Africa/Accra' }
  const clinic = { ...somewhere, ...position, address: '1 Quay Road', organisation }
  const { id: place } = await made(administrator, '/v1/places', clinic)
  const person = { name: 'Saba Tesfaye', gender: 'female', language: 'am' }
  const saba = await house.signedIn()
  const { id: patient } = await made(saba, '/v1/patients', { ...person, birthDate: '1987-06-05', zone: 'UTC' })
  const hana = await house.signedIn()
  const { id: caregiver } = await made(hana, '/v1/caregivers', { name: 'Hana Bekele', language: 'am' })
  await house.owner.query(
    `insert into platform.role_grant (account_id, role, granted_at) values ($1, 'patient', now()), ($2, 'caregiver', now())`,
    [saba.account, hana.account],
  )
  const { body } = await hana.get(`/v1/caregivers/${caregiver}`)
  const mandate = { patient, caregiverCode: body.code, powers: ['book'], validUntil: '2031-12-01T00:00:00Z' }
  const { id: related } = await made(saba, '/v1/mandates', mandate)
  assert.equal((await hana.post(`/v1/mandates/${related}/accept`)).status, 200)
  const facts = { name: 'Dr Okello', gender: 'male', languages: ['en'], specialities: ['cardiology'] }
  const { id: practitioner } = await made(await house.signedIn(), '/v1/practitioners', facts)
  await house.owner.query(
    `insert into registry.licence (id, practitioner_id, number, issuer, country, valid_from, valid_until, status, certificate_key, created_at, updated_at)
     values ($1::uuid, $2, $1::text, 'Fictional Council', 'ZZ', '2030-01-01', '2040-01-01', 'verified', 'none', now(), now())`,
    [newId(), practitioner],
  )
  await house.owner.query(
    `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)
     values (gen_random_uuid(), $1::uuid, 'treatment', 'Patient', $2, '{see-record}', '2030-01-01Z')`,
    [doctor.account, patient],
  )
  await house.house.tasks()['registry:project-left']?.({}, undefined as never)
  return {
    ...{ Patient: patient, RelatedPerson: related, Practitioner: practitioner, PractitionerRole: practitioner },
    ...{ Organization: organisation, Location: place },
  }
}
