import { directoryTypes } from '#platform/access.ts'
import type { Resource } from '../resource.ts'
import { canonicalReference } from './reference.ts'

/**
 * As a reference of what repeats something that is kept here: of a Bundle what it holds, under its address here, of a DocumentReference the Bundle by which it is read, and of a
 * Composition what its sections tell in words. All are as sensitive as that is by now (platform/migrations/0016_fhir_store.sql). No search parameter has such a
 * name.
 */
export const PART = '$part'
/** The same of what an earlier version of a Composition told: that version alone is as sensitive. */
export const TOLD = '$told'

export const partsIn = (resource: Resource, base: string): string[] => [
  ...new Set(namesIn(resource, base).map((name) => `${PART}=${name}`)),
]

interface Members {
  entry?: { fullUrl?: string }[]
  content?: { attachment?: { url?: string } }[]
  section?: Section[]
}
interface Section {
  entry?: { reference?: string }[]
  section?: Section[]
}

/** `Type/id`, perhaps several times. */
export function namesIn(resource: Resource, base: string): string[] {
  const { entry = [], content = [], section = [] } = resource as Members
  const local = (address: string | undefined, isOne: (type: string) => boolean = isTold): string[] => {
    const name = address === undefined ? undefined : canonicalReference(address, base)
    const [, type] = /^([A-Z][A-Za-z]+)\/[^/]+$/.exec(name ?? '') ?? []
    return name !== undefined && type !== undefined && isOne(type) ? [name] : []
  }
  switch (resource.resourceType) {
    case 'Bundle':
      return entry.flatMap(({ fullUrl }) => local(fullUrl))
    case 'DocumentReference':
      return content.flatMap(({ attachment }) => local(attachment?.url, (type) => type === 'Bundle'))
    case 'Composition':
      return toldIn(section).flatMap((reference) => local(reference))
    default:
      return []
  }
}

const toldIn = (sections: readonly Section[]): (string | undefined)[] =>
  sections.flatMap(({ entry = [], section = [] }) => [...entry.map(({ reference }) => reference), ...toldIn(section)])

const isTold = (type: string): boolean => !PEOPLE.has(type)
/** Who cared, and whom it is about: what is sensitive is what is told of them. */
const PEOPLE: ReadonlySet<string> = new Set(['Patient', ...directoryTypes])
