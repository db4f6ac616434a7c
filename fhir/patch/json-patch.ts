import { type FieldError, Problem } from '#platform/errors.ts'
import { copyOf, isObject, isSame, type JsonObject, ownValue } from '../json-value.ts'
import type { Resource } from '../resource.ts'
import { placeAt, pointerFrom } from './json-pointer.ts'
import { MAX_OPERATIONS, samePatched, spender } from './limits.ts'

// Of our own, after two packages were tried with hostile patches. rfc6902 5.4.0: `add /hasOwnProperty/x` writes to a function that all objects share,
// `replace /list/length` empties a list, and a `test` of a list of 1,500 against another ends the process (4 GB, 50 s). fast-json-patch 3.1.1, without a release
// for years: a value nested 20,000 deep ends in a RangeError, and twenty copies of the whole in one another are made without a bound.

interface Operation {
  op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test'
  path: readonly string[]
  /** Of move and copy. */
  from: readonly string[]
  /** Of add, replace and test. */
  value: unknown
}

/** What each has beside `op` and `path`. */
const NEEDS: Readonly<Record<Operation['op'], 'value' | 'from' | undefined>> = {
  add: 'value',
  remove: undefined,
  replace: 'value',
  move: 'from',
  copy: 'from',
  test: 'value',
}

/**
 * The resource after a JSON Patch (RFC 6902): all operations or none, and the resource given stays as it is. At most 1,000 operations, and work in proportion to
 * what is sent: what `copy` makes counts too.
 * @param operations the body of the request as it came
 * @throws Problem `invalid`: no JSON Patch; `business-rule`: a place that is not there, or a `test` that fails; `too-long`: it would take or make too much
 */
export function jsonPatch(resource: Resource, operations: unknown): Resource {
  const spend = spender()
  let document: unknown = copyOf(resource)
  for (const [i, operation] of operationsIn(operations).entries()) document = applied(document, operation, i, spend)
  return samePatched(resource, document)
}

function operationsIn(body: unknown): Operation[] {
  if (!Array.isArray(body) || body.length > MAX_OPERATIONS)
    throw new Problem('invalid', 'A JSON Patch is a list of at most 1,000 operations.', {
      errors: [{ pointer: '/body', detail: 'is not a list of at most 1,000 operations' }],
    })
  const errors: FieldError[] = []
  const operations = body.map((one, i) =>
    operationFrom(one, (part, detail) => errors.push({ pointer: `/body/${i}${part}`, detail })),
  )
  if (errors.length > 0)
    throw new Problem('invalid', 'Operations of the JSON Patch are wrong; see errors.', { errors: errors.slice(0, 20) })
  return operations
}

function operationFrom(given: unknown, fault: (part: string, detail: string) => void): Operation {
  const one: JsonObject = isObject(given) ? given : {}
  const op = ownValue(one, 'op')
  const known = typeof op === 'string' && Object.hasOwn(NEEDS, op)
  if (!known) fault('/op', 'is none of add, remove, replace, move, copy and test')
  const need = known ? NEEDS[op as Operation['op']] : undefined
  const pointer = (name: 'path' | 'from') => {
    const tokens = pointerFrom(ownValue(one, name))
    if (!tokens) fault(`/${name}`, 'is no JSON pointer')
    return tokens ?? []
  }
  const path = pointer('path')
  const from = need === 'from' ? pointer('from') : []
  if (need === 'value' && !Object.hasOwn(one, 'value')) fault('/value', 'is missing')
  if (op === 'move' && from.length < path.length && from.every((token, i) => token === path[i]))
    fault('/path', 'lies within what is moved')
  return { op: op as Operation['op'], path, from, value: ownValue(one, 'value') }
}

type Spend = (size: number) => void

/** The document after one operation; it is changed in place but where the whole is replaced. */
function applied(document: unknown, operation: Operation, i: number, spend: Spend): unknown {
  const { op, path, from } = operation
  const at = (part: 'path' | 'from') => `/body/${i}/${part}`
  switch (op) {
    case 'add':
      return added(document, path, copyOf(operation.value, spend), at('path'), spend)
    case 'remove':
      return removed(document, path, at('path'), spend)
    case 'replace':
      return replaced(document, path, copyOf(operation.value, spend), at('path'))
    case 'move': {
      const value = valueAt(document, from, at('from'))
      return added(removed(document, from, at('from'), spend), path, value, at('path'), spend)
    }
    case 'copy':
      return added(document, path, copyOf(valueAt(document, from, at('from')), spend), at('path'), spend)
    case 'test':
      if (!isSame(copyOf(operation.value, spend), valueAt(document, path, at('path'))))
        throw new Problem('business-rule', 'A test of the JSON Patch failed; nothing was changed.', {
          errors: [{ pointer: at('path'), detail: 'holds another value' }],
        })
      return document
  }
}

function valueAt(document: unknown, path: readonly string[], pointer: string): unknown {
  if (path.length === 0) return document
  const place = placeAt(document, path)
  if (!place?.there) throw notThere(pointer)
  return place.list ? place.list[place.index] : place.object[place.name]
}

function added(document: unknown, path: readonly string[], value: unknown, pointer: string, spend: Spend): unknown {
  if (path.length === 0) return value
  const place = placeAt(document, path)
  if (!place) throw notThere(pointer)
  if (place.list) {
    // What stands behind moves on: a long list that is added to at its front a thousand times would else cost nothing.
    spend(place.list.length - place.index)
    place.list.splice(place.index, 0, value)
  } else place.object[place.name] = value
  return document
}

function removed(document: unknown, path: readonly string[], pointer: string, spend: Spend): unknown {
  const place = path.length === 0 ? undefined : placeAt(document, path)
  if (!place?.there) throw notThere(pointer)
  if (place.list) {
    spend(place.list.length - place.index)
    place.list.splice(place.index, 1)
  } else delete place.object[place.name]
  return document
}

function replaced(document: unknown, path: readonly string[], value: unknown, pointer: string): unknown {
  if (path.length === 0) return value
  const place = placeAt(document, path)
  if (!place?.there) throw notThere(pointer)
  if (place.list) place.list[place.index] = value
  else place.object[place.name] = value
  return document
}

const notThere = (pointer: string) =>
  new Problem('business-rule', 'A place that the JSON Patch names is not there; nothing was changed.', {
    errors: [{ pointer, detail: 'leads to nothing' }],
  })
