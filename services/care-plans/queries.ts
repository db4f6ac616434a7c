import { type Insertable, type Kysely, sql, type Transaction } from 'kysely'
import type { CarePlan, CarePlansTables } from './tables.ts'

type Db = Kysely<CarePlansTables>
type Tx = Transaction<CarePlansTables>

/** Whom a plan of this room is about by now. */
export const patientOfPlan = async (db: Db, id: string): Promise<string | undefined> =>
  (await db.selectFrom('care_plan').select('patient_id').where('id', '=', id).executeTakeFirst())?.patient_id

export const insertPlan = (tx: Tx, row: Insertable<CarePlan>) => tx.insertInto('care_plan').values(row).execute()

/** When whoever made it is to be told; null: not at all, or they have been. */
export const planReview = (tx: Tx, id: string, at: Date | null) =>
  tx.updateTable('care_plan').set({ review_at: at }).where('id', '=', id).execute()

/** Nobody is told to look again at the plans of a patient. */
export const endReviews = (tx: Tx, patient: string) =>
  tx
    .updateTable('care_plan')
    .set({ review_at: null })
    .where('patient_id', '=', patient)
    .where('review_at', 'is not', null)
    .execute()

/** Of those that are due, so many, each for one who asks at a time; they are told of once. */
export async function takeDueReviews(
  tx: Tx,
  now: Date,
  limit: number,
): Promise<{ id: string; practitioner_id: string }[]> {
  const { rows } = await sql<{ id: string; practitioner_id: string }>`
    with due as (select id from care_plan where review_at <= ${now} order by review_at limit ${limit} for update skip locked)
    update care_plan p set review_at = null from due where p.id = due.id returning p.id, p.practitioner_id`.execute(tx)
  return rows
}

/** Those of these mandates by which a caregiver may do something for a patient now: what is sensitive they must be let see. */
export async function validMandates(
  tx: Tx,
  { patient, mandates, category }: { patient: string; mandates: readonly string[]; category: string },
  now: Date,
): Promise<Set<string>> {
  const { rows } = await sql<{ source_id: string }>`
    select source_id from platform.access_grant
    where source_id = any (${mandates}::uuid[]) and relationship = 'mandate' and subject_id = ${patient} and 'see-record' = any (powers)
      and (${category} = 'general' or 'see-sensitive' = any (powers))
      and revoked_at is null and valid_from <= ${now} and (valid_until is null or valid_until > ${now})`.execute(tx)
  return new Set(rows.map((row) => row.source_id))
}

/** Those of these practitioners who have a licence now. */
export async function licensedOf(tx: Tx, practitioners: readonly string[], now: Date): Promise<Set<string>> {
  const { rows } = await sql<{ subject_id: string }>`
    select subject_id from platform.access_grant
    where subject_id = any (${practitioners}::uuid[]) and relationship = 'licence'
      and revoked_at is null and valid_from <= ${now} and (valid_until is null or valid_until > ${now})`.execute(tx)
  return new Set(rows.map((row) => row.subject_id))
}

/** Of a patient: which plans there are, and when they are to be looked at again. */
export const plansOf = (db: Db, patient: string) =>
  db
    .selectFrom('care_plan')
    .select(['id', 'practitioner_id', 'review_at'])
    .where('patient_id', '=', patient)
    .orderBy('id')
    .execute()

/** Those of a patient who was replaced go to the survivor, and back where the merge stands no more. Tells which. */
export async function moveByMerge(
  tx: Tx,
  { id, survivor, replaced, stands }: { id: string; survivor: string; replaced: string; stands: boolean },
): Promise<string[]> {
  const moved = stands
    ? sql<{ id: string }>`
      with moved as (update care_plan set patient_id = ${survivor} where patient_id = ${replaced} returning id),
        kept as (insert into merge_moved (merge_id, care_plan_id) select ${id}, id from moved)
      select id from moved`
    : sql<{ id: string }>`
      with given_back as (delete from merge_moved where merge_id = ${id} returning care_plan_id)
      update care_plan p set patient_id = ${replaced} from given_back g where p.id = g.care_plan_id returning p.id`
  const { rows } = await moved.execute(tx)
  return rows.map((row) => row.id)
}
