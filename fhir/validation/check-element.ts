import { hasCodeOf } from './bindings.ts'
import { checkPrimitive, checkPrimitiveList } from './check-primitive.ts'
import { checkTarget } from './check-target.ts'
import { type CompiledType, compiledType, type Field, resourceTypeOf } from './compiled-type.ts'
import type { Trail } from './issue.ts'

// hl7.org/fhir/R4/json.html, element by element. Everything here is called for each element of each resource that comes: it allocates nothing where all is well.

type Members = Readonly<Record<string, unknown>>

/** `resource` has been entered. Each has its own contained ones, but those share them with what is around. */
export function checkResource(resource: object, type: CompiledType, trail: Trail): void {
  const { resource: around, bundle } = trail
  if (!trail.isContained) trail.resource = resource
  if (type.name === 'Bundle') trail.bundle = resource
  checkMembers(resource as Members, type, trail)
  trail.resource = around
  trail.bundle = bundle
}

/** `hasValue`: of a primitive, which stands elsewhere. */
function checkMembers(element: Members, type: CompiledType, trail: Trail, hasValue = false): void {
  const { fields } = type
  const before = trail.issues.length
  let [present, members] = [0, 0]
  let choices: Field[] | undefined
  for (const key in element) {
    if (trail.isFull) return
    members++
    const field = fields.get(key) ?? companionOf(key, fields)
    if (!field) {
      if (key !== 'resourceType' || !type.isResource) unknown(key, trail)
      continue
    }
    present |= field.bit
    if (field.choice > 0) choices = another(choices, field, trail)
    if (key === field.json) checkField(element[key], element, field, trail)
    else checkCompanion(element, field, key, trail)
  }
  if (members === 0) trail.found('structure', 'An object must not be empty.')
  else if (members === 1 && !type.isResource && !hasValue && 'id' in element)
    trail.found('invariant', 'ele-1: an element must have a value or children; an id alone is none.')
  missing(present, type, trail)
  if (trail.issues.length > before) return
  for (const { key, holds, says } of type.invariants)
    if (!holds(element, trail)) trail.found('invariant', `${key}: ${says}`)
}

/** `_birthDate` stands beside `birthDate`: hl7.org/fhir/R4/json.html#primitive. */
function companionOf(key: string, fields: ReadonlyMap<string, Field>): Field | undefined {
  if (key.charCodeAt(0) !== 95) return undefined
  const field = fields.get(key.slice(1))
  return field?.primitive ? field : undefined
}

/** A name that came is told only where it can be one: nobody's data. */
function unknown(key: string, trail: Trail): void {
  trail.found('structure', 'No element of this name may be here.', /^[A-Za-z_]\w{0,63}$/.test(key) ? key : '')
}

function another(choices: Field[] | undefined, field: Field, trail: Trail): Field[] {
  if (!choices) return [field]
  if (choices.some((other) => other.choice === field.choice && other.json !== field.json))
    trail.found('structure', 'Only one of the types of this element may be used at once.', field.name)
  choices.push(field)
  return choices
}

function missing(present: number, { required }: CompiledType, trail: Trail): void {
  for (let at = 0; at < required.length; at++)
    if ((present & (1 << at)) === 0) trail.found('required', 'This element must be there.', required[at])
}

function checkField(value: unknown, element: Members, field: Field, trail: Trail): void {
  if (!field.isList) {
    if (field.primitive) checkPrimitive(value, field, -1, trail)
    else checkComplex(value, field, -1, trail)
    return
  }
  if (!Array.isArray(value)) trail.found('structure', 'A list is needed here.', field.name)
  else if (value.length === 0) trail.found('structure', 'A list must not be empty.', field.name)
  else if (field.primitive) checkPrimitiveList(value, element[`_${field.json}`], field, trail)
  else
    for (let at = 0; at < value.length; at++) {
      if (trail.isFull) return
      checkComplex(value[at], field, at, trail)
    }
}

function checkComplex(value: unknown, field: Field, index: number, trail: Trail): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    trail.found('structure', 'An object is needed here.', field.name, index)
    return
  }
  if (!trail.enter(field.name, index)) return
  if (field.type) {
    checkMembers(value as Members, field.type, trail)
    if (field.bound && !hasCodeOf(field.bound, value as Members))
      trail.found('code-invalid', 'A code of the value set that R4 requires is needed here.')
    if (field.targets) checkTarget(value as Members, field.targets, trail)
  } else if (field.name === 'contained') checkContained(value as Members, trail)
  else checkInner(value, trail)
  trail.leave()
}

/** The resource of an entry, of a parameter: of any type, and looked at for itself. */
function checkInner(resource: object, trail: Trail): void {
  const type = resourceTypeOf((resource as Members).resourceType)
  if (type) checkResource(resource, type, trail)
  else trail.found('structure', 'A resource must say its resourceType, one of R4.')
}

/** hl7.org/fhir/R4/references.html#contained. */
function checkContained(resource: Members, trail: Trail): void {
  if (resource.contained !== undefined)
    trail.found('invariant', 'dom-2: what is contained must not contain resources itself.', 'contained')
  if (resource.id === undefined) trail.found('required', 'What is contained must have an id.', 'id')
  const isContained = trail.isContained
  trail.isContained = true
  checkInner(resource, trail)
  trail.isContained = isContained
}

/** `_given` beside `given`: as many, each an element or null. */
function checkCompanion(element: Members, field: Field, key: string, trail: Trail): void {
  const companion = element[key]
  if (!field.isList) {
    checkOne(companion, field, -1, element[field.json] !== undefined, trail)
    return
  }
  const values = element[field.json]
  if (!Array.isArray(companion) || companion.length === 0)
    trail.found('structure', 'A list is needed here, as of the values.', field.name)
  else if (Array.isArray(values) && values.length !== companion.length)
    trail.found('structure', 'The list of extensions must be as long as that of the values.', field.name)
  else
    for (let at = 0; at < companion.length; at++) {
      if (trail.isFull) return
      const hasValue = Array.isArray(values) && values[at] !== null
      if (companion[at] !== null || !hasValue) checkOne(companion[at], field, at, hasValue, trail)
    }
}

/** With a value, an id alone will do. */
function checkOne(value: unknown, field: Field, index: number, hasValue: boolean, trail: Trail): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    trail.found('structure', 'An object is needed here.', field.name, index)
  else if (trail.enter(field.name, index)) {
    checkMembers(value as Members, compiledType('Element'), trail, hasValue)
    trail.leave()
  }
}
