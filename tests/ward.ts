import type { TestHouse } from '#platform/testing.ts'
import { newPatient } from './calendar.ts'

/** A practitioner who treats a patient, and somebody whom they do not. */
export async function openWard(house: TestHouse) {
  const patient = await newPatient(house)
  const stranger = await newPatient(house)
  const doctor = await house.signedIn({ roles: ['practitioner'] })
  const grant = `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from) values (gen_random_uuid(), $1::uuid, $2, $3, $4, $5, '2030-01-01Z')`
  await house.owner.query(grant, [doctor.account, 'treatment', 'Patient', patient.patient, ['see-record']])
  await house.owner.query(grant, [doctor.account, 'licence', 'Practitioner', doctor.account, []])
  return { patient, stranger, doctor }
}
