import { isObject, type JsonObject, ownValue } from '../json-value.ts'
import { type ElementDefinition, isResourceType, jsonName } from '../types/definitions.ts'
import { elementOf, isPrimitive, memberOf } from '../types/element-of.ts'

/** What stands for an element in JSON. `beside`: of a primitive its id and extensions. */
export interface PatchValue {
  type: string
  value: unknown
  beside: JsonObject | undefined
}

/** Elements that have no name for their type come as parts in parts: as deep as any in R4, and the extensions of these. */
const MAX_DEPTH = 20

/** Types whose values are written alike, so that a client need not know which of them an element has. */
const ALIKE: readonly (readonly string[])[] = [
  ['string', 'code', 'id', 'markdown', 'xhtml', 'uri', 'url', 'canonical', 'oid', 'uuid'],
  ['date', 'dateTime', 'instant'],
  ['integer', 'unsignedInt', 'positiveInt', 'decimal'],
]

/**
 * The value that a part of a FHIRPath Patch has for an element: as value[x], as a resource, or as a part for each element
 * (hl7.org/fhir/R4/fhirpatch.html). Undefined: it has none, or one of a type that the element does not have.
 */
export function patchValue(part: JsonObject, element: ElementDefinition, depth = 0): PatchValue | undefined {
  if (depth > MAX_DEPTH) return undefined
  const resource = ownValue(part, 'resource')
  if (isObject(resource))
    return element.types.includes('Resource') && isResourceType(`${resource.resourceType}`)
      ? { type: 'Resource', value: resource, beside: undefined }
      : undefined
  const parts = ownValue(part, 'part')
  const [only] = element.types
  if (Array.isArray(parts)) {
    // Which type of a choice parts are for, nothing would say.
    if (element.types.length !== 1 || only === undefined || isPrimitive(only)) return undefined
    const value = fromParts(parts, only, depth)
    return value && { type: only, value, beside: undefined }
  }
  return fromMember(part, element)
}

function fromMember(part: JsonObject, element: ElementDefinition): PatchValue | undefined {
  const members = Object.keys(part).filter((name) => name.startsWith('value') || name.startsWith('_value'))
  const [member] = new Set(members.map((name) => name.replace('_', '')))
  if (member === undefined || members.some((name) => name.replace('_', '') !== member)) return undefined
  const given = memberOf('Extension', member)?.type
  const type = given && typeFor(element, given)
  if (!given || !type) return undefined
  const [value, beside] = [ownValue(part, member) ?? undefined, ownValue(part, `_${member}`)]
  if (isPrimitive(given) ? isObject(value) || Array.isArray(value) : !isObject(value)) return undefined
  if (value === undefined && !isObject(beside)) return undefined
  return { type, value, beside: isObject(beside) && isPrimitive(given) ? beside : undefined }
}

/** Of a choice the type decides what the member is called, so there it must be one of them. */
function typeFor({ types, isChoice }: ElementDefinition, given: string): string | undefined {
  if (types.includes(given) || isChoice) return types.find((type) => type === given)
  return types.find((type) => ALIKE.some((alike) => alike.includes(type) && alike.includes(given)))
}

function fromParts(parts: readonly unknown[], type: string, depth: number): JsonObject | undefined {
  const holder: JsonObject = {}
  for (const part of parts) {
    if (!isObject(part) || typeof part.name !== 'string') return undefined
    const element = elementOf(type, part.name) ?? memberOf(type, part.name)?.element
    const made = element && patchValue(part, element, depth + 1)
    if (!made || !append(holder, element, made)) return undefined
  }
  return Object.keys(holder).length > 0 ? holder : undefined
}

/** Puts it at the end of a list, or where nothing stands yet. False: something does. */
export function append(holder: JsonObject, element: ElementDefinition, { type, value, beside }: PatchValue): boolean {
  const member = jsonName(element, type)
  if (element.max > 1) {
    const [values, besides] = [listAt(holder, member), listAt(holder, `_${member}`)]
    const length = Math.max(values.length, besides.length)
    setList(holder, member, [...padded(values, length), value ?? null], [...padded(besides, length), beside ?? null])
    return true
  }
  const taken = element.types.map((one) => jsonName(element, one))
  if (taken.some((one) => Object.hasOwn(holder, one) || Object.hasOwn(holder, `_${one}`))) return false
  set(holder, member, value)
  set(holder, `_${member}`, beside)
  return true
}

export function listAt(holder: JsonObject, member: string): unknown[] {
  const list = ownValue(holder, member)
  return Array.isArray(list) ? list : []
}

export const padded = (list: unknown[], length: number): unknown[] => [
  ...list,
  ...Array.from({ length: length - list.length }, () => null),
]

/** A list of values and of what is beside them; one of which nothing is left is no longer there (hl7.org/fhir/R4/json.html#primitive). */
export function setList(holder: JsonObject, member: string, values: unknown[], besides: unknown[]): void {
  set(holder, member, values.some((one) => one !== null) ? values : undefined)
  set(holder, `_${member}`, besides.some((one) => one !== null) ? besides : undefined)
}

export function set(holder: JsonObject, member: string, value: unknown): void {
  if (value === undefined) delete holder[member]
  else holder[member] = value
}
