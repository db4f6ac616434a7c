import { type FieldError, Problem } from '#platform/errors.ts'
import { parseCriterion, parseList } from './parse-criterion.ts'
import { parseFilter } from './parse-filter.ts'
import {
  parseCount,
  parseCursor,
  parseElements,
  parseInclude,
  parseSort,
  parseSummary,
  parseTotal,
  parseTypes,
  USUAL_COUNT,
} from './parse-result.ts'
import type { Criterion, Include, Query } from './query.ts'
import { MOST_CRITERIA, MOST_STEPS, type ParseOptions, type Reading, wrong } from './reading.ts'

/** What the answer's media type says, and is no matter of the search. */
const PASSED_OVER = new Set(['_format', '_pretty'])
/** They would change the answer, and are not done: passing over them would answer another question, and so would looking for words without knowing their languages. */
const NOT_SUPPORTED = new Set(['_text', '_content', '_query', '_contained', '_containedType'])
const LONGEST = 8_192
const MOST_INCLUDES = 50
const MOST_ERRORS = 20
const MESSAGE = 'A search parameter is wrong; see the issues.'

/** A search while its parts come in. */
interface Draft {
  types: readonly string[]
  criteria: Criterion[]
  includes: Include[]
  filter?: Query['filter']
  sort?: Query['sort']
  count?: number
  cursor?: string
  total?: Query['total']
  summary?: Query['summary']
  elements?: string[]
}

/**
 * A search as an address or a form has it (hl7.org/fhir/R4/search.html), for one type, several, or none for all. Values are still escaped as search has it, but no
 * longer as addresses have it. Throws Problem `invalid` with each parameter that is wrong (at most 20), or `too-long`.
 */
export function parseQuery(types: readonly string[], query: URLSearchParams, options: ParseOptions): Query {
  const reading: Reading = { ...options, left: MOST_CRITERIA, steps: MOST_STEPS }
  const given = bounded(query, options)
  const draft: Draft = { types, criteria: [], includes: [] }
  const errors: FieldError[] = []
  const known = new Set<number>()
  // What is searched for must be known before its parameters are.
  for (const early of [true, false])
    for (const [i, [name, text]] of given.entries())
      if (isEarly(name) === early)
        collecting(errors, () => {
          if (text !== '' && read(draft, name, text, reading)) known.add(i)
          else if (options.strict) throw wrong(name, text === '' ? 'has no value' : 'is not known here')
        })
  if (errors.length > 0) throw new Problem('invalid', MESSAGE, { errors: errors.slice(0, MOST_ERRORS) })
  return whole(draft, new URLSearchParams(given.filter((_, i) => known.has(i))))
}

const isEarly = (name: string) => name === '_type' || name.startsWith('_type:')

function bounded(query: URLSearchParams, { longest = LONGEST }: ParseOptions): [string, string][] {
  const given = [...query].filter(([name]) => !PASSED_OVER.has(name))
  const length = given.reduce((sum, [name, text]) => sum + name.length + text.length + 2, 0)
  if (length > longest)
    throw new Problem(
      'too-long',
      'The search is longer than is read here; send it as a form to _search, or ask for less at once.',
    )
  if (given.length > MOST_CRITERIA + MOST_INCLUDES)
    throw new Problem('invalid', 'The search has too many parameters; ask for less at once.')
  return given
}

/** So that a caller learns of all that is wrong at once. */
function collecting(errors: FieldError[], work: () => void): void {
  try {
    work()
  } catch (error) {
    if (!(error instanceof Problem) || !error.errors) throw error
    errors.push(...error.errors)
  }
}

/** False where the name is not known. */
function read(draft: Draft, name: string, text: string, reading: Reading): boolean {
  const [word = '', modifier] = name.split(':', 2)
  if (NOT_SUPPORTED.has(word)) throw wrong(name, 'is not supported here')
  if (word === '_list') {
    draft.criteria.push(parseList(draft.types, name, text, reading))
    return true
  }
  if (word === '_include' || word === '_revinclude') {
    draft.includes.push(...parseInclude(draft.types, name, text, reading))
    if (draft.includes.length > MOST_INCLUDES) throw wrong(name, `comes too often: at most ${MOST_INCLUDES} times`)
    return true
  }
  if (Object.hasOwn(once, word)) {
    if (modifier !== undefined) throw wrong(name, 'takes no modifier')
    once[word as keyof typeof once](draft, text, reading)
    return true
  }
  const criterion = parseCriterion(draft.types, name, text, reading)
  if (criterion) draft.criteria.push(criterion)
  return criterion !== undefined
}

/** What comes at most once; of `_filter`, all must hold. */
const once = {
  _type: (draft: Draft, text: string, reading: Reading) => {
    draft.types = parseTypes(draft.types, text, reading)
  },
  _filter: (draft: Draft, text: string, reading: Reading) => {
    const more = parseFilter(draft.types, text, reading)
    draft.filter = draft.filter ? { kind: 'and', left: draft.filter, right: more } : more
  },
  _sort: (draft: Draft, text: string, reading: Reading) =>
    set(draft, 'sort', '_sort', parseSort(draft.types, text, reading)),
  _count: (draft: Draft, text: string) => set(draft, 'count', '_count', parseCount(text)),
  _total: (draft: Draft, text: string) => set(draft, 'total', '_total', parseTotal(text)),
  _summary: (draft: Draft, text: string) => set(draft, 'summary', '_summary', parseSummary(text)),
  _elements: (draft: Draft, text: string) => set(draft, 'elements', '_elements', parseElements(text)),
  cursor: (draft: Draft, text: string) => set(draft, 'cursor', 'cursor', parseCursor(text)),
}

function set<Key extends keyof Draft>(draft: Draft, key: Key, name: string, value: Draft[Key]): void {
  if (Object.hasOwn(draft, key)) throw wrong(name, 'comes once')
  draft[key] = value
}

function whole(
  { types, criteria, includes, filter, sort = [], count = USUAL_COUNT, cursor, total, summary, elements }: Draft,
  used: URLSearchParams,
): Query {
  const onlyNumber = count === 0 || summary === 'count'
  return {
    types,
    criteria,
    filter,
    includes,
    sort,
    count: onlyNumber ? 0 : count,
    cursor,
    total: total ?? (onlyNumber ? 'accurate' : 'none'),
    summary,
    elements,
    used,
  }
}
