import type { Static } from 'typebox'
import { contentOf } from '#fhir/binary/content.ts'
import { readWithin } from '#fhir/rooms/read.ts'
import { audit } from '#platform/audit.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import type { Exchange } from '#platform/service.ts'
import { transact } from '#platform/transaction.ts'
import { checkedFile } from '#platform/uploaded/checked-file.ts'
import { asSaved } from '#platform/uploaded/media-type.ts'
import type { Attachment } from './contract/note.ts'
import { noDraft } from './draft.ts'
import { nameOfContent } from './note/write-note.ts'
import { contentsOf, deleteAttachment, insertAttachment, lockDraft, ownDraft, touchDraft } from './queries/drafts.ts'
import { seenConsultation } from './queries.ts'
import type { ConsultationsTables } from './tables.ts'
import { notThere, viewerOf } from './viewer.ts'

type Ctx = Context<ConsultationsTables>
type Tx = TransactionContext<ConsultationsTables>

const MOST = 10

interface Given {
  content: Buffer
  header: string
  title: string | undefined
}

/** Until the note is signed it is with the draft, and shows to whom that shows. */
export async function add(
  ctx: Ctx,
  id: string,
  { content: given, header, title }: Given,
): Promise<Static<typeof Attachment>> {
  // Looked at before the file is, so that nobody has files drawn anew for notes of others.
  await transact({ ...ctx, once: undefined }, async (ctx) => {
    if (!(await ownDraft(ctx.db, id, viewerOf(ctx)))) throw noDraft()
  })
  const { content, type } = await checkedFile(given, header)
  return transact(ctx, async (ctx) => {
    const draft = await lockDraft(ctx.db, id, viewerOf(ctx))
    if (!draft) throw noDraft()
    if ((await touchDraft(ctx.db, id)) >= MOST)
      throw new Problem(
        'business-rule',
        `A draft has ${MOST} attachments at the most. Sign it, and add others by an amendment.`,
      )
    const facts = { id: newId(), consultation: id, title: title ?? 'Attachment', type, content }
    const row = await insertAttachment(ctx.db, facts, ctx.now())
    audit(ctx, {
      action: 'U',
      entity: `Draft/${id}`,
      subject: `Patient/${draft.patient_id}`,
      relationship: draft.relationship,
    })
    const { content_type: contentType, added_at, ...shown } = row
    return { ...shown, contentType, bytes: content.length, addedAt: added_at.toISOString() }
  })
}

export function remove(ctx: Ctx, id: string, attachment: string): Promise<void> {
  return transact(ctx, async (ctx) => {
    const draft = await lockDraft(ctx.db, id, viewerOf(ctx))
    if (!draft) throw noDraft()
    if (!(await deleteAttachment(ctx.db, id, attachment))) throw notThere('attachment')
    await touchDraft(ctx.db, id)
    audit(ctx, {
      action: 'U',
      entity: `Draft/${id}`,
      subject: `Patient/${draft.patient_id}`,
      relationship: draft.relationship,
    })
  })
}

export async function download(ctx: Ctx, id: string, attachment: string, { reply }: Exchange): Promise<void> {
  const file = await transact(
    ctx,
    async (ctx) => (await signedFile(ctx, id, attachment)) ?? (await draftFile(ctx, id, attachment)),
  )
  reply.headers(asSaved(file.type, file.content.length, 'attachment'))
  return file.content as unknown as undefined // Fastify sends what the handler returns
}

async function signedFile(ctx: Tx, id: string, attachment: string) {
  if (!(await seenConsultation(ctx.db, id, viewerOf(ctx)))) throw notThere('attachment')
  const found = await readWithin(ctx, [
    { type: 'DocumentReference', id: attachment },
    { type: 'Binary', id: attachment },
  ])
  const document = found.get(`DocumentReference/${attachment}`) as
    | { context?: { encounter?: { reference?: string }[] }; masterIdentifier?: { value?: string } }
    | undefined
  const binary = found.get(`Binary/${attachment}`)
  if (!binary || document?.context?.encounter?.[0]?.reference !== `Encounter/${id}`) return undefined
  const file = contentOf(JSON.stringify(binary))
  if (document.masterIdentifier?.value !== nameOfContent(file.content))
    throw new Problem('exception', 'What is kept of this file is not what was signed. Tell an administrator.')
  return file
}

async function draftFile(ctx: Tx, id: string, attachment: string) {
  const draft = await ownDraft(ctx.db, id, viewerOf(ctx))
  const [row] = draft ? await contentsOf(ctx.db, id, attachment) : []
  if (!draft || !row) throw notThere('attachment')
  audit(ctx, {
    action: 'R',
    entity: `Draft/${id}`,
    subject: `Patient/${draft.patient_id}`,
    relationship: draft.relationship,
  })
  return { type: row.content_type, content: row.content }
}
