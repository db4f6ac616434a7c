import type { PlacedComponent, PlacedParameter } from '../search-parameters.ts'
import { type GatheredValues, LONGEST_KEY } from './gathered-values.ts'
import { type Finder, finderOf, type Place } from './place.ts'
import { referencesIn } from './reference-values.ts'
import { tokenForms } from './token-values.ts'

type Gather = (from: unknown, gathered: GatheredValues) => void
type Compiled = readonly { place: Place; find: Finder }[]

const compiled = (places: readonly Place[]): Compiled => places.map((place) => ({ place, find: finderOf(place.path) }))

/** A pair whose first part is a token (hl7.org/fhir/R4/search.html#composite), each with each that the same element has. R4 has no others, but for those that are derived (../derived-parameters.ts). */
export function compositeOf({ code, finds, components = [] }: PlacedParameter): Gather {
  const [first, second] = components
  if (first?.type !== 'token' || !second || components.length > 2)
    throw new Error(`${code} is no pair that begins with a token`)
  const bases = compiled(finds)
  const [keys, others] = [compiled(first.finds), compiled(second.finds)]
  const pair = pairing(code, second)
  return (resource, gathered) => {
    for (const { find } of bases)
      find(resource, (element) => {
        // Most have no second part of this type, and the codes are not read for nothing.
        let codes: ReadonlySet<string> | undefined
        for (const { place, find: findOther } of others)
          findOther(element, (value) => {
            codes ??= codesIn(element, keys)
            pair(value, place, codes, gathered)
          })
      })
  }
}

function codesIn(element: unknown, keys: Compiled): ReadonlySet<string> {
  const codes = new Set<string>()
  for (const { place, find } of keys)
    find(element, (value) => {
      for (const form of tokenForms(value, place)) if (form.length <= LONGEST_KEY) codes.add(form)
    })
  return codes
}

type Pair = (value: unknown, place: Place, codes: ReadonlySet<string>, gathered: GatheredValues) => void

const pairs: Partial<Record<PlacedComponent['type'], (code: string) => Pair>> = {
  token: (parameter) => (value, place, codes, gathered) => {
    const others = tokenForms(value, place)
    for (const code of codes) for (const other of others) gathered.token(`${parameter}=${code}$${other}`)
  },
  reference: (parameter) => (value, place, codes, gathered) => {
    const others = referencesIn(value, place.type, gathered.base, [])
    for (const code of codes) for (const other of others) gathered.token(`${parameter}=${code}$${other}`)
  },
  quantity: (parameter) => (value, place, codes, gathered) => {
    for (const { unit, range } of gathered.quantitiesIn(value, place.type))
      for (const code of codes) gathered.quantity(parameter, unit, range, code)
  },
}

function pairing(code: string, { type }: PlacedComponent): Pair {
  const pair = pairs[type]?.(code)
  if (!pair) throw new Error(`${code} has a second part of a kind that no composite of R4 has`)
  return pair
}
