import assert from 'node:assert/strict'
import { newId } from '#platform/ids.ts'
import type { Client, TestHouse } from '#platform/testing.ts'
import { openCalendar, openServices, refreshOffers } from './calendar.ts'

/**
 * One of each type of FHIR that follows from what registry and scheduling keep, made by its own operations, and their ids. The patient is treated by `doctor`, and the
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
  const offered = await openOffer(house, doctor)
  const wish = { practitioner: offered.doctor, patient, start: '2031-03-03T09:00:00Z' }
  const { id: visit } = await made(saba, '/v1/appointments', wish)
  for (const room of ['registry', 'scheduling'])
    await house.house.tasks()[`${room}:project-left`]?.({}, undefined as never)
  return {
    ...{ Patient: patient, RelatedPerson: related, Practitioner: practitioner, PractitionerRole: practitioner },
    ...{ Organization: organisation, Location: place, HealthcareService: offered.service },
    ...{ Appointment: visit, AppointmentResponse: `${visit}.patient` },
  }
}

/** Hours of the doctor, in which a service is given. */
async function openOffer(house: TestHouse, { account }: Client): Promise<{ doctor: string; service: string }> {
  const { rows } = await house.owner.query(
    `select subject_id from platform.access_grant where account_id = $1 and relationship = 'self' and subject_type = 'Practitioner'`,
    [account],
  )
  const doctor: string = rows[0].subject_id
  await openCalendar(house, { practitioner: doctor })
  const facts = { speciality: 'cardiology', minutes: 30, before: 0, after: 0, notice: 0, window: 90, full: undefined }
  await openServices(house, doctor, [{ code: 'first-visit', ...facts }])
  await refreshOffers(house, [doctor])
  const services = await house.owner.query('select id from scheduling.service where practitioner_id = $1', [doctor])
  return { doctor, service: services.rows[0].id }
}
