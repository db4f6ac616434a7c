import { type Kysely, sql } from 'kysely'
import type { Tables } from '../database.ts'

type Db = Kysely<Tables>

/** The newest of a log that may be endless; the file says so where it ends. */
export const LOG_ROWS = 10_000

export const patientFacts = (db: Db, id: string) =>
  db
    .selectFrom('patient')
    .select(['id', 'name', 'birth_date', 'gender', 'language', 'zone', 'phone', 'email', 'created_at', 'updated_at'])
    .select(['deactivated_at', 'deactivate_reason'])
    .where('id', '=', id)
    .execute()

export const practitionerFacts = (db: Db, id: string) =>
  db
    .selectFrom('practitioner')
    .select(['id', 'name', 'gender', 'languages', 'specialities', 'about', 'created_at', 'updated_at'])
    .where('id', '=', id)
    .execute()

export const caregiverFacts = (db: Db, id: string) =>
  db
    .selectFrom('caregiver')
    .select(['id', 'name', 'language', 'phone', 'email', 'code', 'created_at', 'updated_at'])
    .where('id', '=', id)
    .execute()

export const licenceFacts = (db: Db, practitioner: string) =>
  db
    .selectFrom('licence')
    .select([
      'number',
      'issuer',
      'country',
      'valid_from',
      'valid_until',
      'status',
      'reason',
      'decided_at',
      'created_at',
    ])
    .where('practitioner_id', '=', practitioner)
    .orderBy('id')
    .execute()

/** By their ends: whoever gets hold of the file must not get the numbers. */
export const identifierFacts = (db: Db, patient: string | null, practitioner: string | null) =>
  db
    .selectFrom('identifier')
    .select(['kind', 'country', 'issuer', 'last as ends_with', 'verified_at', 'created_at'])
    .where((eb) => eb.or([eb('patient_id', '=', patient), eb('practitioner_id', '=', practitioner)]))
    .orderBy('id')
    .execute()

/** A guardian whom nobody has verified learns nothing here of a child who is registered: see mandates/guardianships.ts. */
const known = (patient: string | null, column: 'patient.name' | 'valid_until') =>
  sql`case when patient_id = ${patient} or basis <> 'guardian' or verified_at is not null or registered_id = patient_id then ${sql.ref(column)} end`

export const mandateFacts = (db: Db, patient: string | null, caregiver: string | null) =>
  db
    .selectFrom('mandate')
    .innerJoin('patient', 'patient.id', 'mandate.patient_id')
    .innerJoin('caregiver', 'caregiver.id', 'mandate.caregiver_id')
    .select(['caregiver.name as caregiver', 'powers', 'evidence', 'valid_from'])
    .select([known(patient, 'patient.name').as('for'), known(patient, 'valid_until').as('valid_until')])
    .select(['revoked_at', 'revoke_reason', 'mandate.created_at'])
    .where((eb) => eb.or([eb('patient_id', '=', patient), eb('caregiver_id', '=', caregiver)]))
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

export const donorFacts = (db: Db, account: string) =>
  db
    .selectFrom('donor')
    .select(['id', 'name', 'language', 'phone', 'email', 'anonymous', 'created_at', 'updated_at'])
    .where('account_id', '=', account)
    .execute()

export const administratorFacts = (db: Db, account: string) =>
  db
    .selectFrom('administrator')
    .select(['id', 'name', 'language', 'duty', 'phone', 'email', 'created_at', 'updated_at'])
    .where('account_id', '=', account)
    .execute()

export const consentFacts = (db: Db, patient: string) =>
  db
    .selectFrom('consent')
    .select(['purpose', 'category', 'decision', 'text_version', 'relationship', 'recorded_at'])
    .where('patient_id', '=', patient)
    .orderBy('id')
    .execute()

/** Why a practitioner opened it; what the reviewer wrote is between the two of them. */
export const emergencyFacts = (db: Db, patient: string) =>
  db
    .selectFrom('break_glass as b')
    .innerJoin('practitioner as p', 'p.id', 'b.practitioner_id')
    .select(['p.name as practitioner', 'b.reason', 'b.opened_at', 'b.open_until', 'b.verdict'])
    .where('b.patient_id', '=', patient)
    .orderBy('b.id')
    .execute()
