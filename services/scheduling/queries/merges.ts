import { type Kysely, sql, type Transaction } from 'kysely'
import type { SchedulingTables } from '../tables.ts'

/** Moves appointments to the survivor, or back; see follow_merge in migrations/0002_patient_merge.sql. Returns those it moved. */
export async function moveByMerge(
  tx: Transaction<SchedulingTables>,
  { id, survivor, replaced, stands }: { id: string; survivor: string; replaced: string; stands: boolean },
  now: Date,
): Promise<string[]> {
  const { rows } = await sql<{ moved: string[] }>`
    select follow_merge(${id}, ${survivor}, ${replaced}, ${stands}, ${now}) as moved`.execute(tx)
  return rows[0]?.moved ?? []
}

/** By the time in their ids (UUIDv7). What a merge has moved to the patient was made for another. */
export async function madeSince(db: Kysely<SchedulingTables>, patient: string, since: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select a.id from appointment a where a.patient_id = ${patient} and a.id > ${since} and a.status <> 'pending'
      and not exists (select from patient_merge_moved v where v.appointment_id = a.id)
    order by a.id`.execute(db)
  return rows.map(({ id }) => id)
}
