import { directoryTypes } from '#platform/access.ts'
import type { Resource } from '../resource.ts'
import { canonicalReference } from './reference.ts'

/**
 * As a reference of what repeats something that is kept here: of a Bundle what it holds, under its address here, and of a DocumentReference the Bundle by which it is read. Both are as
 * sensitive as that is by now (platform/migrations/0016_fhir_store.sql). No search parameter has such a name.
 */
export const PART = '$part'

export const partsIn = (resource: Resource, base: string): string[] => [
  ...new Set(namesIn(resource, base).map((name) => `${PART}=${name}`)),
]

/** `Type/id`, perhaps several times. */
export function namesIn({ resourceType, entry, content }: Resource, base: string): string[] {
  const local = (address: string | undefined, isOne: (type: string) => boolean): string[] => {
    const name = address === undefined ? undefined : canonicalReference(address, base)
    const [, type] = /^([A-Z][A-Za-z]+)\/[^/]+$/.exec(name ?? '') ?? []
    return name !== undefined && type !== undefined && isOne(type) ? [name] : []
  }
  if (resourceType === 'Bundle')
    return ((entry ?? []) as { fullUrl?: string }[]).flatMap(({ fullUrl }) =>
      local(fullUrl, (type) => !PEOPLE.has(type)),
    )
  if (resourceType !== 'DocumentReference') return []
  return ((content ?? []) as { attachment?: { url?: string } }[]).flatMap(({ attachment }) =>
    local(attachment?.url, (type) => type === 'Bundle'),
  )
}

/** Who cared, and whom it is about: what is sensitive is what is told of them. */
const PEOPLE: ReadonlySet<string> = new Set(['Patient', ...directoryTypes])
