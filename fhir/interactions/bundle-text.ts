interface Link {
  relation: string
  url: string
}

export interface EntryText {
  fullUrl?: string | undefined
  /** JSON, as it lies in the store. */
  resource?: string | undefined
  /** What stands beside the resource: search, request, response. */
  more?: object
}

/** A Bundle around resources that are text already: they are not parsed to be written again (hl7.org/fhir/R4/bundle.html). */
export function bundleText(
  type: 'searchset' | 'history',
  { total, links, entries }: { total?: number | undefined; links: readonly Link[]; entries: readonly EntryText[] },
): string {
  const head = JSON.stringify({ resourceType: 'Bundle', type, ...(total !== undefined && { total }), link: links })
  if (entries.length === 0) return head
  return `${head.slice(0, -1)},"entry":[${entries.map(entryText).join(',')}]}`
}

function entryText({ fullUrl, resource, more = {} }: EntryText): string {
  const parts = [
    ...(fullUrl === undefined ? [] : [`"fullUrl":${JSON.stringify(fullUrl)}`]),
    ...(resource === undefined ? [] : [`"resource":${resource}`]),
    ...Object.entries(more).map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`),
  ]
  return `{${parts.join(',')}}`
}

/** The page itself, and the one behind it where `next` says how it is asked for. `path`: the whole address, without what is behind the `?`. */
export function pageLinks(path: string, asked: URLSearchParams, next: string | undefined): Link[] {
  const of = (relation: string, query: URLSearchParams) => ({
    relation,
    url: query.size > 0 ? `${path}?${query}` : path,
  })
  if (next === undefined) return [of('self', asked)]
  const onward = new URLSearchParams(asked)
  onward.set('cursor', next)
  return [of('self', asked), of('next', onward)]
}
