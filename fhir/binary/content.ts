import type { Readable } from 'node:stream'
import { Problem } from '#platform/errors.ts'
import type { Resource } from '../resource.ts'

// Content of any media type as a Binary, and back (hl7.org/fhir/R4/binary.html#rest). It is kept as it came, and looked into by nobody.

/** Of one that comes as it is; as FHIR JSON it may be as long as any body. */
export const MOST_BYTES = 5_000_000
const LONGEST_TYPE = 200
/** RFC 9110 §8.3.1. */
const MEDIA_TYPE =
  /^[\w!#$&^.+-]{1,127}\/[\w!#$&^.+-]{1,127}(?: ?; ?[\w-]{1,40}=(?:[\w.+-]{1,100}|"[\w .+-]{1,100}"))*$/
/** Ranges by which the resource is asked for, and not what it holds. */
const AS_RESOURCE = /^(?:application\/(?:fhir\+json|json|json\+fhir|fhir\+xml)|text\/json)$/

export async function bytesOf(payload: Readable): Promise<Buffer> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of payload as AsyncIterable<Buffer>) {
    size += part.length
    if (size > MOST_BYTES) throw new Problem('too-long', 'A Binary may have 5,000,000 bytes here.')
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/** The resource that stands for content as it came. */
export function binaryOf(
  content: Buffer,
  id: string,
  headers: Readonly<Partial<Record<'content-type' | 'x-security-context', string>>>,
): Resource {
  const contentType = headers['content-type'] ?? ''
  if (content.length === 0) throw new Problem('invalid', 'Send the content as the body.')
  if (!isMediaType(contentType)) throw new Problem('invalid', 'The Content-Type is none that could be given back.')
  const context = headers['x-security-context']
  return {
    resourceType: 'Binary',
    ...(id !== '' && { id }),
    contentType,
    ...(context !== undefined && { securityContext: { reference: context } }),
    data: content.toString('base64'),
  }
}

const isMediaType = (text: string) => text.length <= LONGEST_TYPE && MEDIA_TYPE.test(text)

/** Whether what it holds is asked for: whoever wants the resource says so, by Accept or by `_format`. */
export function wantsContent(accept: string | undefined, format: string | null): boolean {
  if (format !== null) return false
  return !(accept ?? '').split(',').some((range) => AS_RESOURCE.test(range.split(';')[0]?.trim().toLowerCase() ?? ''))
}

export function contentOf(body: string): { type: string; content: Buffer } {
  const { contentType, data } = JSON.parse(body) as { contentType: string; data?: string }
  return {
    type: isMediaType(contentType) ? contentType : 'application/octet-stream',
    content: Buffer.from(data ?? '', 'base64'),
  }
}
