import type pg from 'pg'
import { newToken } from '#platform/auth.ts'
import { newId } from '#platform/ids.ts'
import type { Client, TestHouse } from '#platform/testing.ts'
import { newPatient } from './calendar.ts'

// Who writes records: a practitioner who treats a patient.

export interface Ward {
  doctor: Client
  patient: Client & { patient: string }
  /** Whom the practitioner does not treat. */
  stranger: Client & { patient: string }
}

export async function openWard(house: TestHouse): Promise<Ward> {
  const patient = await newPatient(house)
  return { doctor: await anotherWhoTreats(house, patient.patient), patient, stranger: await newPatient(house) }
}

/** Licensed, and in a treatment with the patient. */
export async function anotherWhoTreats(house: TestHouse, patient: string): Promise<Client> {
  const doctor = await house.signedIn({ roles: ['practitioner'], self: { practitioner: newId() } })
  await house.owner.query(
    `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)
     values (gen_random_uuid(), $1::uuid, 'treatment', 'Patient', $2, '{see-record}', '2020-01-01Z')`,
    [doctor.account, patient],
  )
  return doctor
}

/** A heart rate of a patient. */
export const pulse = (patient: string, more: object = {}) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4', display: 'Heart rate' }] },
  subject: { reference: `Patient/${patient}` },
  effectiveDateTime: '2031-03-03T09:00:00Z',
  valueQuantity: { value: 72, unit: 'beats/minute', system: 'http://unitsofmeasure.org', code: '/min' },
  ...more,
})

/** The same in a house that runs as processes, put straight into its tables. */
export async function seatWard(owner: pg.Client): Promise<{ token: string; patient: string }> {
  const [account, practitioner, patient, { token, hash }] = [newId(), newId(), newId(), newToken()]
  await owner.query(
    `insert into platform.session (id, account_id, token_hash, created_at, expires_at) values ($1, $2, $3, now(), now() + interval '9 days')`,
    [newId(), account, hash],
  )
  await owner.query(
    `insert into platform.role_grant (account_id, role, granted_at) values ($1, 'practitioner', now())`,
    [account],
  )
  await owner.query(
    `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)
     values (gen_random_uuid(), $1, 'self', 'Practitioner', $2, '{}', now()), (gen_random_uuid(), $1, 'licence', 'Practitioner', $2, '{practise}', now()),
       (gen_random_uuid(), $1, 'treatment', 'Patient', $3, '{see-record}', now())`,
    [account, practitioner, patient],
  )
  return { token, patient }
}

/** A FHIRPath Patch that replaces what is there; `value`: its `value[x]`. */
export const replacing = (path: string, value: object) => ({
  resourceType: 'Parameters',
  parameter: [
    {
      name: 'operation',
      part: [
        { name: 'type', valueCode: 'replace' },
        { name: 'path', valueString: path },
        { name: 'value', ...value },
      ],
    },
  ],
})
