import { type Kysely, sql, type Transaction } from 'kysely'
import type { Person } from '#platform/person.ts'
import type { Tables } from '../database.ts'
import { columns } from '../tables.ts'
import type { MandateRow } from './mandates.ts'

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
    sql`with gone as (delete from said where type = 'Patient' and id = ${id})
        update patient set account_id = null, name = ${NOBODY}, birth_date = '1900-01-01', gender = 'unknown', language = 'en', zone = 'UTC',
          phone = null, email = null, photo_key = null, photo_type = null, deactivate_reason = null, version = version + 1, updated_at = ${now}, erased_at = ${now}
        where id = ${id} and erased_at is null`,
  )

/** Its account is gone; the number of that stays, since the column needs one. */
export const eraseCaregiver = (tx: Tx, id: string, now: Date) =>
  count(
    tx,
    sql`update caregiver set name = ${NOBODY}, language = 'en', phone = null, email = null, photo_key = null, photo_type = null, code = replace(gen_random_uuid()::text, '-', ''),
          version = version + 1, updated_at = ${now}, erased_at = ${now} where id = ${id} and erased_at is null`,
  )

export async function verifiedUntil(tx: Tx, practitioner: string): Promise<Date | null> {
  const { rows } = await sql<{ until: Date | null }>`
    select max(upper(holds)) as until from licence where practitioner_id = ${practitioner} and status in ('verified', 'revoked')`.execute(
    tx,
  )
  return rows[0]?.until ?? null
}

/** `named`: who treated people must stay known. */
export const erasePractitioner = (tx: Tx, id: string, named: boolean, now: Date) =>
  count(
    tx,
    sql`with gone as (delete from said where type in ('Practitioner', 'PractitionerRole') and id = ${id})
        update practitioner set account_id = null, name = case when ${named} then name else ${NOBODY} end,
          gender = case when ${named} then gender else 'unknown' end, about = null, photo_key = null, photo_type = null, version = version + 1,
          updated_at = ${now}, erased_at = ${now} where id = ${id} and erased_at is null`,
  )

/** Files are noted before the rows that refer to them go. */
export const noteFiles = (tx: Tx, { account, patient, practitioner, caregiver }: Person, now: Date) =>
  count(
    tx,
    sql`insert into file_unused (key, since)
          select photo_key, ${now}::timestamptz from practitioner where id = ${practitioner ?? null}::uuid and photo_key is not null
          union select photo_key, ${now} from patient where id = ${patient ?? null}::uuid and photo_key is not null
          union select photo_key, ${now} from caregiver where id = ${caregiver ?? null}::uuid and photo_key is not null
          union select photo_key, ${now} from donor where account_id = ${account ?? null}::uuid and photo_key is not null
          union select certificate_key, ${now} from licence
            where practitioner_id = ${practitioner ?? null}::uuid and certificate_key is not null and status not in ('verified', 'revoked')
          on conflict (key) do update set since = excluded.since`,
  )

export const eraseLicences = (tx: Tx, practitioner: string) =>
  count(tx, sql`delete from licence where practitioner_id = ${practitioner} and status not in ('verified', 'revoked')`)

export const eraseIdentifiers = (tx: Tx, patient: string | null, practitioner: string | null) =>
  count(tx, sql`delete from identifier where patient_id = ${patient}::uuid or practitioner_id = ${practitioner}::uuid`)

/** Also those that a guardian has given: they end with the guardian. */
export async function endMandates(tx: Tx, patient: string | null, caregiver: string | null, now: Date) {
  const given = sql`(basis = 'delegated' and granted_by = (select account_id from caregiver where id = ${caregiver}::uuid))`
  const of = sql`(patient_id = ${patient}::uuid or caregiver_id = ${caregiver}::uuid or ${given})`
  await sql`update mandate set evidence = null, revoke_reason = null where ${of}`.execute(tx)
  const { rows } = await sql<MandateRow>`
    update mandate set revoked_at = ${now}, version = version + 1 where ${of} and revoked_at is null
    returning ${sql.raw(columns.mandate.join())}`.execute(tx)
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

/** Profiles that nothing else refers to. */
export async function eraseProfiles(tx: Tx, account: string): Promise<number> {
  const of = sql`where account_id = ${account}`
  return (await count(tx, sql`delete from donor ${of}`)) + (await count(tx, sql`delete from administrator ${of}`))
}

/** From now on they work at no desk; what they did there stays with their number. */
export const endMemberships = (tx: Tx, account: string, now: Date) =>
  count(
    tx,
    sql`update platform.membership set ended_at = ${now}, ended_by = account_id where account_id = ${account} and ended_at is null`,
  )

/** That a desk looks after them, what it knew their line in a file by, also where that was refused once, and slips of paper that nobody has used. */
export async function eraseDesks(tx: Tx, records: readonly string[], now: Date): Promise<number> {
  const of = sql`where subject_id = any (${records}::uuid[])`
  await sql`delete from import_fault f using import i, import_source s
    where i.id = f.import_id and s.organisation_id = i.organisation_id and s.kind = i.kind and s.key = f.key
      and s.subject_id = any (${records}::uuid[])`.execute(tx)
  await sql`delete from import_source ${of}`.execute(tx)
  await sql`delete from claim_code ${of}`.execute(tx)
  return count(tx, sql`update platform.desk_grant set revoked_at = ${now} ${of} and revoked_at is null`)
}

/** That somebody opened the record stays, and who looked into it; what they wrote about the patient goes. */
export const eraseReasons = (tx: Tx, patient: string) =>
  count(
    tx,
    sql`update break_glass set reason = 'Erased', note = null where patient_id = ${patient} and reason <> 'Erased'`,
  )

/** By which they were compared with others, and what was decided about pairs that they were part of. */
export async function eraseMatches(tx: Tx, patient: string): Promise<number> {
  await sql`update duplicate set reason = null where (one_id = ${patient} or other_id = ${patient}) and reason is not null`.execute(
    tx,
  )
  await sql`update patient_merge set reason = 'Erased', undo_reason = case when undo_reason is null then null else 'Erased' end
    where survivor_id = ${patient} or replaced_id = ${patient}`.execute(tx)
  return count(tx, sql`delete from patient_match where patient_id = ${patient}`)
}
