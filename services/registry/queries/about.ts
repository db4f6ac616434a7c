import { type Kysely, sql } from 'kysely'
import type { Tables } from '../database.ts'

type Db = Kysely<Tables>

/** The newest of a log that may be endless; the file says so where it ends. */
export const LOG_ROWS = 10_000

/** Of a person who is not one of these at all there are none. */
const among = (column: string, ids: readonly string[]) => sql<boolean>`${sql.ref(column)} = any (${ids}::uuid[])`

/** What FHIR clients wrote of it, beyond the columns. */
const saidOf = (type: 'Patient' | 'Practitioner', id: string) =>
  sql<
    string | null
  >`(select said.resource from said where said.type = ${sql.lit(type)} and said.id = ${sql.ref(id)})`.as('said')

/** The record that stands, and those that it stands for. */
export const patientFacts = (db: Db, ids: string[]) =>
  db
    .selectFrom('patient')
    .select(['id', 'name', 'birth_date', 'gender', 'language', 'zone', 'phone', 'email', 'created_at', 'updated_at'])
    .select(['deactivated_at', 'deactivate_reason'])
    .select(sql<string | null>`nullif(survivor_of(id), id)`.as('replaced_by'))
    .select(saidOf('Patient', 'patient.id'))
    .where(among('id', ids))
    .orderBy(sql`survivor_of(id) <> id`)
    .orderBy('id')
    .execute()

export const practitionerFacts = (db: Db, ids: string[]) =>
  db
    .selectFrom('practitioner')
    .select(['id', 'name', 'gender', 'languages', 'specialities', 'about', 'created_at', 'updated_at'])
    .select(saidOf('Practitioner', 'practitioner.id'))
    .where(among('id', ids))
    .execute()

export const caregiverFacts = (db: Db, ids: string[]) =>
  db
    .selectFrom('caregiver')
    .select(['id', 'name', 'language', 'phone', 'email', 'code', 'created_at', 'updated_at'])
    .where(among('id', ids))
    .execute()

export const licenceFacts = (db: Db, practitioners: string[]) =>
  db
    .selectFrom('licence')
    .select(['id', 'number', 'issuer', 'country', 'valid_from', 'valid_until'])
    .select(['status', 'reason', 'decided_at', 'created_at'])
    .where(among('practitioner_id', practitioners))
    .orderBy('id')
    .execute()

/** By their ends: whoever gets hold of the file must not get the numbers. */
export const identifierFacts = (db: Db, patients: string[], practitioners: string[]) =>
  db
    .selectFrom('identifier')
    .select(['kind', 'country', 'issuer', 'last as ends_with', 'verified_at', 'created_at'])
    .where((eb) => eb.or([among('patient_id', patients), among('practitioner_id', practitioners)]))
    .orderBy('id')
    .execute()

/** A guardian whom nobody has verified learns nothing here of a child who is registered: see mandates/guardianships.ts. */
const known = <T>(patients: string[], column: 'patient.name' | 'valid_until') =>
  sql<T | null>`case when ${among('patient_id', patients)} or basis <> 'guardian' or verified_at is not null or registered_id = patient_id then ${sql.ref(column)} end`

export const mandateFacts = (db: Db, patients: string[], caregivers: string[]) =>
  db
    .selectFrom('mandate')
    .innerJoin('patient', 'patient.id', 'mandate.patient_id')
    .innerJoin('caregiver', 'caregiver.id', 'mandate.caregiver_id')
    .select(['caregiver.name as caregiver', 'powers', 'evidence', 'valid_from'])
    .select([known<string>(patients, 'patient.name').as('for'), known<Date>(patients, 'valid_until').as('valid_until')])
    .select(['mandate.id', 'patient_id', 'basis', 'accepted_at', 'verified_at'])
    .select(['revoked_at', 'revoke_reason', 'mandate.created_at'])
    .where((eb) => eb.or([among('patient_id', patients), among('caregiver_id', caregivers)]))
    .orderBy('mandate.id')
    .execute()

/** Who looked at, or changed, what is about these subjects. Newest first. */
export async function accessLog(
  db: Db,
  subjects: string[],
  account: string | null,
): Promise<Record<string, unknown>[]> {
  const { rows } = await sql<Record<string, unknown>>`
    select at, case when account_id = ${account}::uuid then 'you' when account_id is null then 'the service' else account_id::text end as by,
      operation, action, entity, relationship, reason
    from platform.audit_event where subject = any (${subjects}) order by id desc limit ${LOG_ROWS}`.execute(db)
  return rows
}

export const donorFacts = (db: Db, accounts: string[]) =>
  db
    .selectFrom('donor')
    .select(['id', 'name', 'language', 'phone', 'email', 'anonymous', 'created_at', 'updated_at'])
    .where(among('account_id', accounts))
    .execute()

export const administratorFacts = (db: Db, accounts: string[]) =>
  db
    .selectFrom('administrator')
    .select(['id', 'name', 'language', 'duty', 'phone', 'email', 'created_at', 'updated_at'])
    .where(among('account_id', accounts))
    .execute()

export const consentFacts = (db: Db, patients: string[]) =>
  db
    .selectFrom('consent')
    .select(['id', 'patient_id', 'purpose', 'category', 'decision', 'text_version', 'relationship', 'recorded_at'])
    .where(among('patient_id', patients))
    .orderBy('id')
    .execute()

/** Why a practitioner opened it; what the reviewer wrote is between the two of them. */
export const emergencyFacts = (db: Db, patients: string[]) =>
  db
    .selectFrom('break_glass as b')
    .innerJoin('practitioner as p', 'p.id', 'b.practitioner_id')
    .select(['p.name as practitioner', 'b.reason', 'b.opened_at', 'b.open_until', 'b.verdict'])
    .where(among('b.patient_id', patients))
    .orderBy('b.id')
    .execute()

export const membershipFacts = (db: Db, accounts: string[]) =>
  db
    .selectFrom('platform.membership as m')
    .leftJoin('organisation as o', 'o.id', 'm.organisation_id')
    .select(['o.name as organisation', 'm.function', 'm.given_at', 'm.ended_at'])
    .where(among('m.account_id', accounts))
    .orderBy('m.id')
    .execute()

/** Those made for the person or used by them, and those that they made for others, whom this does not name. */
export const claimCodeFacts = (db: Db, accounts: string[], records: string[]) =>
  db
    .selectFrom('claim_code')
    .select(
      sql<string>`case when ${among('subject_id', records)} or ${among('used_by', accounts)} then 'received' else 'given' end`.as(
        'code',
      ),
    )
    .select(['subject_type as for', 'created_at', 'expires_at', 'used_at', 'replaced_at'])
    .where((eb) => eb.or([among('subject_id', records), among('used_by', accounts), among('made_by', accounts)]))
    .orderBy('id')
    .execute()
