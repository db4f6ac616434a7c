import type { IndexValues } from '../indexing/index-values.ts'
import type { Resource } from '../resource.ts'
import { careAt } from './care-dates.ts'
import type { Concerns } from './concerns.ts'

/** What is to be written of one resource. */
export interface Change {
  type: string
  id: string
  /** 1: it must not be there. Else the store must have the version before. */
  version: number
  at: Date
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** With its id and meta, as it will be sent; undefined: it is deleted. */
  resource: Resource | undefined
  /** Of what is deleted, that of what it was. */
  index: IndexValues
  /** Of what is deleted, those of what it was: who could see it, and nobody else, may see that it is gone, and what it was. */
  concerns: Concerns
  /** Of a Subscription that is active: what it watches, for whom. */
  watch?: Watch
  /** Of a Subscription: what of its channel is for the session alone that gave it, and is no part of the resource here. */
  secret?: Secret | undefined
  /** Of patients who became one with another: by whom they stand from now on, beside their own name. */
  as?: ReadonlyMap<string, string>
  /** Its keeper numbers its versions: it is brought to this one, whichever the store has. */
  isNumbered?: boolean
  /** The room that alone changes it. */
  heldBy?: string | undefined
}

export interface Watch {
  account: string
  /** With which it was asked for, and without which it tells nothing. */
  session: string
  type: string
  criteria: string
  /** What of one must be in the index of what it tells of (referencesToPatients); undefined: nothing is certain. */
  bound: string[] | undefined
  until: string | undefined
}

export interface Secret {
  session: string
  header: string[]
}

/** What the store takes, a fhir_changing (platform/migrations/0016_fhir_store.sql). Lists of columns, since PostgreSQL reads those faster than lists of objects. */
export function rowOf(
  { type, id, version, at, method, resource, index, concerns, watch, secret, as = NOBODY, isNumbered, heldBy }: Change,
  place: number,
) {
  const named = (parameter: string, code?: string) =>
    code === undefined ? `${type}.${parameter}` : `${type}.${parameter}=${code}`
  const common = {
    place,
    type,
    id,
    version,
    changed_at: at,
    method,
    ...concerns,
    watch,
    secret,
    numbered: isNumbered,
    held_by: heldBy,
  }
  if (resource === undefined) return { ...common, body: null, tokens: [], refs: [] }
  return {
    ...common,
    care_at: careAt(type, index, at),
    body: JSON.stringify(resource),
    tokens: index.tokens.map((token) => `${type}.${token}`),
    refs: refsOf(index, concerns, as).map((one) => `${type}.${one}`),
    string_parameters: listOf(index.strings, ({ parameter }) => named(parameter)),
    string_values: listOf(index.strings, ({ value }) => value),
    string_exacts: listOf(index.strings, ({ exact }) => exact),
    date_parameters: listOf(index.dates, ({ parameter }) => named(parameter)),
    date_lows: listOf(index.dates, ({ from }) => from),
    date_highs: listOf(index.dates, ({ until }) => until),
    quantity_parameters: listOf(index.quantities, ({ parameter, code }) => named(parameter, code)),
    quantity_units: listOf(index.quantities, ({ unit }) => unit),
    quantity_lows: listOf(index.quantities, ({ low }) => low),
    quantity_highs: listOf(index.quantities, ({ high }) => high),
    latitudes: listOf(index.positions, ({ latitude }) => latitude),
    longitudes: listOf(index.positions, ({ longitude }) => longitude),
  }
}

/** Of nothing none at all: the server reads each empty list as slowly as a full one. */
const listOf = <T, U>(all: readonly T[], of: (one: T) => U): U[] | undefined =>
  all.length > 0 ? all.map(of) : undefined

/** Beside references: in which patients' compartments it is. No search parameter has such a name. */
export const COMPARTMENT = '$patient'

const NOBODY: ReadonlyMap<string, string> = new Map()

/** In the compartments of whom it is about too. By the name of each patient who became one with another, and by the other's. */
function refsOf({ references, patients }: IndexValues, { about }: Concerns, as: ReadonlyMap<string, string>): string[] {
  const within = [...new Set([...patients, ...as.keys(), ...about.filter((one) => !one.includes('/'))])]
  const refs = [...references, ...within.map((patient) => `${COMPARTMENT}=${patient}`)]
  if (as.size === 0) return refs
  const named = refs.flatMap((ref) => {
    const [, name = '', patient = ''] = /^([^=]*=(?:Patient\/)?)([^/]*)$/.exec(ref) ?? []
    const now = as.get(patient)
    return now === undefined ? [ref] : [ref, `${name}${now}`]
  })
  return [...new Set(named)]
}
