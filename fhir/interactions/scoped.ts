import type { Actor } from '#platform/auth.ts'
import { parseQuery } from '../query/parse-query.ts'
import type { Criterion, Filter, Query } from '../query/query.ts'
import { searchParameter } from '../search-parameters.ts'

/**
 * A search that finds no more than the scopes of the token let it (hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html#finer-grained-resource-constraints-using-search-parameters):
 * what `only` of the actor says is a search of its own, and one of them must hold. A scope that cannot be read as one opens nothing.
 */
export function scoped(query: Query, { only }: Pick<Actor, 'only'>, base: string): Query {
  if (only === undefined) return query
  const [first = NOTHING, ...others] = only.flatMap((text) => filterOf(query.types, text, base) ?? [])
  const open = others.reduce((left, right): Filter => ({ kind: 'or', left, right }), first)
  return { ...query, filter: query.filter ? { kind: 'and', left: query.filter, right: open } : open }
}

/** The criterion that an id is one of these. */
export const hasId = (...ids: string[]): Criterion => ({
  kind: 'own',
  parameter: { code: '_id', type: 'token', expression: '' },
  modifier: undefined,
  values: ids.map((code) => ({ kind: 'token', system: undefined, code })),
})

const NOTHING: Filter = { kind: 'criterion', criterion: hasId() }

function filterOf(types: readonly string[], text: string, base: string): Filter | undefined {
  try {
    const { criteria, filter, includes, sort } = parseQuery(types, new URLSearchParams(text), {
      ...{ base, strict: true, parameters: searchParameter },
    })
    const [first, ...others] = criteria.map((criterion): Filter => ({ kind: 'criterion', criterion }))
    if (!first || filter || includes.length > 0 || sort.length > 0) return undefined
    return others.reduce((left, right): Filter => ({ kind: 'and', left, right }), first)
  } catch {
    return undefined
  }
}
