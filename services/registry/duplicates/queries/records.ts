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
}

export async function giveBackRecords(tx: Tx, { id, survivor_id, replaced_id }: MergeRow, now: Date): Promise<void> {
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
