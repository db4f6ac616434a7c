import { parseExact } from '../decimal.ts'
import { parseElements, parseSummary } from '../query/parse-result.ts'
import type { Resource } from '../resource.ts'
import { type Subset, subset } from '../subset.ts'

/** `_summary` and `_elements` of what is read without a search (hl7.org/fhir/R4/http.html#parameters). What a Binary holds is shown whole. */
export function partIn(type: string, query: URLSearchParams): Subset {
  const [summary, elements] = type === 'Binary' ? [] : [query.get('_summary'), query.get('_elements')]
  return {
    summary: summary ? parseSummary(summary) : undefined,
    elements: elements ? parseElements(elements) : undefined,
  }
}

/** All of it, as it lies in the store, unless less was asked for. */
export function shownPart(body: string, { summary, elements }: Subset): string {
  if (summary === undefined && elements === undefined) return body
  return JSON.stringify(subset(parseExact(body) as Resource, { summary, elements }))
}
