import { Problem } from '#platform/errors.ts'
import type { KeptResource } from '#platform/keeper.ts'
import { type Identifier, isSealed } from './numbers.ts'

// What of a resource is kept beside the columns: all but what the house alone says.

type Elements = Record<string, unknown>
interface Link {
  other?: { reference?: string }
  type?: string
}

/**
 * As it is kept. What the house says of itself comes back with what a client read, and is left out; what only the house may say, and it does not, is refused.
 * `before`: as it is in the store.
 */
export function saidOf(resource: KeptResource, before: KeptResource | undefined, publicUrl: string): string {
  refuseForeign(resource, before)
  const { meta, identifier, link, telecom, qualification: _shown, ...said } = resource
  return JSON.stringify({
    ...said,
    ...listed(
      'identifier',
      (identifier as Identifier[] | undefined)?.filter(
        (one) => !isOwn(one.system, publicUrl) && !(OF_PEOPLE.has(resource.resourceType) && isSealed(one)),
      ),
    ),
    ...listed(
      'link',
      (link as Link[] | undefined)?.filter(({ type }) => !OF_MERGES.has(type ?? '')),
    ),
    ...listed(
      'telecom',
      (telecom as { value?: string }[] | undefined)?.filter((one) => !isOwn(one.value, publicUrl)),
    ),
    ...metaOf(meta as Elements | undefined),
  })
}

/** Numbers of whom are sealed; an organisation’s are for everybody. */
const OF_PEOPLE: ReadonlySet<string> = new Set(['Patient', 'Practitioner'])

const isOwn = (url: string | undefined, publicUrl: string) => url?.startsWith(`${publicUrl}/v1/`) ?? false

const listed = (name: string, list: readonly unknown[] | undefined) =>
  list === undefined || list.length === 0 ? {} : { [name]: list }

/** The version is the store's. */
function metaOf({ versionId: _version, lastUpdated: _at, ...meta }: Elements = {}) {
  return Object.keys(meta).length > 0 ? { meta } : {}
}

export const OF_MERGES: ReadonlySet<string> = new Set(['replaced-by', 'replaces'])
const linksOf = (links: readonly Link[] = []) =>
  links
    .filter(({ type }) => OF_MERGES.has(type ?? ''))
    .map(({ type, other }) => `${type} ${other?.reference}`)
    .sort()
    .join()

/** Whom somebody is one with, who keeps them, and what they may practise is decided elsewhere. */
function refuseForeign(resource: KeptResource, before: KeptResource | undefined): void {
  if (linksOf(resource.link as Link[]) !== linksOf(before?.link as Link[]) && linksOf(resource.link as Link[]) !== '')
    throw refused('/link', 'of these kinds follows from a merge: POST /v1/merges')
  if (resource.resourceType === 'Practitioner' && resource.qualification !== undefined)
    if (JSON.stringify(resource.qualification) !== JSON.stringify(before?.qualification))
      throw refused('/qualification', 'shows licences that were verified: POST /v1/practitioners/:id/licences')
}

export const refused = (pointer: string, detail: string) =>
  new Problem('business-rule', 'It cannot be kept as it is; see errors.', { errors: [{ pointer, detail }] })
