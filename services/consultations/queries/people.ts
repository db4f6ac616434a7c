import { type Kysely, sql, type Transaction } from 'kysely'
import type { ConsultationsTables } from '../tables.ts'

type Db = Kysely<ConsultationsTables>
type Tx = Transaction<ConsultationsTables>

/** That they took place; what was found is in the record. */
export const consultationsOf = (db: Db, patient: string) =>
  db
    .selectFrom('consultation')
    .select(['id', 'status', 'mode', 'practitioner_id', 'started_at', 'signed_at'])
    .where('patient_id', '=', patient)
    .orderBy('started_at')
    .orderBy('id')
    .execute()

/** Drafts are no record yet, and links to where both met are of no use any more. */
export async function eraseDrafts(tx: Tx, patient: string): Promise<number> {
  const { rows } = await sql<{ id: string }>`
    delete from draft d using consultation c where c.id = d.consultation_id and c.patient_id = ${patient} returning c.id`.execute(
    tx,
  )
  await sql`delete from attachment a using consultation c where c.id = a.consultation_id and c.patient_id = ${patient}`.execute(
    tx,
  )
  await tx.updateTable('consultation').set({ link: null }).where('patient_id', '=', patient).execute()
  return rows.length
}

/** Those of a patient who was replaced go to the survivor, and back where the merge stands no more. Tells which. */
export async function moveByMerge(
  tx: Tx,
  { id, survivor, replaced, stands }: { id: string; survivor: string; replaced: string; stands: boolean },
): Promise<string[]> {
  const moved = stands
    ? sql<{ id: string }>`
      with moved as (update consultation set patient_id = ${survivor} where patient_id = ${replaced} returning id),
        kept as (insert into merge_moved (merge_id, consultation_id) select ${id}, id from moved)
      select id from moved`
    : sql<{ id: string }>`
      with given_back as (delete from merge_moved where merge_id = ${id} returning consultation_id)
      update consultation c set patient_id = ${replaced} from given_back g where c.id = g.consultation_id returning c.id`
  const { rows } = await moved.execute(tx)
  return rows.map((row) => row.id)
}
