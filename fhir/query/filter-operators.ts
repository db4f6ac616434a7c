import type { SearchParameter } from '../search-parameter.ts'
import type { Filter, Modifier, Prefix } from './query.ts'

/** How an operator asks a search parameter: with a modifier or a prefix, and another value than the one that was written. */
export interface Compared {
  modifier?: Modifier | undefined
  prefix?: Prefix
  text?: string
}

/** Undefined where the operator is none for the kind of parameter. */
export type How = (kind: SearchParameter['type'], text: string) => Compared | undefined

type Operation = (is: (how: How) => Filter) => Filter

const ordered =
  (prefix: Prefix): How =>
  (kind) =>
    kind === 'date' || kind === 'number' || kind === 'quantity' ? { prefix } : undefined

const dates =
  (prefix: Prefix): How =>
  (kind) =>
    kind === 'date' ? { prefix } : undefined

/** A text is equal as a whole; what has an order is equal within what was written of it. */
const equal: How = (kind) => {
  if (kind === 'string') return { modifier: 'exact' }
  if (kind === 'date' || kind === 'number' || kind === 'quantity') return { prefix: 'eq' }
  return kind === 'special' ? undefined : {}
}

const present: How = (kind) => (kind === 'composite' ? undefined : { modifier: 'missing', text: 'false' })

const hierarchical =
  (modifier: 'below' | 'above'): How =>
  (kind) =>
    kind === 'token' || kind === 'uri' || kind === 'reference' ? { modifier } : undefined

const strings =
  (modifier?: 'contains' | 'ends'): How =>
  (kind) =>
    kind === 'string' ? { modifier } : undefined

const either =
  (prefix: Prefix): Operation =>
  (is) =>
    is(ordered(prefix))

const and = (left: Filter, right: Filter): Filter => ({ kind: 'and', left, right })
const not = (of: Filter): Filter => ({ kind: 'not', of })

/**
 * hl7.org/fhir/R4/search_filter.html#ops. `ne` and `po` are put together: `ne` is a value, and none that is equal; `po` is a value that is neither
 * wholly after nor wholly before. Where an element repeats, that asks more than one of its values.
 */
export const filterOperators = {
  eq: (is) => is(equal),
  ne: (is) => and(is(present), not(is(equal))),
  co: (is) => is(strings('contains')),
  sw: (is) => is(strings()),
  ew: (is) => is(strings('ends')),
  gt: either('gt'),
  lt: either('lt'),
  ge: either('ge'),
  le: either('le'),
  ap: either('ap'),
  sa: either('sa'),
  eb: either('eb'),
  pr: (is) => is((kind, text) => (kind === 'composite' ? undefined : { modifier: 'missing', text: opposite(text) })),
  po: (is) => and(is(present), and(not(is(dates('sa'))), not(is(dates('eb'))))),
  ss: (is) => is(hierarchical('below')),
  sb: (is) => is(hierarchical('above')),
  in: (is) => is((kind) => (kind === 'token' ? { modifier: 'in' } : undefined)),
  re: (is) => is((kind) => (kind === 'reference' ? {} : undefined)),
} as const satisfies Readonly<Record<string, Operation>>

/** What is neither is refused where the value is read. */
const opposite = (text: string): string => (text === 'true' ? 'false' : text === 'false' ? 'true' : text)
