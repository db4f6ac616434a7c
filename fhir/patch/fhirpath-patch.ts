import { Problem } from '#platform/errors.ts'
import { findPlaces } from '../fhirpath/find-places.ts'
import { lengthOf, type Place, partsOf, valueAt } from '../fhirpath/place.ts'
import { copyOf, type JsonObject } from '../json-value.ts'
import type { Resource } from '../resource.ts'
import { type ElementDefinition, jsonName } from '../types/definitions.ts'
import { elementOf, memberOf } from '../types/element-of.ts'
import { samePatched, spender } from './limits.ts'
import { operationsIn, type PatchOperation } from './patch-parameters.ts'
import { append, listAt, type PatchValue, padded, patchValue, set, setList } from './patch-value.ts'

type Spend = (size: number) => void

/**
 * The resource after a FHIRPath Patch (hl7.org/fhir/R4/fhirpatch.html): all operations or none, each upon what those before it made, and the resource given
 * stays as it is. At most 1,000 operations; what of FHIRPath is understood, parsePath() says. What becomes empty by `delete` goes too, as FHIR has nothing empty.
 * @param parameters the body of the request as it came
 * @throws Problem `invalid`: no such patch; `business-rule`: a path that leads to nothing or to more than one place, a value of the wrong type, an element that
 * the type does not have or that is there already; `too-long`: it would take too long
 */
export function fhirpathPatch(resource: Resource, parameters: unknown): Resource {
  const operations = operationsIn(parameters)
  const spend = spender()
  const document = copyOf(resource)
  for (const operation of operations) APPLY[operation.type](document, operation, spend)
  return samePatched(resource, document)
}

const APPLY: Readonly<
  Record<PatchOperation['type'], (document: Resource, operation: PatchOperation, spend: Spend) => void>
> = {
  add(document, operation, spend) {
    const place = onlyPlace(document, operation, spend)
    const element = elementOf(place.type, operation.name) ?? memberOf(place.type, operation.name)?.element
    if (!element) throw refused(operation, 'name', 'is no element of what the path leads to')
    const value = valueFor(operation, element, spend)
    const holder = partsOf(place) ?? emptyBeside(place)
    if (element.max > 1) spend(lengthOf(holder, jsonName(element, value.type)))
    if (!append(holder, element, value)) throw refused(operation, 'name', 'is there already, and does not repeat')
  },
  insert(document, operation, spend) {
    const { holder, member, element } = listOf(document, operation, spend)
    const length = lengthOf(holder, member)
    if (operation.index > length) throw refused(operation, 'index', 'lies behind the end of the list')
    const { value, beside } = valueFor(operation, element, spend)
    changeList(holder, member, (values, besides) => {
      values.splice(operation.index, 0, value ?? null)
      besides.splice(operation.index, 0, beside ?? null)
    })
    spend(length)
  },
  delete(document, operation, spend) {
    const places = findPlaces(document, operation.path, spend)
    if (places.length > 1) throw refused(operation, 'path', 'leads to more than one element')
    const [place] = places
    if (place) remove(place, operation, spend)
  },
  replace(document, operation, spend) {
    const place = onlyPlace(document, operation, spend)
    const element = memberOf(place.parent?.type ?? '', place.member)?.element
    if (!place.parent || !element) throw refused(operation, 'path', 'leads to what cannot be replaced')
    const { type, value, beside } = valueFor(operation, element, spend)
    const { holder, member, index } = place
    if (index === undefined) {
      for (const one of [member, `_${member}`]) delete holder[one]
      set(holder, jsonName(element, type), value)
      set(holder, `_${jsonName(element, type)}`, beside)
    } else
      changeList(holder, member, (values, besides) => {
        values[index] = value ?? null
        besides[index] = beside ?? null
      })
    spend(index === undefined ? 1 : lengthOf(holder, member))
  },
  move(document, operation, spend) {
    const { holder, member } = listOf(document, operation, spend)
    const { source, destination } = operation
    const length = lengthOf(holder, member)
    if (source >= length) throw refused(operation, 'source', 'lies behind the end of the list')
    if (destination >= length) throw refused(operation, 'destination', 'lies behind the end of the list')
    spend(length)
    changeList(holder, member, (...lists) => {
      for (const list of lists) list.splice(destination, 0, ...list.splice(source, 1))
    })
  },
}

function onlyPlace(document: Resource, operation: PatchOperation, spend: Spend): Place {
  const [place, ...more] = findPlaces(document, operation.path, spend)
  if (!place) throw refused(operation, 'path', 'leads to nothing')
  if (more.length > 0) throw refused(operation, 'path', 'leads to more than one element')
  return place
}

/** The list that a path names by its last member; it need not be there, but what it is part of must. */
function listOf(document: Resource, operation: PatchOperation, spend: Spend) {
  const last = operation.path.at(-1)
  if (last?.kind !== 'member') throw refused(operation, 'path', 'names no list')
  const parent = onlyPlace(document, { ...operation, path: operation.path.slice(0, -1) }, spend)
  const element = elementOf(parent.type, last.name)
  if (!element || element.max === 1) throw refused(operation, 'path', 'names no list')
  return { holder: partsOf(parent) ?? emptyBeside(parent), member: jsonName(element, element.types[0] ?? ''), element }
}

function valueFor(operation: PatchOperation, element: ElementDefinition, spend: Spend): PatchValue {
  const value = patchValue(operation.value, element)
  if (!value) throw refused(operation, 'value', 'is of no type that the element has, or empty')
  return copyOf(value, spend)
}

/** What is beside a primitive that has nothing beside it yet. */
function emptyBeside(place: Place): JsonObject {
  const made: JsonObject = {}
  setBeside(place, made)
  return made
}

function setBeside({ holder, member, index }: Place, beside: JsonObject | undefined): void {
  if (index === undefined) set(holder, `_${member}`, beside)
  else
    changeList(holder, member, (_, besides) => {
      besides[index] = beside ?? null
    })
}

function changeList(holder: JsonObject, member: string, change: (values: unknown[], besides: unknown[]) => void): void {
  const length = lengthOf(holder, member)
  const values = padded(listAt(holder, member), length)
  const besides = padded(listAt(holder, `_${member}`), length)
  change(values, besides)
  setList(holder, member, values, besides)
}

/** Takes an element out, and then whatever is left without content around it. */
function remove(place: Place, operation: PatchOperation, spend: Spend): void {
  if (!place.parent) throw refused(operation, 'path', 'leads to the resource itself')
  for (let one: Place | undefined = place; one?.parent; one = one.parent) {
    const { holder, member, index } = one
    if (index === undefined) for (const name of [member, `_${member}`]) delete holder[name]
    else {
      spend(lengthOf(holder, member))
      changeList(holder, member, (...lists) => {
        for (const list of lists) list.splice(index, 1)
      })
    }
    if (Object.keys(holder).length > 0) return
    if (valueAt(one.parent) !== holder) {
      setBeside(one.parent, undefined)
      if ((valueAt(one.parent) ?? null) !== null) return
    }
  }
}

const refused = ({ pointer, pointers }: PatchOperation, part: string, detail: string) =>
  new Problem('business-rule', 'An operation of the patch cannot be carried out; nothing was changed.', {
    errors: [{ pointer: pointers.get(part) ?? pointer, detail }],
  })
