import { numberOf } from '../decimal.ts'
import { isDerived, isOfWhole } from '../derived-parameters.ts'
import type { Resource } from '../resource.ts'
import { compartmentOf, type PlacedParameter, searchParameter, searchParametersOf } from '../search-parameters.ts'
import { ownedTypes } from '../types/resource-types.ts'
import { compositeOf } from './composite-values.ts'
import { dateIn } from './date-values.ts'
import { foldEnd, maybeCut } from './fold.ts'
import { GatheredValues } from './gathered-values.ts'
import type { IndexValues } from './index-values.ts'
import { isObject, textOf } from './json-object.ts'
import { rangeOfNumber } from './number-range.ts'
import { partsIn } from './part-references.ts'
import { finderOf, type Place } from './place.ts'
import { canonicalReference } from './reference.ts'
import { referencesIn, withoutVersion } from './reference-values.ts'
import { endOf, laterWordsIn, laterWordsOf, stringsIn } from './string-values.ts'
import { codedIn, gatherTextOfToken, gatherToken, gatherTypesOfIdentifier } from './token-values.ts'

type Gather = (from: unknown, gathered: GatheredValues) => void
/** With one thing that the parameter's expression has found. */
type Take = (value: unknown, place: Place, gathered: GatheredValues) => void

interface Gatherer {
  gather: Gather
  isOfConcepts: boolean
}

/** Parameters over each concept of what is defined. */
const OF_CONCEPTS: ReadonlySet<string> = new Set(['CodeSystem.code', 'CodeSystem.language', 'ValueSet.code'])

const compiled = new Map<string, readonly Gatherer[]>()
const isOwned = (type: string) => (ownedTypes as readonly string[]).includes(type)

/**
 * What a resource is found by: the values of all its search parameters. `base` is the address of this server's FHIR face, without `/` at its end: references below
 * it are references to its own. A value of the wrong form is passed over (that it is refused is for validation); a type that is not kept here has none.
 * Throws Problem 'too-costly' where there are more than 2,000 of a kind. Of the codes of a CodeSystem or ValueSet the first 10,000 are there, each with a
 * system and without; by those beyond it is not found.
 */
export function indexOf(resource: Resource, { base }: { base: string }): IndexValues {
  const gathered = new GatheredValues(base)
  if (resource.resourceType === 'Patient' && typeof resource.id === 'string') gathered.patient(resource.id)
  if (resource.resourceType === 'Binary') contextTaker(resource, gathered)
  for (const { gather, isOfConcepts } of gatherersOf(resource.resourceType)) {
    gathered.begin(isOfConcepts)
    gather(resource, gathered)
  }
  const values = gathered.values()
  return { ...values, references: [...values.references, ...partsIn(resource, base)] }
}

/** As a reference of a Binary: what decides who sees it. No search parameter has such a name. */
export const CONTEXT = '$context'

function contextTaker({ securityContext: context }: Resource, gathered: GatheredValues): void {
  const reference = isObject(context) ? canonicalReference(textOf(context.reference) ?? '', gathered.base) : undefined
  if (reference !== undefined) gathered.reference(`${CONTEXT}=${reference}`)
}

/** Made when the first of its type comes. */
function gatherersOf(type: string): readonly Gatherer[] {
  const before = compiled.get(type)
  if (before) return before
  if (!isOwned(type)) return []
  const compartment = compartmentOf('Patient', type)
  const all = searchParametersOf(type)
  const made = all
    .filter((one) => one.code !== '_id' && one.code !== '_lastUpdated' && !isDerived(one)) // the store's row has these itself
    .map((parameter) => ({
      gather: gathererOf(parameter, compartment.includes(parameter.code)),
      isOfConcepts: OF_CONCEPTS.has(`${type}.${parameter.code}`),
    }))
  for (const gather of all.filter(isOfWhole).flatMap((one) => besideOf(type, one) ?? []))
    made.push({ gather, isOfConcepts: false })
  compiled.set(type, made)
  return made
}

/** Marks where a part of a pair finds by itself what the pair does not: of `code-value-string` the text of a concept, which is no string. Of value[x] there is one. */
function besideOf(type: string, { code, components = [] }: PlacedParameter): Gather | undefined {
  const finders = components.flatMap((part) => {
    const paired = new Set(part.finds.map(({ path }) => JSON.stringify(path)))
    const alone = searchParameter(type, part.code)?.finds ?? []
    return alone.filter(({ path }) => !paired.has(JSON.stringify(path))).map(({ path }) => finderOf(path))
  })
  if (finders.length === 0) return undefined
  return (resource, gathered) => {
    let isThere = false
    const see = () => {
      isThere = true
    }
    for (const find of finders) find(resource, see)
    if (isThere) gathered.token(`${code}=`)
  }
}

function gathererOf(parameter: PlacedParameter, isOfCompartment: boolean): Gather {
  if (parameter.type === 'composite') return compositeOf(parameter)
  const take = takers[parameter.type](parameter, isOfCompartment)
  const places = parameter.finds.map((place) => ({ place, find: finderOf(place.path) }))
  return (resource, gathered) => {
    const before = gathered.countOf(parameter.type)
    let isThere = false
    const taken = (place: Place) => (value: unknown) => {
      isThere = true
      take(value, place, gathered)
    }
    for (const { place, find } of places) find(resource, taken(place))
    // Not missing, though nothing finds it: a concept in words alone, a reference that only says whom it means.
    if (isThere && gathered.countOf(parameter.type) === before) gathered.token(`${parameter.code}=`)
  }
}

const takers: Record<
  Exclude<PlacedParameter['type'], 'composite'>,
  (parameter: PlacedParameter, isOfCompartment: boolean) => Take
> = {
  token: tokenTaker,
  reference: referenceTaker,
  string:
    ({ code }) =>
    (value, { type }, gathered) => {
      for (const text of stringsIn(value, type)) {
        if (maybeCut(gathered.string(code, text))) gathered.string(endOf(code), foldEnd(text))
      }
      for (const text of laterWordsIn(value, type)) gathered.string(laterWordsOf(code), text)
    },
  uri:
    ({ code }) =>
    (value, { type }, gathered) => {
      if (typeof value !== 'string' || value === '') return
      gathered.uri(code, value)
      if (type === 'canonical') gathered.uri(code, withoutVersion(value))
    },
  date:
    ({ code }) =>
    (value, { type }, gathered) => {
      const range = dateIn(value, type)
      if (range) gathered.date(code, range)
    },
  number:
    ({ code }) =>
    (value, _, gathered) => {
      const range = rangeOfNumber(numberOf(value) ?? Number.NaN)
      if (range) gathered.quantity(code, '', range)
    },
  quantity:
    ({ code }) =>
    (value, { type }, gathered) => {
      for (const { unit, range } of gathered.quantitiesIn(value, type)) gathered.quantity(code, unit, range)
    },
  special: positionTaker,
}

function tokenTaker({ code }: PlacedParameter): Take {
  const text = `${code}:text`
  return (value, place, gathered) => {
    for (const coded of codedIn(value, place)) gatherToken(gathered, code, coded)
    if (place.type === 'Identifier') gatherTypesOfIdentifier(gathered, code, value)
    gatherTextOfToken(gathered, text, value, place)
  }
}

const IDENTIFIER: Place = { path: [], type: 'Identifier' }

function referenceTaker({ code, targets = [] }: PlacedParameter, isOfCompartment: boolean): Take {
  return (value, { type }, gathered) => {
    for (const reference of referencesIn(value, type, gathered.base, targets)) {
      gathered.reference(`${code}=${reference}`)
      if (isOfCompartment && reference.startsWith('Patient/')) gathered.patient(reference.slice('Patient/'.length))
    }
    if (type === 'Reference' && isObject(value))
      for (const coded of codedIn(value.identifier, IDENTIFIER)) gatherToken(gathered, `${code}:identifier`, coded)
  }
}

/** `near`, which is R4's one special parameter. */
function positionTaker({ code }: PlacedParameter): Take {
  return (value, _, gathered) => {
    if (!isObject(value)) return
    const [latitude, longitude] = [numberOf(value.latitude), numberOf(value.longitude)]
    if (latitude === undefined || longitude === undefined) return
    if (Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180) gathered.position(code, latitude, longitude)
  }
}
