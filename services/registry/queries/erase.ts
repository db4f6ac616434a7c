import { type Kysely, sql, type Transaction } from 'kysely'
import type { Tables } from '../database.ts'

type Tx = Transaction<Tables>

async function count(tx: Tx, statement: ReturnType<typeof sql>): Promise<number> {
  const { numAffectedRows } = await statement.execute(tx as Kysely<Tables>)
  return Number(numAffectedRows ?? 0)
}

/** What stands in the place of a name. */
export const NOBODY = 'Erased person'

/** The record stays as a number, so that what refers to it still does. */
export const erasePatient = (tx: Tx, id: string, now: Date) =>
  count(
    tx,
    sql`update patient set account_id = null, name = ${NOBODY}, birth_date = '1900-01-01', gender = 'unknown', language = 'en', zone = 'UTC',
          phone = null, email = null, version = version + 1, updated_at = ${now}, erased_at = ${now} where id = ${id} and erased_at is null`,
  )

/** Its account is gone; the number of that stays, since the column needs one. */
export const eraseCaregiver = (tx: Tx, id: string, now: Date) =>
  count(
    tx,
    sql`update caregiver set name = ${NOBODY}, language = 'en', phone = null, email = null, code = replace(gen_random_uuid()::text, '-', ''),
          version = version + 1, updated_at = ${now}, erased_at = ${now} where id = ${id} and erased_at is null`,
  )

export async function verifiedUntil(tx: Tx, practitioner: string): Promise<Date | null> {
  const { rows } = await sql<{ until: Date | null }>`
    select max(upper(holds)) as until from licence where practitioner_id = ${practitioner} and status = 'verified'`.execute(
    tx,
  )
  return rows[0]?.until ?? null
}

/** `named`: who treated people must stay known. */
export const erasePractitioner = (tx: Tx, id: string, named: boolean, now: Date) =>
  count(
    tx,
    sql`update practitioner set account_id = null, name = case when ${named} then name else ${NOBODY} end,
          gender = case when ${named} then gender else 'unknown' end, about = null, photo_key = null, photo_type = null, version = version + 1,
          updated_at = ${now}, erased_at = ${now} where id = ${id} and erased_at is null`,
  )

/** Files are noted before the rows that refer to them go. */
export const noteFiles = (tx: Tx, practitioner: string, now: Date) =>
  count(
    tx,
    sql`insert into file_unused (key, since)
          select photo_key, ${now}::timestamptz from practitioner where id = ${practitioner} and photo_key is not null
          union select certificate_key, ${now} from licence
            where practitioner_id = ${practitioner} and certificate_key is not null and status <> 'verified'
          on conflict (key) do update set since = excluded.since`,
  )

export const eraseLicences = (tx: Tx, practitioner: string) =>
  count(tx, sql`delete from licence where practitioner_id = ${practitioner} and status <> 'verified'`)

export const eraseIdentifiers = (tx: Tx, patient: string | null, practitioner: string | null) =>
  count(tx, sql`delete from identifier where patient_id = ${patient}::uuid or practitioner_id = ${practitioner}::uuid`)

export async function endMandates(tx: Tx, patient: string | null, caregiver: string | null, now: Date) {
  const of = sql`(patient_id = ${patient}::uuid or caregiver_id = ${caregiver}::uuid)`
  await sql`update mandate set evidence = null, revoke_reason = null where ${of}`.execute(tx)
  const { rows } = await sql<{ id: string; patient_id: string; caregiver_id: string }>`
    update mandate set revoked_at = ${now}, version = version + 1 where ${of} and revoked_at is null
    returning id, patient_id, caregiver_id`.execute(tx)
  return rows
}

/** A treatment's row has the number of its appointment, and stays, ended: an event that comes late would else open it again. */
export async function eraseGrants(tx: Tx, account: string | null, records: string[], now: Date): Promise<number> {
  const of = sql`(account_id = ${account}::uuid or subject_id = any (${records}::uuid[]))`
  const ended = await count(
    tx,
    sql`update platform.access_grant set revoked_at = ${now} where relationship = 'treatment' and revoked_at is null and ${of}`,
  )
  return ended + (await count(tx, sql`delete from platform.access_grant where relationship <> 'treatment' and ${of}`))
}
