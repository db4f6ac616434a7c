import { canonicalUnit } from '#fhir/indexing/ucum.ts'
import type { Compartment, Criterion, Filter, Include, Own, Query, Value } from '#fhir/query/query.ts'
import { r4CompartmentParameters, r4ReferenceParameters, r4SearchParameter } from '#fhir/query/testing.ts'
import type { Coding, Resource } from '#fhir/resource.ts'
import type { SearchParameter } from '#fhir/search-parameter.ts'
import { matchesNumber, matchesQuantity } from './fhir-oracle/amounts.ts'
import { componentsOf, type Element, elementsOf } from './fhir-oracle/elements.ts'
import { isLink, leadsTo, linkOf } from './fhir-oracle/links.ts'
import { isNear } from './fhir-oracle/place.ts'
import { sortKey } from './fhir-oracle/sort.ts'
import { compareSpans, ofBounds, spanOf } from './fhir-oracle/spans.ts'
import {
  codingsOf,
  fromIdentifier,
  type Identifier,
  isCoding,
  isIdentifier,
  matchesText,
  matchesUri,
  stringsOf,
  tailsOf,
  textsOf,
} from './fhir-oracle/words.ts'

// What a search must answer, from the words of the specification (hl7.org/fhir/R4/search.html): slow and plain, and knowing nothing of an index. The store is
// judged by it.

/** What an answer depends on beside the resources. */
export interface World {
  base: string
  now: Date
  parameters: (type: string, code: string) => SearchParameter | undefined
  /** Tested beside itself, by another's tables. */
  canonical: typeof canonicalUnit
  /** The codes of a value set. */
  members: (url: string) => readonly Coding[]
  /** Whether one code is the other or below it. */
  subsumes: (above: Coding, below: Coding) => boolean
}

export const world: World = {
  base: 'https://care.example/fhir/R4',
  now: new Date('2031-03-03T10:00:00Z'),
  parameters: r4SearchParameter,
  canonical: canonicalUnit,
  members: () => [],
  subsumes: (above, below) => above.code === below.code && (above.system ?? below.system) === below.system,
}

/** The matches in their order, all of them: pages are not its matter. What sorts alike stays in the order in which it came. */
export function answer(query: Query, all: readonly Resource[], around: World = world): Resource[] {
  const found = all.filter((resource) => matches(query, resource, all, around))
  const keys = new Map(found.map((one) => [one, sortKeys(query, one, around)]))
  return found.sort((a, b) => compareKeys(query, keys.get(a) ?? [], keys.get(b) ?? []))
}

/** Undefined for what has no such value. */
export const sortKeys = ({ sort }: Query, resource: Resource, around: World = world): (string | number | undefined)[] =>
  sort.map(({ parameter, descending }) =>
    sortKey(elementsFor(parameter, resource, around), parameter, descending, around),
  )

/** What has no value comes last either way. */
function compareKeys({ sort }: Query, a: readonly (string | number | undefined)[], b: typeof a): number {
  for (const [i, { descending }] of sort.entries()) {
    const [one, other] = [a[i], b[i]]
    if (one === other) continue
    if (one === undefined || other === undefined) return one === undefined ? 1 : -1
    return one < other === descending ? 1 : -1
  }
  return 0
}

export function matches(query: Query, resource: Resource, all: readonly Resource[], around: World = world): boolean {
  const { types, criteria, filter } = query
  return (
    (types.length === 0 || types.includes(resource.resourceType)) &&
    criteria.every((criterion) => meets(criterion, resource, all, around)) &&
    (filter === undefined || passes(filter, resource, all, around))
  )
}

function passes(filter: Filter, resource: Resource, all: readonly Resource[], around: World): boolean {
  const side = (one: Filter) => passes(one, resource, all, around)
  if (filter.kind === 'criterion') return meets(filter.criterion, resource, all, around)
  if (filter.kind === 'not') return !side(filter.of)
  return filter.kind === 'and' ? side(filter.left) && side(filter.right) : side(filter.left) || side(filter.right)
}

function meets(criterion: Criterion, resource: Resource, all: readonly Resource[], around: World): boolean {
  if (criterion.kind === 'own') return meetsOwn(criterion, resource, around)
  if (criterion.kind === 'compartment') return inCompartment(criterion, resource, around)
  if (criterion.kind === 'chain')
    return criterion.to.some(({ type, criterion: next, filter }) =>
      all.some(
        (other) =>
          other.resourceType === type &&
          refersTo(criterion.parameter, resource, other, around) &&
          meets(next, other, all, around) &&
          (filter === undefined || passes(filter, other, all, around)),
      ),
    )
  return all.some(
    (other) =>
      other.resourceType === criterion.type &&
      refersTo(criterion.parameter, other, resource, around) &&
      meets(criterion.criterion, other, all, around),
  )
}

/** A search of several types has the parameter of the first: each type has its own expression. */
function elementsFor(parameter: SearchParameter, resource: Resource, { parameters }: World): readonly Element[] {
  return elementsOf(resource, parameters(resource.resourceType, parameter.code) ?? parameter)
}

const linksOf = (parameter: SearchParameter, resource: Resource, around: World) =>
  elementsFor(parameter, resource, around).map((element) => linkOf(element, around.base))

const refersTo = (parameter: SearchParameter, from: Resource, to: Resource, around: World): boolean =>
  linksOf(parameter, from, around).some((link) => leadsTo(link, to))

/** hl7.org/fhir/R4/compartmentdefinition.html: the patient, and what names the patient in one of the parameters listed there; and so of others that have one. */
function inCompartment({ of, id }: Compartment, resource: Resource, around: World): boolean {
  const { resourceType: type } = resource
  const named = r4CompartmentParameters(of, type)
  if (type === of && resource.id === id && (of === 'Patient' || named.includes('{def}'))) return true
  return named.some((code) => {
    const parameter = around.parameters(type, code)
    return parameter !== undefined && refersTo(parameter, resource, { resourceType: of, id }, around)
  })
}

function meetsOwn({ parameter, modifier, values }: Own, resource: Resource, around: World): boolean {
  const [first] = values
  if (first?.kind === 'missing') return (elementsFor(parameter, resource, around).length === 0) === first.missing
  if (parameter.type === 'composite') {
    const own = around.parameters(resource.resourceType, parameter.code) ?? parameter
    return componentsOf(resource, own).some((parts) => values.some((value) => meetsParts(value, parts, around)))
  }
  const any = elementsFor(parameter, resource, around).some((element) =>
    values.some((value) => meetsValue(value, modifier, element, around)),
  )
  return modifier === 'not' || modifier === 'not-in' ? !any : any
}

/** All parts of a composite are found from one and the same element. */
const meetsParts = (value: Value, parts: readonly (readonly Element[])[], around: World): boolean =>
  value.kind === 'composite' &&
  value.parts.every((part, i) => parts[i]?.some((element) => meetsValue(part, undefined, element, around)))

function meetsValue(value: Value, modifier: Own['modifier'], element: Element, around: World): boolean {
  switch (value.kind) {
    case 'missing':
    case 'composite':
      return false
    case 'token':
      return meetsToken(value, modifier, element, around)
    case 'of-type':
      return isIdentifier(element, value)
    case 'value-set':
      return codingsOf(element).some((coding) =>
        around.members(value.url).some(({ system, code }) => coding.code === code && coding.system === system),
      )
    case 'reference':
    case 'reference-url':
      return isLink(linkOf(element, around.base), value)
    case 'string':
      return modifier === 'text'
        ? textsOf(element).some((text) => matchesText(text, value.text, undefined))
        : stringsOf(element).some((text) => matchesText(text, value.text, modifier)) ||
            (modifier === undefined && tailsOf(element).some((text) => matchesText(text, value.text, undefined)))
    case 'uri':
      return matchesUri(String(element.value), value.uri, modifier)
    case 'date': {
      const there = spanOf(element)
      return there !== undefined && compareSpans(value.prefix, ofBounds(value), there, around.now.getTime())
    }
    case 'number':
      return matchesNumber(element, value)
    case 'quantity':
      return matchesQuantity(element, value, around.canonical)
    case 'near':
      return isNear(element, value)
  }
}

function meetsToken(
  value: Extract<Value, { kind: 'token' }>,
  modifier: Own['modifier'],
  element: Element,
  around: World,
): boolean {
  if (modifier === 'identifier') {
    const identifier = (element.value as { identifier?: Identifier }).identifier
    return identifier !== undefined && isCoding(fromIdentifier(identifier), value)
  }
  const codings = codingsOf(element)
  if (modifier !== 'below' && modifier !== 'above') return codings.some((coding) => isCoding(coding, value))
  const asked: Coding = {
    ...(value.system !== undefined && { system: value.system }),
    ...(value.code !== undefined && { code: value.code }),
  }
  return codings.some((coding) =>
    modifier === 'below' ? around.subsumes(asked, coding) : around.subsumes(coding, asked),
  )
}

/** What `_include` and `_revinclude` add to a page, without what is on it; with `:iterate` also what they add to what was added. */
export function included(
  query: Query,
  page: readonly Resource[],
  all: readonly Resource[],
  around: World = world,
): Resource[] {
  const added = new Set<Resource>()
  const add = (includes: readonly Include[], from: readonly Resource[]) => {
    const more = includes.flatMap((include) =>
      all.filter((one) => !page.includes(one) && !added.has(one) && isIncluded(include, one, from, around)),
    )
    for (const one of more) added.add(one)
    return more
  }
  let more = add(query.includes, page)
  while (more.length > 0)
    more = add(
      query.includes.filter(({ iterate }) => iterate),
      more,
    )
  return [...added]
}

function isIncluded(
  { kind, type, parameter, target }: Include,
  one: Resource,
  page: readonly Resource[],
  around: World,
): boolean {
  const parameters = parameter ? [parameter] : r4ReferenceParameters(type)
  return page.some((other) => {
    const [from, to] = kind === 'include' ? [other, one] : [one, other]
    if (from.resourceType !== type || (target !== undefined && to.resourceType !== target)) return false
    return parameters.some((each) => refersTo(each, from, to, around))
  })
}
