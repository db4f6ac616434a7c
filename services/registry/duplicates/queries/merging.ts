import { type Insertable, type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { Tables } from '../../database.ts'
import { columns, type PatientMerge } from '../../tables.ts'

type Db = Kysely<Tables>
type Tx = Transaction<Tables>
export type MergeRow = Selectable<PatientMerge>

/** Locked in the order of their ids, so that two merges of the same patients never wait for each other. */
export async function lockPatients(tx: Tx, ids: readonly string[]): Promise<string[]> {
  const rows = await tx
    .selectFrom('patient')
    .select('id')
    .where('id', 'in', ids)
    .where('erased_at', 'is', null)
    .orderBy('id')
    .forUpdate()
    .execute()
  return rows.map(({ id }) => id)
}

/** Whether somebody waits for the erasure of one of these, who would take the other along. */
export async function isToBeErased(tx: Tx, ids: readonly string[]): Promise<boolean> {
  const { rows } = await sql`
    select from erasure e where e.status in ('waiting', 'running') and (e.patient_id = any (${ids}::uuid[]) or e.account_id in (
      select g.account_id from platform.access_grant g
      where g.subject_id = any (${ids}::uuid[]) and g.relationship = 'self' and g.revoked_at is null)) limit 1`.execute(
    tx,
  )
  return rows.length > 0
}

/** Whether somebody would come to mandates that a desk has given for a record that was nobody's. */
export async function wouldInherit(tx: Tx, survivor: string, replaced: string, now: Date): Promise<boolean> {
  const { rows } = await sql`
    select from mandate m where m.patient_id = ${survivor} and m.basis = 'desk' and m.revoked_at is null and m.valid_until > ${now}
      and not is_somebodys(${survivor}) and is_somebodys(${replaced}) limit 1`.execute(tx)
  return rows.length > 0
}

/** Whether this account is one of these patients, treats them, or has a mandate: also one that waits, rests, begins later, or comes back when a merge is undone. */
export async function isParty(
  tx: Tx,
  of: { account: string; patients: readonly string[]; now: Date },
): Promise<boolean> {
  const { rows } = await sql`
    select from platform.access_grant g
    where g.account_id = ${of.account} and g.subject_id = any (${of.patients}::uuid[])
      and g.revoked_at is null and (g.valid_until is null or g.valid_until > ${of.now})
    union all
    select from mandate m join caregiver c on c.id = m.caregiver_id
    where c.account_id = ${of.account} and m.patient_id = any (${of.patients}::uuid[]) and m.valid_until > ${of.now}
      and (m.revoked_at is null or exists (select from patient_merge_moved v where v.what = 'mandate' and v.set_aside and v.row_id = m.id))
    limit 1`.execute(tx)
  return rows.length > 0
}

/** So that none of them ends while it is moved. */
export const lockMandates = (tx: Tx, patients: readonly string[]) =>
  tx.selectFrom('mandate').select('id').where('patient_id', 'in', patients).orderBy('id').forUpdate().execute()

/** The two rows of `patient_merge_side` are what refuses a merge that another stands in the way of. */
export async function insertMerge(tx: Tx, row: Insertable<PatientMerge>): Promise<MergeRow> {
  const made = await tx
    .insertInto('patient_merge')
    .values(row)
    .returning(columns.patient_merge)
    .executeTakeFirstOrThrow()
  await tx
    .insertInto('patient_merge_side')
    .values([
      { merge_id: row.id, patient_id: row.survivor_id, role: 'survivor' },
      { merge_id: row.id, patient_id: row.replaced_id, role: 'replaced' },
    ])
    .execute()
  return made
}

export const merge = (db: Db, id: string) =>
  db.selectFrom('patient_merge').select(columns.patient_merge).where('id', '=', id).executeTakeFirst()

export const lockMerge = (tx: Tx, id: string) =>
  tx.selectFrom('patient_merge').select(columns.patient_merge).where('id', '=', id).forUpdate().executeTakeFirst()

/** What went along, and mandates that were set aside for it. */
export async function movedBy(db: Db, id: string): Promise<{ mandates: string[]; setAside: string[]; grants: number }> {
  const { rows } = await sql<{ mandates: string[]; set_aside: string[]; grants: number }>`
    select coalesce(array_agg(row_id order by row_id) filter (where what = 'mandate' and not set_aside), '{}') as mandates,
      coalesce(array_agg(row_id order by row_id) filter (where what = 'mandate' and set_aside), '{}') as set_aside,
      count(*) filter (where what = 'grant' and not set_aside)::int as grants
    from patient_merge_moved where merge_id = ${id}`.execute(db)
  const { mandates = [], set_aside = [], grants = 0 } = rows[0] ?? {}
  return { mandates, setAside: set_aside, grants }
}

/**
 * Mandates go to the survivor. One for a caregiver and a time for which the survivor has one already is ended: one at a time for a pair, and
 * what the survivor has given stands. So is a guardian's, where the survivor is of age; and a
 * desk's for a record that was nobody's, where the survivor is somebody's: they give it themselves. Returns those that were ended and have to be told: not those of
 * guardians whom nobody had verified, who know nothing of the survivor.
 */
export async function moveMandates(
  tx: Tx,
  { id, survivor_id, replaced_id, merged_by, merged_at }: MergeRow,
  majority: Date,
) {
  const { rows } = await sql<{ id: string; caregiver_id: string }>`
    with had as (
      select m.id, m.revoked_at is null and (m.basis in ('guardian', 'delegated') and ${majority} <= ${merged_at}::timestamptz
        or m.basis = 'desk' and is_somebodys(${survivor_id}) and not is_somebodys(${replaced_id}) or exists (
        select from mandate s where s.patient_id = ${survivor_id} and s.caregiver_id = m.caregiver_id and s.revoked_at is null
          and tstzrange(s.valid_from, s.valid_until) && tstzrange(m.valid_from, m.valid_until))) as aside
      from mandate m where m.patient_id = ${replaced_id}),
    kept as (
      insert into patient_merge_moved (merge_id, what, row_id, set_aside) select ${id}, 'mandate', id, aside from had),
    moved as (
      update mandate m set patient_id = ${survivor_id}, version = version + 1,
        revoked_at = case when aside then ${merged_at} else m.revoked_at end,
        revoked_by = case when aside then ${merged_by} else m.revoked_by end,
        revoke_reason = case when aside then ${SET_ASIDE} else m.revoke_reason end
      from had where had.id = m.id returning m.id, m.caregiver_id, aside, m.basis <> 'guardian' or m.verified_at is not null as known)
    select id, caregiver_id from moved where aside and known order by id`.execute(tx)
  return rows
}

const SET_ASIDE = 'Two records of the patient became one, for which this mandate cannot stand.'

/** Everything else by which an account may touch the record; see docs/decisions/0019-duplicates.md for two accounts. */
export const moveGrants = (tx: Tx, { id, survivor_id, replaced_id, merged_at }: MergeRow) =>
  sql`
    with had as (
      select g.id, g.revoked_at is null and exists (
        select from patient_merge_moved m where m.merge_id = ${id} and m.what = 'mandate' and m.set_aside and m.row_id = g.source_id) as aside
      from platform.access_grant g where g.subject_type = 'Patient' and g.subject_id = ${replaced_id}),
    kept as (
      insert into patient_merge_moved (merge_id, what, row_id, set_aside) select ${id}, 'grant', id, aside from had)
    update platform.access_grant g set subject_id = ${survivor_id},
      revoked_at = case when aside then ${merged_at} else g.revoked_at end
    from had where had.id = g.id`.execute(tx)

/** Back to whom they came from. What ended meanwhile stays ended; what was set aside holds again. */
export async function giveBackMandates(tx: Tx, { id, replaced_id }: MergeRow) {
  const { rows } = await sql<{ id: string; caregiver_id: string }>`
    with back as (
      update mandate m set patient_id = ${replaced_id}, version = version + 1,
        revoked_at = case when v.set_aside then null else m.revoked_at end,
        revoked_by = case when v.set_aside then null else m.revoked_by end,
        revoke_reason = case when v.set_aside then null else m.revoke_reason end
      from patient_merge_moved v where v.merge_id = ${id} and v.what = 'mandate' and v.row_id = m.id
      returning m.id, m.caregiver_id, v.set_aside)
    select id, caregiver_id from back where set_aside order by id`.execute(tx)
  return rows
}

export const giveBackGrants = (tx: Tx, { id, replaced_id }: MergeRow) =>
  sql`
    update platform.access_grant g set subject_id = ${replaced_id}, revoked_at = case when v.set_aside then null else g.revoked_at end
    from patient_merge_moved v where v.merge_id = ${id} and v.what = 'grant' and v.row_id = g.id`.execute(tx)

export async function closeMerge(tx: Tx, id: string, of: { by: string; reason: string; now: Date }): Promise<MergeRow> {
  await tx.updateTable('patient_merge_side').set({ stands: false }).where('merge_id', '=', id).execute()
  return tx
    .updateTable('patient_merge')
    .set((eb) => ({
      undone_by: of.by,
      undone_at: of.now,
      undo_reason: of.reason,
      version: eb('version', '+', 1),
    }))
    .where('id', '=', id)
    .returning(columns.patient_merge)
    .executeTakeFirstOrThrow()
}

/** Mandates that the survivor was given since, by the time in their ids (UUIDv7), which undoing does not touch. */
export async function mandatesSince(db: Db, { id, survivor_id }: MergeRow): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select m.id from mandate m where m.patient_id = ${survivor_id} and m.id > ${id}
      and not exists (select from patient_merge_moved v where v.what = 'mandate' and v.row_id = m.id)
    order by m.id`.execute(db)
  return rows.map((row) => row.id)
}

/** Who stands for this patient; the lock waits for a merge that is under way. The merge is named where one stands between the two. */
export async function standing(tx: Tx, patient: string): Promise<{ survivor: string; merge: string | null }> {
  await sql`select from patient where id = ${patient} for key share`.execute(tx)
  const row = await tx
    .selectFrom('patient_merge')
    .select(['id', 'survivor_id'])
    .where('replaced_id', '=', patient)
    .where('undone_at', 'is', null)
    .executeTakeFirst()
  return row ? { survivor: row.survivor_id, merge: row.id } : { survivor: patient, merge: null }
}

/** A grant that came late, for a patient who had been replaced by then: it goes back with the others. */
export const alsoMoved = (tx: Tx, merge_id: string, row_id: string) =>
  tx
    .insertInto('patient_merge_moved')
    .values({ merge_id, what: 'grant', row_id })
    .onConflict((c) => c.doNothing())
    .execute()

/** The same of what a desk may for the visit. */
export const visitAlsoMoved = (tx: Tx, { appointment, patient }: { appointment: string; patient: string }) =>
  sql`
    insert into patient_merge_moved (merge_id, what, row_id)
    select m.id, 'desk-grant', d.id from patient_merge m join platform.desk_grant d on d.source_id = ${appointment} and d.subject_id = m.survivor_id
    where m.replaced_id = ${patient} and m.undone_at is null
    on conflict do nothing`.execute(tx)
