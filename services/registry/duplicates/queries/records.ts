import { sql, type Transaction } from 'kysely'
import type { Tables } from '../../database.ts'
import type { MergeRow } from './merging.ts'

type Tx = Transaction<Tables>

/** What else hangs on a patient, and goes where the patient goes: each row is noted, so that undoing gives back exactly that. */
const HANGING = [
  ['consent', 'consent', 'patient_id'],
  ['break-glass', 'break_glass', 'patient_id'],
  ['identifier', 'identifier', 'patient_id'],
  ['claim-code', 'claim_code', 'subject_id'],
  ['desk-grant', 'platform.desk_grant', 'subject_id'],
] as const

export async function moveRecords(tx: Tx, { id, survivor_id, replaced_id, merged_at }: MergeRow): Promise<void> {
  for (const [what, table, column] of HANGING)
    await sql`
      with moved as (
        update ${sql.table(table)} set ${sql.ref(column)} = ${survivor_id} where ${sql.ref(column)} = ${replaced_id} returning id)
      insert into patient_merge_moved (merge_id, what, row_id) select ${id}, ${what}, id from moved`.execute(tx)
  await settleRefusals(tx, [survivor_id, replaced_id], merged_at)
  // A slip that was printed for a record without an account must not open one that is somebody's.
  await sql`update claim_code set replaced_at = ${merged_at}
    where subject_id = ${survivor_id} and used_at is null and replaced_at is null and is_somebodys(subject_id)`.execute(
    tx,
  )
}

/** Whoever came with a slip of the replaced record, while it stood for both, is the person of that record. */
async function giveBackClaimants(tx: Tx, { id, survivor_id, replaced_id, merged_at }: MergeRow): Promise<void> {
  const { rows } = await sql<{ account: string }>`
    select c.used_by as account from claim_code c join patient_merge_moved v on v.what = 'claim-code' and v.row_id = c.id
    where v.merge_id = ${id} and c.subject_id = ${survivor_id} and c.used_at >= ${merged_at}`.execute(tx)
  for (const { account } of rows) {
    await sql`update platform.access_grant set subject_id = ${replaced_id}
      where account_id = ${account} and subject_id = ${survivor_id} and relationship = 'self'`.execute(tx)
    await sql`update patient set account_id = null where id = ${survivor_id} and account_id = ${account}`.execute(tx)
    await sql`update patient set account_id = ${account} where id = ${replaced_id} and account_id is null`.execute(tx)
  }
}

export async function giveBackRecords(tx: Tx, row: MergeRow, now: Date): Promise<void> {
  const { id, survivor_id, replaced_id } = row
  await giveBackClaimants(tx, row)
  for (const [what, table, column] of HANGING)
    await sql`
      update ${sql.table(table)} t set ${sql.ref(column)} = ${replaced_id}
      from patient_merge_moved v where v.merge_id = ${id} and v.what = ${what} and v.row_id = t.id`.execute(tx)
  await settleRefusals(tx, [survivor_id, replaced_id], now)
}

/** What is refused is what the newest answers say, whoever of the two gave them. */
async function settleRefusals(tx: Tx, patients: readonly string[], since: Date): Promise<void> {
  await sql`delete from platform.refusal where subject_id = any (${patients}::uuid[])`.execute(tx)
  await sql`
    insert into platform.refusal (subject_id, purpose, category, since)
    select patient_id, purpose, category, ${since} from (
      select distinct on (patient_id, purpose, category) patient_id, purpose, category, decision from consent
      where patient_id = any (${patients}::uuid[]) order by patient_id, purpose, category, id desc) newest
    where decision = 'deny'`.execute(tx)
}
