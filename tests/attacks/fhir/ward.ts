import { newToken } from '#platform/auth.ts'
import { newId } from '#platform/ids.ts'
import { type Client, openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { aboutPatient } from '../../about-patient.ts'
import { newPatient } from '../../calendar.ts'

/** Two patients, and for each a practitioner who treats that one alone. */
export interface Ward extends AsyncDisposable {
  house: TestHouse
  ann: Client & { patient: string }
  ben: Client & { patient: string }
  doctorOfAnn: Client
  doctorOfBen: Client
}

export async function openWard(options: Parameters<typeof openTestHouse>[1] = {}): Promise<Ward> {
  const house = await openTestHouse(everything, {
    ...options,
    env: { RATE_LIMIT_PER_MINUTE: '100000', ...options.env },
  })
  const [ann, ben] = [await newPatient(house), await newPatient(house)]
  const doctorOfAnn = await doctorOf(house, [ann.patient])
  const doctorOfBen = await doctorOf(house, [ben.patient])
  return { house, ann, ben, doctorOfAnn, doctorOfBen, [Symbol.asyncDispose]: () => house[Symbol.asyncDispose]() }
}

export interface Grant {
  subject: string
  relationship: string
  powers?: string[]
  subjectType?: string
  from?: string
  until?: string
}

/** What lets an account see or do something. */
export async function grant({ owner }: TestHouse, account: string, given: Grant): Promise<string> {
  const { subject, relationship, powers = ['see-record'], subjectType = 'Patient', from = '2030-01-01Z', until } = given
  const id = newId()
  await owner.query(
    `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from, valid_until)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [id, account, relationship, subjectType, subject, powers, from, until],
  )
  return id
}

/** A licensed practitioner who treats these. */
export async function doctorOf(house: TestHouse, patients: readonly string[]): Promise<Client> {
  const doctor = await house.signedIn({ roles: ['practitioner'] })
  await grant(house, doctor.account, {
    ...{ subject: doctor.account, relationship: 'licence', subjectType: 'Practitioner', powers: [] },
  })
  for (const subject of patients) await grant(house, doctor.account, { subject, relationship: 'treatment' })
  return doctor
}

/** The same person by an app, with scopes and perhaps bound to a patient. */
export async function appOf(house: TestHouse, { account }: Client, scopes: string[], patient?: string) {
  const { token, hash } = newToken()
  await house.owner.query(
    `insert into platform.session (id, account_id, token_hash, created_at, expires_at, kind, scopes, client_id, patient_id)
     values ($1, $2, $3, $4, $4::timestamptz + interval '1 hour', 'access-token', $5, $6, $7)`,
    [newId(), account, hash, house.house.now(), scopes, newId(), patient],
  )
  return house.withToken(token)
}

/** The least valid resource of a type, about a patient. */
export const about = aboutPatient

export const pulse = (patient: string, more: object = {}) =>
  about('Observation', patient, {
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
    ...more,
  })

export const labelled = (code: string) => ({
  meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code }] },
})

export interface Entry {
  resource?: { id: string; resourceType: string }
}

/** Ids of what a Bundle holds, sorted. */
export const idsIn = ({ body }: { body: { entry?: Entry[] } }): string[] =>
  (body.entry ?? []).flatMap(({ resource }) => resource?.id ?? []).sort()

/** All rows of the store, to see that nothing changed. */
export async function storeOf({ owner }: TestHouse): Promise<unknown> {
  const { rows } = await owner.query(
    `select (select json_agg(r order by r.key) from platform.fhir_resource r) as now, (select json_agg(p order by p.key, p.version) from platform.fhir_past p) as past`,
  )
  return rows[0]
}
