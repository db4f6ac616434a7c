import { type FieldError, Problem } from '#platform/errors.ts'
import { parsePath } from '../fhirpath/parse-path.ts'
import type { Path } from '../fhirpath/path.ts'
import { isObject, type JsonObject, ownValue } from '../json-value.ts'
import { MAX_OPERATIONS } from './limits.ts'

/** One operation of a FHIRPath Patch. `pointer`: where it stands in the body; `pointers`: each of its parts. */
export interface PatchOperation {
  type: 'add' | 'insert' | 'delete' | 'replace' | 'move'
  path: Path
  pointer: string
  pointers: ReadonlyMap<string, string>
  /** Of add. */
  name: string
  /** Of add, insert and replace: the part called `value`. */
  value: JsonObject
  /** Of insert. */
  index: number
  /** Of move. */
  source: number
  destination: number
}

/** The member that a part has its content in; of `value` any will do, so none is named. */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  type: ['valueCode', 'valueString'],
  path: ['valueString'],
  name: ['valueString'],
  index: ['valueInteger', 'valueUnsignedInt', 'valuePositiveInt'],
  source: ['valueInteger', 'valueUnsignedInt', 'valuePositiveInt'],
  destination: ['valueInteger', 'valueUnsignedInt', 'valuePositiveInt'],
  value: [],
}

const NEEDS: Readonly<Record<PatchOperation['type'], readonly string[]>> = {
  add: ['name', 'value'],
  insert: ['index', 'value'],
  delete: [],
  replace: ['value'],
  move: ['source', 'destination'],
}

/**
 * The operations in a Parameters resource (hl7.org/fhir/R4/fhirpatch.html), at most 1,000.
 * @throws Problem `invalid`, with what is wrong in each
 */
export function operationsIn(body: unknown): PatchOperation[] {
  const given = isObject(body) && body.resourceType === 'Parameters' ? (ownValue(body, 'parameter') ?? []) : undefined
  if (!Array.isArray(given) || given.length > MAX_OPERATIONS)
    throw new Problem('invalid', 'A FHIRPath Patch is a Parameters resource with at most 1,000 operations.', {
      errors: [{ pointer: '/body/parameter', detail: 'is not a list of at most 1,000 operations' }],
    })
  const errors: FieldError[] = []
  const operations = given.map((one, i) => operationFrom(one, `/body/parameter/${i}`, errors))
  if (errors.length > 0)
    throw new Problem('invalid', 'Operations of the patch are wrong; see errors.', { errors: errors.slice(0, 20) })
  return operations
}

function operationFrom(given: unknown, pointer: string, errors: FieldError[]): PatchOperation {
  const fault = (at: string, detail: string) => errors.push({ pointer: at, detail })
  if (!isObject(given) || given.name !== 'operation') fault(`${pointer}/name`, 'is not operation')
  const parts = partsIn(isObject(given) ? given : {}, pointer, errors)
  const content = (name: string): unknown => parts.get(name)?.content
  const type = content('type') as PatchOperation['type']
  const known = typeof type === 'string' && Object.hasOwn(NEEDS, type)
  const pointers = new Map([...parts].map(([name, part]) => [name, part.pointer]))
  if (!known)
    fault(pointers.get('type') ?? `${pointer}/part`, 'has no type out of add, insert, delete, replace and move')
  const text = content('path')
  const path = typeof text === 'string' ? parsePath(text) : undefined
  if (!path)
    fault(pointers.get('path') ?? `${pointer}/part`, 'has no path in FHIRPath that leads to elements of this resource')
  for (const name of known ? NEEDS[type] : []) {
    const value = content(name)
    const right = name === 'value' ? isObject(value) : name === 'name' ? typeof value === 'string' : isIndex(value)
    if (!right) fault(pointers.get(name) ?? `${pointer}/part`, `has no ${name}, or one of the wrong form`)
  }
  return {
    type,
    path: path ?? [],
    pointer,
    pointers,
    name: content('name') as string,
    value: content('value') as JsonObject,
    index: content('index') as number,
    source: content('source') as number,
    destination: content('destination') as number,
  }
}

const isIndex = (value: unknown) => typeof value === 'number' && Number.isInteger(value) && value >= 0

/** Parts by their names, each once. */
function partsIn(operation: JsonObject, pointer: string, errors: FieldError[]) {
  const found = new Map<string, { content: unknown; pointer: string }>()
  const parts = ownValue(operation, 'part')
  for (const [i, part] of (Array.isArray(parts) ? parts.slice(0, 20) : []).entries()) {
    const at = `${pointer}/part/${i}`
    const name = isObject(part) && typeof part.name === 'string' ? part.name : ''
    if (!Object.hasOwn(MEMBERS, name))
      errors.push({ pointer: `${at}/name`, detail: `is none of ${Object.keys(MEMBERS).join(', ')}` })
    else if (found.has(name)) errors.push({ pointer: `${at}/name`, detail: 'comes once' })
    else {
      const member = MEMBERS[name]?.find((one) => Object.hasOwn(part, one))
      found.set(name, { content: name === 'value' ? part : ownValue(part, member ?? ''), pointer: at })
    }
  }
  return found
}
