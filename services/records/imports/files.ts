import { createHash } from 'node:crypto'
import { isObject } from '#fhir/json-value.ts'
import type { Resource } from '#fhir/resource.ts'
import { Problem } from '#platform/errors.ts'
import { checkedFile } from '#platform/uploaded/checked-file.ts'
import type { Brought, Item } from './bundle.ts'

// Files that documents of a file name: a Binary beside them is kept as one that is uploaded, or the preview says that it is lost.

interface Checked {
  content: Buffer
  type: string
}
/** What becomes of the file that an address names; undefined: it is none of the file, and lies elsewhere. */
export type Files = (url: unknown) => Checked | string | undefined

/** Each is looked through, and a picture drawn anew. */
const MOST_FILES = 20

/** `mayWrite`: whether whoever brings it may write files. */
export async function filesIn({ items, at }: Brought, mayWrite: boolean): Promise<Files> {
  const named = items.flatMap(({ resource }) =>
    resource.resourceType === 'DocumentReference' ? attachmentsOf(resource).map(({ url }) => at(url)) : [],
  )
  const checked = new Map<Item, Checked | string>()
  for (const item of new Set(named))
    if (item?.resource.resourceType === 'Binary') checked.set(item, await fileOf(item, checked.size, mayWrite))
  return (url) => {
    const item = at(url)
    const isHere = typeof url === 'string' && !/^https?:/.test(url)
    return (item && checked.get(item)) ?? (isHere ? 'it is not in this file' : undefined)
  }
}

async function fileOf({ resource }: Item, before: number, mayWrite: boolean): Promise<Checked | string> {
  const { data, contentType } = resource
  if (!mayWrite) return 'your app may not write files'
  if (before >= MOST_FILES) return `of one import ${MOST_FILES} are taken`
  if (typeof data !== 'string') return 'it is empty'
  try {
    return await checkedFile(Buffer.from(data, 'base64'), String(contentType))
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return error.errors?.[0]?.detail ?? 'it cannot be taken'
  }
}

export interface TakenFile extends Checked {
  /** Its place in `content`. */
  at: number
}

const attachmentsOf = ({ content }: Resource): Record<string, unknown>[] =>
  (Array.isArray(content) ? content : []).map((one) =>
    isObject(one) && isObject(one.attachment) ? one.attachment : {},
  )

/** A document with what is kept of its files, which have their addresses when they are written, and without an address that leads nowhere. */
export function withFiles(
  resource: Resource,
  filesOf: Files,
): { resource: Resource; files: TakenFile[]; lost?: string } {
  if (resource.resourceType !== 'DocumentReference' || !Array.isArray(resource.content)) return { resource, files: [] }
  const files: TakenFile[] = []
  const lost: string[] = []
  const content = resource.content.map((one: Record<string, unknown>, place: number) => {
    const { url, hash, ...attachment } = (one.attachment ?? {}) as Record<string, unknown>
    const file = url === undefined ? undefined : filesOf(url)
    if (file === undefined) return one
    if (typeof file === 'string') {
      lost.push(file)
      return { ...one, attachment: { ...attachment, ...(hash !== undefined && { hash }) } }
    }
    files.push({ at: place, ...file })
    // By which it is the same when it comes again; R4's own `hash` is SHA-1.
    const id = `${place}-${createHash('sha256').update(file.content).digest('hex')}`
    return { ...one, attachment: { ...attachment, id, contentType: file.type, size: file.content.length } }
  })
  const why = lost.length > 0 ? { lost: `Its file is lost: ${lost.join('; ')}.` } : {}
  return { resource: { ...resource, content }, files, ...why }
}

/** Files of a document, under their new names, and the document with those. */
export function filesBeside(
  document: Resource & { id: string },
  files: readonly (TakenFile & { id: string })[],
): { document: Resource & { id: string }; beside: (Resource & { id: string })[] } {
  const names = new Map(files.map(({ at, id }) => [at, `Binary/${id}`]))
  const content = ((document.content ?? []) as Record<string, unknown>[]).map((one, at) =>
    names.has(at) ? { ...one, attachment: { ...(one.attachment as object), url: names.get(at) } } : one,
  )
  return {
    document: files.length > 0 ? { ...document, content } : document,
    beside: files.map(({ id, content, type }) => ({
      ...{ resourceType: 'Binary', id, contentType: type, data: content.toString('base64') },
      securityContext: { reference: `DocumentReference/${document.id}` },
    })),
  }
}
