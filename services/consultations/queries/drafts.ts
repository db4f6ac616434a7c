import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { Changes, NoteSections } from '../note/note.ts'
import type { Viewer } from '../queries.ts'
import type { Attachment, ConsultationsTables, Draft } from '../tables.ts'

type Db = Kysely<ConsultationsTables>
type Tx = Transaction<ConsultationsTables>

export type DraftRow = Omit<Selectable<Draft>, 'sections' | 'changes'> & {
  sections: NoteSections
  changes: Changes
}
export type AttachmentRow = Omit<Selectable<Attachment>, 'content' | 'consultation_id'> & { bytes: number }
/** With what it belongs to, and what hangs on it. */
export type OwnDraft = DraftRow & {
  patient_id: string
  practitioner_id: string
  /** By which it is seen. */
  relationship: string
  attachments: (Omit<AttachmentRow, 'added_at'> & { added_at: string })[]
}

/** False where there is one already. Its versions go on from those of the one before, so that none that somebody has read comes again. */
export async function insertDraft(
  tx: Tx,
  draft: { consultation: string; sections?: NoteSections; amends?: number; reason?: string },
  now: Date,
): Promise<boolean> {
  const { rows } = await sql`
    insert into draft (consultation_id, sections, changes, amends, reason, updated_at, began, version)
    select id, ${JSON.stringify(draft.sections ?? {})}, '{}', ${draft.amends ?? null}::int, ${draft.reason ?? null}, ${now}::timestamptz, drafted + 1, drafted + 1
    from consultation where id = ${draft.consultation} on conflict do nothing returning consultation_id`.execute(tx)
  return rows.length > 0
}

/** Of those who give the consultation and treat the patient; to all others there is none. */
export async function ownDraft(
  db: Db,
  id: string,
  { account, practitioner, within, now }: Viewer,
  lock = sql``,
): Promise<OwnDraft | undefined> {
  const { rows } = await sql<OwnDraft>`
    select d.consultation_id, d.sections, d.changes, d.amends, d.reason, d.updated_at, d.began, d.version, c.patient_id, c.practitioner_id, s.relationship,
      array(select json_build_object('id', a.id, 'title', a.title, 'content_type', a.content_type, 'bytes', octet_length(a.content), 'added_at', a.added_at)
        from attachment a where a.consultation_id = d.consultation_id order by a.id) as attachments
    from draft d join consultation c on c.id = d.consultation_id
    cross join lateral (select platform.may_see_resource(${account}, array[c.patient_id::text], c.category || c.also, 'see-record', ${now}) as relationship) s
    where d.consultation_id = ${id} and (c.practitioner_id = ${practitioner ?? null}::uuid or ${practitioner ?? null}::uuid = any (c.practitioner_ids))
      and s.relationship is not null and ${within ?? null}::uuid is null
    ${lock}`.execute(db)
  return rows[0]
}

export const lockDraft = (tx: Tx, id: string, viewer: Viewer) => ownDraft(tx, id, viewer, sql`for no key update of d`)

/** Sent with COMMIT. */
export const saveSections = (
  id: string,
  { sections, changes, version }: Pick<DraftRow, 'sections' | 'changes' | 'version'>,
  now: Date,
) => sql`
  update draft set sections = ${JSON.stringify(sections)}, changes = ${JSON.stringify(changes)}, version = ${version}, updated_at = ${now}
  where consultation_id = ${id}`

/** What is added to a draft or taken from it makes another version of it: who signs has seen that. Tells how many files it has, now that nobody else adds one. */
export async function touchDraft(tx: Tx, id: string): Promise<number> {
  const { rows } = await sql<{ files: number }>`
    update draft set version = version + 1 where consultation_id = ${id}
    returning (select count(*)::int from attachment a where a.consultation_id = ${id}) as files`.execute(tx)
  return rows[0]?.files ?? 0
}

/** Tells whether there was one. */
export async function removeDraft(tx: Tx, id: string): Promise<boolean> {
  await tx.deleteFrom('attachment').where('consultation_id', '=', id).execute()
  const { rows } = await sql`
    with gone as (delete from draft where consultation_id = ${id} returning version)
    update consultation set drafted = gone.version from gone where id = ${id} returning id`.execute(tx)
  return rows.length > 0
}

export const insertAttachment = (
  tx: Tx,
  {
    id,
    consultation,
    title,
    type,
    content,
  }: Record<'id' | 'consultation' | 'title' | 'type', string> & { content: Buffer },
  now: Date,
) =>
  tx
    .insertInto('attachment')
    .values({ id, consultation_id: consultation, title, content_type: type, content, added_at: now })
    .returning(['id', 'title', 'content_type', 'added_at'])
    .executeTakeFirstOrThrow()

export const contentsOf = (db: Db, consultation: string, id?: string) =>
  db
    .selectFrom('attachment')
    .select(['id', 'title', 'content_type', 'content', 'added_at'])
    .where('consultation_id', '=', consultation)
    .$if(id !== undefined, (q) => q.where('id', '=', id as string))
    .orderBy('id')
    .execute()

export const deleteAttachment = (tx: Tx, consultation: string, id: string) =>
  tx
    .deleteFrom('attachment')
    .where('consultation_id', '=', consultation)
    .where('id', '=', id)
    .returning('id')
    .executeTakeFirst()
