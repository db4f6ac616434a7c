import type { Value } from '#fhir/query/query.ts'
import type { Resource } from '#fhir/resource.ts'
import type { Element } from './elements.ts'

/** Where a reference leads: to a resource here, or somewhere else. */
export type Link = { type: string; id: string } | { url: string }

/** Undefined of what names nothing that could be found: a reference within the resource, or one without an address. */
export function linkOf({ type, value }: Element, base: string): Link | undefined {
  const written = type === 'Reference' ? (value as { reference?: string }).reference : value
  if (typeof written !== 'string' || written.startsWith('#')) return undefined
  const local = written.startsWith(`${base}/`) ? written.slice(base.length + 1) : written
  const [, kind, id] = /^([A-Z]\w+)\/([A-Za-z0-9.-]{1,64})(?:\/_history\/.+)?$/.exec(local) ?? []
  return kind && id ? { type: kind, id } : { url: local }
}

export const leadsTo = (link: Link | undefined, { resourceType, id }: Resource): boolean =>
  link !== undefined && 'id' in link && link.type === resourceType && link.id === id

export function isLink(
  link: Link | undefined,
  asked: Extract<Value, { kind: 'reference' | 'reference-url' }>,
): boolean {
  if (link === undefined) return false
  if (asked.kind === 'reference')
    return 'id' in link && link.id === asked.id && (asked.type === undefined || link.type === asked.type)
  // A canonical address is asked for with a version, or with any.
  return 'url' in link && (link.url === asked.url || (!asked.url.includes('|') && link.url.startsWith(`${asked.url}|`)))
}
