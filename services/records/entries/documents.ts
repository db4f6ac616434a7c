import { readResource } from '#fhir/rooms/read.ts'
import { expectTreats } from '#fhir/rooms/relationship.ts'
import type { Context } from '#platform/context.ts'
import { newId } from '#platform/ids.ts'
import type { Exchange } from '#platform/service.ts'
import { transact } from '#platform/transaction.ts'
import { checkedFile } from '#platform/uploaded/checked-file.ts'
import { asSaved } from '#platform/uploaded/media-type.ts'
import type { RecordsTables } from '../tables.ts'
import { addedEntry, type EntryOf, entryWithin, newResource, notThere } from './entries.ts'
import { type Body, writeFields } from './fields.ts'
import { kinds } from './kinds.ts'

type Ctx = Context<RecordsTables>

/** A file that does nothing by itself, as a Binary that shows to whoever sees the document. */
export async function createDocument(
  ctx: Ctx,
  patient: string,
  { given, header, facts }: { given: Buffer; header: string; facts: Body },
): Promise<Body> {
  await expectTreats(ctx, patient)
  const { content, type } = await checkedFile(given, header)
  const kind = kinds.documents
  return transact(ctx, async (ctx) => {
    await expectTreats(ctx, patient)
    const resource = newResource(ctx, kind, patient)
    const file = newId()
    writeFields(resource, kind.fields, { status: 'current', on: ctx.now().toISOString(), ...facts })
    resource.content = [
      { attachment: { contentType: type, url: `Binary/${file}`, size: content.length, title: facts.title } },
    ]
    const binary = {
      ...{ resourceType: 'Binary', id: file, contentType: type, data: content.toString('base64') },
      securityContext: { reference: `DocumentReference/${resource.id}` },
    }
    return addedEntry(ctx, kind, { patient, resource, beside: [binary] })
  })
}

/** As an attachment, so that a browser saves it and never runs it. */
export async function readDocumentFile(ctx: Ctx, of: EntryOf, { reply }: Exchange): Promise<void> {
  const document = await transact(ctx, (ctx) => entryWithin(ctx, kinds.documents, of))
  const [{ attachment } = {}] = (document.content ?? []) as { attachment?: { url?: string } }[]
  const [type, id = ''] = attachment?.url?.split('/') ?? []
  const binary = type === 'Binary' ? await readResource(ctx, 'Binary', id) : undefined
  // A name that came with a document from elsewhere may be that of another file here.
  const belongs =
    (binary?.securityContext as { reference?: unknown } | undefined)?.reference === `DocumentReference/${document.id}`
  if (!belongs || typeof binary?.data !== 'string') throw notThere()
  const content = Buffer.from(binary.data, 'base64')
  reply.headers(asSaved(String(binary.contentType), content.length, 'document'))
  return content as unknown as undefined // Fastify sends what the handler returns
}
