import { type Kysely, sql, type Transaction } from 'kysely'
import type { Tables } from '../database.ts'
import { columns } from '../tables.ts'

type Db = Kysely<Tables>
type Tx = Transaction<Tables>

// What resources follow from. Each list holds the rows of these ids that are there. `said`: what a FHIR client said beyond the columns.

const saidAs = (type: string, id: string) =>
  sql<string | null>`(select said.resource from said where said.type = ${sql.lit(type)} and said.id = ${sql.ref(id)})`

export interface PatientFacts {
  id: string
  name: string
  birth_date: string
  gender: string
  language: string
  zone: string
  phone: string | null
  email: string | null
  organisation_id: string | null
  active: boolean
  erased: boolean
  survivor: string | null
  /** Those whom it stands for. */
  replaced: string[]
  said: string | null
}

export async function patientFacts(db: Db, ids: readonly string[]): Promise<PatientFacts[]> {
  const { rows } = await sql<PatientFacts>`
    select p.id, p.name, p.birth_date, p.gender, p.language, p.zone, p.phone, p.email, p.organisation_id, p.deactivated_at is null as active, p.erased_at is not null as erased,
      m.survivor_id as survivor, array(select r.replaced_id from patient_merge r where r.survivor_id = p.id and r.undone_at is null order by 1) as replaced,
      ${saidAs('Patient', 'p.id')} as said
    from patient p left join patient_merge m on m.replaced_id = p.id and m.undone_at is null where p.id = any (${ids}::uuid[])`.execute(
    db,
  )
  return rows
}

export interface MandateFacts {
  id: string
  patient_id: string
  basis: string
  /** Since it was accepted and, a guardian's, verified: before, nobody but its sides knows of it. */
  known: boolean
  revoked: boolean
  valid_from: Date
  valid_until: Date
  caregiver: string
  language: string
  patient_erased: boolean
  caregiver_erased: boolean
}

export async function mandateFacts(db: Db, ids: readonly string[]): Promise<MandateFacts[]> {
  const { rows } = await sql<MandateFacts>`
    select m.id, m.patient_id, m.basis, m.accepted_at is not null and (m.basis <> 'guardian' or m.verified_at is not null) as known, m.revoked_at is not null as revoked,
      m.valid_from, m.valid_until, c.name as caregiver, c.language, p.erased_at is not null as patient_erased, c.erased_at is not null as caregiver_erased
    from mandate m join caregiver c on c.id = m.caregiver_id join patient p on p.id = m.patient_id where m.id = any (${ids}::uuid[])`.execute(
    db,
  )
  return rows
}

export interface PractitionerFacts {
  id: string
  name: string
  gender: string
  languages: string[]
  specialities: string[]
  organisation_id: string | null
  photo_type: string | null
  erased: boolean
  in_use: boolean
  said: string | null
  said_role: string | null
  /** Those that have been verified. */
  licences: { issuer: string; country: string; from: string; until: string }[]
}

export async function practitionerFacts(db: Db, ids: readonly string[]): Promise<PractitionerFacts[]> {
  const { rows } = await sql<PractitionerFacts>`
    select p.id, p.name, p.gender, p.languages, p.specialities, p.organisation_id, case when p.photo_key is not null then p.photo_type end as photo_type,
      p.erased_at is not null as erased, p.deactivated_at is null as in_use,
      ${saidAs('Practitioner', 'p.id')} as said, ${saidAs('PractitionerRole', 'p.id')} as said_role,
      coalesce((select json_agg(json_build_object('issuer', l.issuer, 'country', l.country, 'from', l.valid_from, 'until', l.valid_until) order by l.valid_from, l.id)
        from licence l where l.practitioner_id = p.id and l.status = 'verified'), '[]') as licences
    from practitioner p where p.id = any (${ids}::uuid[])`.execute(db)
  return rows
}

export interface OrganisationFacts {
  id: string
  name: string
  city: string
  country: string
  phone: string | null
  email: string | null
  active: boolean
  said: string | null
}

export async function organisationFacts(db: Db, ids: readonly string[]): Promise<OrganisationFacts[]> {
  const { rows } = await sql<OrganisationFacts>`
    select id, name, city, country, phone, email, deactivated_at is null as active, ${saidAs('Organization', 'organisation.id')} as said
    from organisation where id = any (${ids}::uuid[])`.execute(db)
  return rows
}

export async function placeFacts(db: Db, ids: readonly string[]) {
  return db
    .selectFrom('place')
    .select(columns.place)
    .select(saidAs('Location', 'place.id').as('said'))
    .where(sql<boolean>`id = any (${ids}::uuid[])`)
    .execute()
}

/** As it was written last. */
export const keepSaid = (tx: Tx, rows: readonly Saying[]) => newlySaid(tx, rows).execute()

export const newlySaid = (tx: Tx, rows: readonly Saying[]) =>
  tx
    .insertInto('said')
    .values([...rows])
    .onConflict((c) => c.columns(['type', 'id']).doUpdateSet((eb) => ({ resource: eb.ref('excluded.resource') })))

interface Saying {
  type: string
  id: string
  resource: string
}
