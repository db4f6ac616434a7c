/** The page of a search: hl7.org/fhir/R4/bundle.html#searchset. An empty list is none, as R4 has it. */
export function searchset<R extends { resourceType: string; id: string }, O extends object = never>(
  { base, path, used }: { base: string; path: string; used: URLSearchParams },
  { items, next }: { items: readonly R[]; next?: string },
  outcome?: O,
) {
  const link = (relation: 'self' | 'next', query: URLSearchParams) => ({
    relation,
    url: `${base}/${path}${query.size > 0 ? `?${query}` : ''}`,
  })
  const onward = new URLSearchParams(used)
  if (next !== undefined) onward.set('cursor', next)
  const entry = [
    ...items.map((resource) => ({
      fullUrl: `${base}/${resource.resourceType}/${resource.id}`,
      resource,
      search: { mode: 'match' as const },
    })),
    ...(outcome ? [{ resource: outcome, search: { mode: 'outcome' as const } }] : []),
  ]
  return {
    resourceType: 'Bundle' as const,
    type: 'searchset' as const,
    link: [link('self', used), ...(next === undefined ? [] : [link('next', onward)])],
    ...(entry.length > 0 && { entry }),
  }
}
