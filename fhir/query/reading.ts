import { Problem } from '#platform/errors.ts'
import type { SearchParameter } from '../search-parameter.ts'

/** What parseQuery() needs to know beside the address. */
export interface ParseOptions {
  /** Without a slash at its end: `https://care.example/fhir/R4`. References below it are to resources kept here. */
  base: string
  /** `Prefer: handling=strict`: what is not known is refused, not passed over. */
  strict: boolean
  /** The definition for a type (`Resource` where all types are searched); none where the type is not kept here. */
  parameters: (type: string, code: string) => SearchParameter | undefined
  /** Of all names and values together, in characters. An address holds 8 KB; a body may bring more. */
  longest?: number
}

/** One search while it is read: what was asked for so far counts against what one search may ask. */
export interface Reading extends ParseOptions {
  /** How many more criteria may come, those behind chains included. */
  left: number
  /** How many more types may be looked at on the way of chains. */
  steps: number
}

/** Criteria of one search, each possible type of a chain counted: what the database is asked grows with them. */
export const MOST_CRITERIA = 100
export const MOST_VALUES = 1_000
/** Where each of five references may lead to any type, there would be more ways than can be looked at. */
export const MOST_STEPS = 5_000

/** A refusal: `detail` says what would be right. */
export const wrong = (name: string, detail: string): Problem =>
  new Problem('invalid', 'A search parameter is wrong; see the issues.', {
    errors: [{ pointer: `/query/${plain(name)}`, detail }],
  })

/** A name that a caller made up is cut short. */
const plain = (name: string) => name.slice(0, 64).replace(/[^\w.:-]/g, '_')

/** Counts criteria: throws where there are too many. */
export function spend(reading: Reading, name: string): void {
  reading.left -= 1
  if (reading.left < 0)
    throw wrong(
      name,
      `is one criterion too many: at most ${MOST_CRITERIA}, counting each type that a chain may lead to`,
    )
}

/** Counts what is looked at on the way: throws where a chain has too many ways. */
export function step(reading: Reading, name: string): void {
  reading.steps -= 1
  if (reading.steps < 0) throw wrong(name, 'may lead too many ways: say the types, such as subject:Patient.name')
}

const TYPE = /^[A-Z][A-Za-z]{1,63}$/
const CODE = /^_?[A-Za-z][A-Za-z0-9_-]{0,63}$/

/** Of names that a caller wrote: what could not be one is not even looked up. */
export function definition({ parameters }: ParseOptions, type: string, code: string): SearchParameter | undefined {
  return TYPE.test(type) && CODE.test(code) ? parameters(type, code) : undefined
}

/** Whether resources of the type are kept here: all have an id to be searched by. */
export const isType = (reading: ParseOptions, type: string): boolean => definition(reading, type, '_id') !== undefined
