import { Problem } from '#platform/errors.ts'
import { numberOf } from '../decimal.ts'
import { isObject, type JsonObject } from '../json-value.ts'
import type { Resource } from '../resource.ts'
import { type ElementDefinition, jsonName } from '../types/definitions.ts'
import { elementOf, memberOf } from '../types/element-of.ts'
import type { Expression, Path, Step } from './path.ts'
import { lengthOf, type Place, partsOf, rootOf, valueAt } from './place.ts'

/** Told of each place that is passed, in characters that could be copied in the time; throws when there were too many. */
type Spend = (size: number) => void

/** Measured: a place passed takes about as long as twenty characters copied. */
const PASSED = 20

/**
 * The places in a resource that a path leads to, in their order. Elements that the type does not have lead nowhere.
 * @throws Problem `business-rule`: `single()` of more than one, or a criterion that is no yes or no; and whatever `spend` throws
 */
export function findPlaces(resource: Resource, path: Path, spend: Spend): Place[] {
  const root = rootOf(resource)
  const [first] = path
  const named = first?.kind === 'member' && [resource.resourceType, 'Resource', 'DomainResource'].includes(first.name)
  return follow([root], named ? path.slice(1) : path, spend)
}

function follow(from: Place[], path: Path, spend: Spend): Place[] {
  let places = from
  for (const step of path) {
    places = stepped(places, step, spend)
    spend(PASSED * (places.length + 1))
    if (places.length === 0) return places
  }
  return places
}

function stepped(places: Place[], step: Step, spend: Spend): Place[] {
  switch (step.kind) {
    case 'this':
      return places
    case 'member':
      return places.flatMap((place) => membersOf(place, step.name))
    case 'index':
      return places.slice(step.index, step.index + 1)
    case 'first':
      return places.slice(0, 1)
    case 'last':
      return places.slice(-1)
    case 'tail':
      return places.slice(1)
    case 'skip':
      return places.slice(step.count)
    case 'take':
      return places.slice(0, step.count)
    case 'single':
      if (places.length > 1) throw new Problem('business-rule', 'A path asks for a single element, and there are more.')
      return places
    case 'ofType':
      return places.filter(({ type }) => type === step.type)
    case 'where':
      return places.filter((place) => isTrue(valuesOf(step.criteria, place, spend)) === true)
    case 'extension':
      return places
        .flatMap((place) => membersOf(place, 'extension'))
        .filter((place) => (valueAt(place) as JsonObject | undefined)?.url === step.url)
  }
}

function membersOf(place: Place, name: string): Place[] {
  const parts = partsOf(place)
  if (!parts) return []
  const element = elementOf(place.type, name)
  if (element)
    return element.types.flatMap((type) => placesIn(place, parts, element, { member: jsonName(element, type), type }))
  // Not FHIRPath's name for it, but what many write: deceasedBoolean.
  const found = memberOf(place.type, name)
  return found ? placesIn(place, parts, found.element, { member: name, type: found.type }) : []
}

function placesIn(
  parent: Place,
  holder: JsonObject,
  { max, types, isChoice }: ElementDefinition,
  { member, type }: { member: string; type: string },
): Place[] {
  if (!isChoice && types.length > 1 && type !== types[0]) return []
  const at = (index: number | undefined): Place => {
    const place = { parent, holder, member, index, type }
    const value = type === 'Resource' ? valueAt(place) : undefined
    return isObject(value) && typeof value.resourceType === 'string' ? { ...place, type: value.resourceType } : place
  }
  if (max > 1) return Array.from({ length: lengthOf(holder, member) }, (_, index) => at(index))
  return Object.hasOwn(holder, member) || Object.hasOwn(holder, `_${member}`) ? [at(undefined)] : []
}

/** A primitive that has an id or extensions and nothing else: it exists, and equals nothing. */
const NO_VALUE = Symbol('no value')

/** What an expression is for an element: a collection, as everything in FHIRPath. */
function valuesOf(expression: Expression, place: Place, spend: Spend): unknown[] {
  spend(PASSED)
  switch (expression.kind) {
    case 'literal':
      return [expression.value]
    case 'path':
      return follow([place], expression.path, spend).map((one) => valueAt(one) ?? NO_VALUE)
    case '=':
    case '!=': {
      const [left, right] = [valuesOf(expression.left, place, spend), valuesOf(expression.right, place, spend)]
      if (left.length === 0 || right.length === 0 || [...left, ...right].includes(NO_VALUE)) return []
      const same = left.length === right.length && left.every((one, i) => isEqual(one, right[i], spend))
      return [same === (expression.kind === '=')]
    }
    case 'exists':
      return [valuesOf(expression.of, place, spend).length > 0]
    case 'empty':
      return [valuesOf(expression.of, place, spend).length === 0]
    case 'not': {
      const truth = isTrue(valuesOf(expression.of, place, spend))
      return truth === undefined ? [] : [!truth]
    }
    default: {
      const left = isTrue(valuesOf(expression.left, place, spend))
      const truth = joined(expression.kind, left, isTrue(valuesOf(expression.right, place, spend)))
      return truth === undefined ? [] : [truth]
    }
  }
}

/** Of values without parts: what has some would be compared as often as a path of 2,000 characters can ask. */
function isEqual(a: unknown, b: unknown, spend: Spend): boolean {
  if (isObject(a) || isObject(b))
    throw new Problem('business-rule', 'A path compares elements that have parts; compare one of these.')
  spend(typeof a === 'string' ? 1 + a.length / 16 : 1)
  return (numberOf(a) ?? a) === (numberOf(b) ?? b)
}

/** hl7.org/fhirpath/N1/#boolean-logic: nothing is neither true nor false. */
function joined(
  kind: 'and' | 'or' | 'xor',
  left: boolean | undefined,
  right: boolean | undefined,
): boolean | undefined {
  if (kind === 'and') return left === false || right === false ? false : left && right
  if (kind === 'or') return left === true || right === true ? true : left === undefined ? undefined : right
  return left === undefined || right === undefined ? undefined : left !== right
}

/** One thing that is no boolean counts as true (hl7.org/fhirpath/N1/#singleton-evaluation-of-collections). */
function isTrue(values: unknown[]): boolean | undefined {
  if (values.length > 1) throw new Problem('business-rule', 'A criterion in a path is neither true nor false.')
  const [value] = values
  return value === undefined || value === NO_VALUE ? undefined : typeof value === 'boolean' ? value : true
}
