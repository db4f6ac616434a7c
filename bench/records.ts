import type pg from 'pg'
import { indexOf } from '#fhir/indexing/index-of.ts'
import type { Resource } from '#fhir/resource.ts'
import { rowOf } from '#fhir/store/change.ts'
import { concernsOf } from '#fhir/store/concerns.ts'
import { powers } from '#platform/access.ts'
import { hashOfToken } from '#platform/auth.ts'
import { newId } from '#platform/ids.ts'
import { migrate } from '#platform/migrate.ts'
import { everything } from '#services.ts'
import { inDatabase, SETTLED, withClient } from './country.ts'
import type { Place } from './database.ts'
import { tokenOf } from './people.ts'

// Patients with observations, and practitioners who treat them. The same number always makes the same patient.

export interface Records {
  patients: number
  observations: number
  ownerUrl: string
  appUrl: string
  loadSeconds: number
}

export const FHIR_BASE = 'http://openhcs.test/fhir/R4'
/** Of each patient; of one in fifty as many as a page of a search has. */
export const EACH = 5
export const PAGE = 20
export const WITH_PAGE = 50
/** Each treats one in so many patients. */
export const DOCTORS = 250
const AT_ONCE = 1_000

const uuid = (kind: number, n: number) => `${kind}0000000-0000-4000-8000-${String(n).padStart(12, '0')}`
export const patientOf = (n: number): string => uuid(1, n)
export const observationId = (n: number, i: number): string => `o-${n}-${i}`
/** Whoever treats a patient. */
export const accountOf = (patient: number): string => uuid(2, patient % DOCTORS)
export const tokenFor = (patient: number): string => tokenOf(1 + (patient % DOCTORS))

/** Who registers patients, and where. */
const [CLERK, ORGANISATION] = [uuid(4, 0), uuid(5, 0)]
export const CLERKS_TOKEN = tokenOf(0)

/** As another system sends somebody to be registered. */
export const patientFor = (i: number): Resource => ({
  resourceType: 'Patient',
  extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/timezone', valueCode: 'Africa/Accra' }],
  identifier: [{ system: 'http://example.org/hospital', value: `H-${i}` }],
  name: [{ use: 'official', family: `Tesfaye ${i % 500}`, given: ['Saba', `N${i}`] }],
  telecom: [{ system: 'phone', value: `+2332012${String(i % 100_000).padStart(5, '0')}` }],
  gender: 'female',
  birthDate: `19${10 + (i % 90)}-06-05`,
  address: [{ line: ['3 Quay Street'], city: 'Port Selam', country: 'GH' }],
  managingOrganization: { reference: `Organization/${ORGANISATION}` },
})

/** As a ward sends them: one of five vital signs. */
export function observationFor(patient: string, i: number): Resource {
  const [code, display, unit] = SIGNS[i % SIGNS.length] as [string, string, string]
  return {
    resourceType: 'Observation',
    status: 'final',
    category: [
      {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/observation-category',
            code: 'vital-signs',
            display: 'Vital Signs',
          },
        ],
      },
    ],
    code: { coding: [{ system: 'http://loinc.org', code, display }], text: display },
    subject: { reference: `Patient/${patient}` },
    effectiveDateTime: new Date(Date.UTC(2031, 0, 1 + (i % 365), 8)).toISOString(),
    issued: '2031-01-01T08:00:00.000Z',
    valueQuantity: { value: 60 + (i % 40), unit, system: 'http://unitsofmeasure.org', code: unit },
  }
}

const SIGNS: readonly (readonly [string, string, string])[] = [
  ['8867-4', 'Heart rate', '/min'],
  ['9279-1', 'Respiratory rate', '/min'],
  ['8310-5', 'Body temperature', 'Cel'],
  ['29463-7', 'Body weight', 'kg'],
  ['8480-6', 'Systolic blood pressure', 'mm[Hg]'],
]

/** What fhir_write() takes for a new one. */
export function newRow(resource: Resource, id: string, place: number, at: Date) {
  const { resourceType, ...rest } = resource
  const meta = { versionId: '1', lastUpdated: at.toISOString() }
  const whole = { resourceType, id, meta, ...rest }
  const index = indexOf(whole, { base: FHIR_BASE })
  const concerns = concernsOf(whole, index)
  return rowOf({ type: resourceType, id, version: 1, at, method: 'POST', resource: whole, index, concerns }, place)
}

/** A database of its own. */
export async function makeRecords({ database }: Place, patients: number): Promise<Records> {
  const name = `records_${newId().replaceAll('-', '')}` // several benches may want as many
  await withClient(database.ownerUrl, (admin) => admin.query(`create database ${name}`))
  const [ownerUrl, appUrl] = [inDatabase(database.ownerUrl, name), inDatabase(database.appUrl, name)]
  await migrate({ ownerUrl, appUrl, services: everything })
  const began = performance.now()
  const observations = await withClient(ownerUrl, async (client) => {
    await client.query(`set synchronous_commit = off`)
    await seatDoctors(client, patients)
    await seatClerk(client)
    const count = await fill(client, patients)
    for (const step of SETTLED) await client.query(step)
    return count
  })
  return { patients, observations, ownerUrl, appUrl, loadSeconds: (performance.now() - began) / 1_000 }
}

async function fill(client: pg.Client, patients: number): Promise<number> {
  const at = new Date()
  let rows: object[] = []
  let count = 0
  const write = async () => {
    await client.query('select platform.fhir_write($1)', [JSON.stringify(rows)])
    count += rows.length
    rows = []
  }
  for (let n = 0; n < patients; n++) {
    const many = n % WITH_PAGE === 0 ? PAGE : EACH
    for (let i = 0; i < many; i++)
      rows.push(newRow(observationFor(patientOf(n), i), observationId(n, i), rows.length, at))
    if (rows.length >= AT_ONCE) await write()
  }
  if (rows.length > 0) await write()
  return count
}

async function seatDoctors(client: pg.Client, patients: number): Promise<void> {
  const all = Array.from({ length: DOCTORS }, (_, n) => n)
  const [accounts, practitioners] = [all.map((n) => uuid(2, n)), all.map((n) => uuid(3, n))]
  await client.query(
    `insert into platform.session (id, account_id, token_hash, created_at, expires_at)
     select gen_random_uuid(), a, h, now(), now() + interval '1 day' from unnest($1::uuid[], $2::bytea[]) x(a, h)`,
    [accounts, all.map((n) => hashOfToken(tokenOf(n + 1)))],
  )
  await client.query(
    `insert into platform.role_grant (account_id, role, granted_at) select unnest($1::uuid[]), 'practitioner', now()`,
    [accounts],
  )
  const grant = `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)`
  await client.query(
    `${grant} select gen_random_uuid(), a, r, 'Practitioner', p, case r when 'licence' then '{practise}'::text[] else '{}' end, now()
     from unnest($1::uuid[], $2::uuid[]) x(a, p), unnest('{self,licence}'::text[]) r`,
    [accounts, practitioners],
  )
  const treated = Array.from({ length: patients }, (_, n) => n)
  await client.query(
    `${grant} select gen_random_uuid(), a, 'treatment', 'Patient', p, $3, now() from unnest($1::uuid[], $2::uuid[]) x(a, p)`,
    [treated.map((n) => accounts[n % DOCTORS]), treated.map(patientOf), powers.filter((one) => one === 'see-record')],
  )
}

async function seatClerk(client: pg.Client): Promise<void> {
  await client.query(
    `insert into registry.organisation (id, name, city, country, created_at, updated_at) values ($1, 'Harbour Health Trust', 'Port Selam', 'GH', now(), now())`,
    [ORGANISATION],
  )
  await client.query(
    `insert into platform.session (id, account_id, token_hash, created_at, expires_at) values (gen_random_uuid(), $1, $2, now(), now() + interval '1 day')`,
    [CLERK, hashOfToken(CLERKS_TOKEN)],
  )
  await client.query(
    `insert into platform.membership (id, account_id, organisation_id, function, given_by, given_at) values (gen_random_uuid(), $1, $2, 'desk', $1, now())`,
    [CLERK, ORGANISATION],
  )
}
