import { Problem } from '#platform/errors.ts'
import { parseQuery } from '../query/parse-query.ts'
import type { Query } from '../query/query.ts'
import { searchParameter } from '../search-parameters.ts'

const LONGEST = 2_000

/**
 * `Observation?code=http://loinc.org|8867-4`: a search of one of these types that says what is looked for, and nothing of how it is shown. Throws Problem
 * `business-rule` where it is something else, or cannot be answered here.
 */
export function criteriaOf(text: string, { base, types }: { base: string; types: readonly string[] }): Query {
  const [, type = '', search = ''] = /^([A-Za-z]{1,64})(?:\?(.*))?$/s.exec(text) ?? []
  if (!types.includes(type)) throw refused('must be a search of a type that is kept here: Type?parameter=value')
  const query = understood(type, search, base)
  const { includes, sort, cursor, summary, elements, used } = query
  const shows = includes.length > 0 || sort.length > 0 || [cursor, summary, elements].some((one) => one !== undefined)
  if (shows || used.has('_count') || used.has('_total') || query.types.length !== 1)
    throw refused('must say what is looked for, and nothing of how it is shown')
  return query
}

function understood(type: string, search: string, base: string): Query {
  try {
    return parseQuery([type], new URLSearchParams(search), {
      ...{ base, strict: true, parameters: searchParameter, longest: LONGEST },
    })
  } catch (error) {
    throw asRefused(error)
  }
}

/** What would be the fault of an address is one of the resource. */
export function asRefused(error: unknown): unknown {
  if (!(error instanceof Problem) || error.status >= 500 || error.code === 'forbidden') return error
  const [first] = error.errors ?? []
  const name = first?.pointer.split('/').at(-1)
  return refused(first && name ? `${name} ${first.detail}` : 'is more than is answered here', error)
}

const refused = (detail: string, cause?: unknown) =>
  new Problem('business-rule', 'The criteria of the subscription cannot be watched; see the issues.', {
    cause,
    errors: [{ pointer: '/body/criteria', detail }],
  })
