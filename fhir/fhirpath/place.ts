import { isObject, type JsonObject, ownValue } from '../json-value.ts'
import type { Resource } from '../resource.ts'

/** Where an element stands in the JSON of a resource (hl7.org/fhir/R4/json.html). What is beside a primitive value, in `_member`, belongs to it. */
export interface Place {
  /** The element that it is part of; undefined of the resource itself. */
  parent: Place | undefined
  /** The object that has the member. */
  holder: JsonObject
  /** Of a choice with its type: `valueQuantity`. Of the resource itself empty. */
  member: string
  /** Where the member is a list. */
  index: number | undefined
  /** `HumanName`, `code`, `Patient`, or by its path `Patient.contact`. */
  type: string
}

export const rootOf = (resource: Resource): Place => ({
  parent: undefined,
  holder: resource,
  member: '',
  index: undefined,
  type: resource.resourceType,
})

export function valueAt({ parent, holder, member, index }: Place): unknown {
  if (!parent) return holder
  const value = ownValue(holder, member)
  if (index === undefined) return value
  return Array.isArray(value) ? value[index] : undefined
}

/** `id` and extensions of a primitive value. */
export function besideOf({ parent, holder, member, index }: Place): unknown {
  if (!parent) return undefined
  const value = ownValue(holder, `_${member}`)
  if (index === undefined) return value
  return Array.isArray(value) ? value[index] : undefined
}

/** The object that has the parts of the element; of a primitive what is beside it. */
export function partsOf(place: Place): JsonObject | undefined {
  const value = valueAt(place)
  if (isObject(value)) return value
  const beside = besideOf(place)
  return isObject(beside) ? beside : undefined
}

/** How many are in a list, counting those that have no value and something beside it. */
export function lengthOf(holder: JsonObject, member: string): number {
  const [values, besides] = [ownValue(holder, member), ownValue(holder, `_${member}`)]
  return Math.max(Array.isArray(values) ? values.length : 0, Array.isArray(besides) ? besides.length : 0)
}
