import { commonParameter } from './parse-criterion.ts'
import type { Include, Query } from './query.ts'
import { definition, isType, type Reading, wrong } from './reading.ts'

// What says how the answer looks, not what is in it: hl7.org/fhir/R4/search.html#return.

export const USUAL_COUNT = 20
export const MOST_COUNT = 1_000
const MOST_SORTS = 10
const MOST_ELEMENTS = 100
const LONGEST_CURSOR = 4_096

/** A search for all types may name some of them: `_type=Patient,Practitioner`. */
export function parseTypes(types: readonly string[], text: string, reading: Reading): string[] {
  if (types.length > 0) throw wrong('_type', 'is for a search of all types')
  const named = [...new Set(text.split(',', 201))]
  if (named.length > 200 || !named.every((type) => isType(reading, type)))
    throw wrong('_type', 'must be types that are kept here, with commas between')
  return named
}

export function parseSort(types: readonly string[], text: string, reading: Reading): Query['sort'] {
  const parts = text.split(',', MOST_SORTS + 1)
  if (parts.length > MOST_SORTS) throw wrong('_sort', `has too many parameters: at most ${MOST_SORTS}`)
  return parts.map((part) => {
    const descending = part.startsWith('-')
    const parameter = commonParameter(types, descending ? part.slice(1) : part, reading)
    if (!parameter || parameter.type === 'composite' || parameter.type === 'special')
      throw wrong('_sort', 'must be search parameters of what is searched for, with - before one to turn it round')
    return { parameter, descending }
  })
}

export function parseCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw wrong('_count', `must be a whole number from 0 to ${MOST_COUNT}`)
  return Math.min(Number(text), MOST_COUNT)
}

export const parseTotal = (text: string): Query['total'] => oneOf('_total', text, ['none', 'estimate', 'accurate'])

export function parseSummary(text: string): Query['summary'] {
  const summary = oneOf('_summary', text, ['true', 'text', 'data', 'count', 'false'])
  return summary === 'false' ? undefined : summary
}

function oneOf<const Word extends string>(name: string, text: string, words: readonly Word[]): Word {
  const found = words.find((word) => word === text)
  if (found === undefined) throw wrong(name, `must be one of ${words.join(', ')}`)
  return found
}

export function parseElements(text: string): string[] {
  const names = text.split(',', MOST_ELEMENTS + 1)
  if (names.length > MOST_ELEMENTS || !names.every((name) => /^[A-Za-z][A-Za-z0-9.]{0,99}$/.test(name)))
    throw wrong('_elements', `must be names of elements with commas between, at most ${MOST_ELEMENTS}`)
  return [...new Set(names)]
}

/** The store's own words, as it gave them. */
export function parseCursor(text: string): string {
  if (!/^[\w.~-]+$/.test(text) || text.length > LONGEST_CURSOR)
    throw wrong('cursor', 'must be as it came in the link to the next page')
  return text
}

/** hl7.org/fhir/R4/search.html#include: `Type:parameter`, `Type:parameter:Target`, `Type:*`; of `_include` also `*` for what is searched for. */
export function parseInclude(types: readonly string[], name: string, text: string, reading: Reading): Include[] {
  const [kind, ...modifiers] = name.slice(1).split(':')
  if (modifiers.length > 1 || (modifiers[0] ?? 'iterate') !== 'iterate')
    throw wrong(name, 'takes no modifier but :iterate')
  const iterate = modifiers.length === 1
  const include = { kind: kind === 'include' ? 'include' : 'revinclude', iterate } as const
  if (text === '*' && kind === 'include' && types.length > 0)
    return types.map((type) => ({ ...include, type, parameter: undefined, target: undefined }))
  const [type = '', code = '', target, ...more] = text.split(':', 5)
  const parameter = definition(reading, type, code)
  const known = isType(reading, type) && (code === '*' || parameter?.type === 'reference') && more.length === 0
  if (!known || (target !== undefined && !leadsTo(parameter?.targets, target, reading)))
    throw wrong(name, 'must be Type:reference, Type:reference:Target or Type:*, such as Observation:subject:Patient')
  return [{ ...include, type, parameter, target }]
}

const leadsTo = (targets: readonly string[] | undefined, target: string, reading: Reading) =>
  isType(reading, target) && targets?.includes(target) !== false
