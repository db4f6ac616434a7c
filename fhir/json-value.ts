import { Problem } from '#platform/errors.ts'
import { Decimal, numberOf } from './decimal.ts'

/** An object as JSON.parse makes it. */
export type JsonObject = Record<string, unknown>

/** Deeper than any resource of worth, and far from what ends the stack. */
export const MAX_DEPTH = 100

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Decimal)

/** As own member, so that no name that a caller sends reaches a prototype. */
export const ownValue = (holder: JsonObject, name: string): unknown =>
  Object.hasOwn(holder, name) ? holder[name] : undefined

/** Walks with a list of its own: what is nested without end must not end the stack. */
export function isTooDeep(value: unknown): boolean {
  let level: unknown[] = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return true
    const next: unknown[] = []
    for (const one of level)
      if (typeof one === 'object' && one !== null)
        for (const inner of Object.values(one)) if (typeof inner === 'object' && inner !== null) next.push(inner)
    level = next
  }
  return false
}

/**
 * A copy that shares nothing with what it was made from. `spend` is told of each value, and how many characters it has.
 * @throws Problem `invalid`: deeper than MAX_DEPTH, or with a member `__proto__`, which no element is called
 */
export function copyOf<T>(value: T, spend: (size: number) => void = () => {}, depth = 0): T {
  if (typeof value !== 'object' || value === null || value instanceof Decimal) {
    spend(typeof value === 'string' ? value.length + 1 : 1)
    return value
  }
  if (depth >= MAX_DEPTH) throw new Problem('invalid', 'The content is nested too deeply.')
  spend(1)
  if (Array.isArray(value)) return value.map((one) => copyOf(one, spend, depth + 1)) as T
  const copy: JsonObject = {}
  for (const [name, one] of Object.entries(value)) {
    if (name === '__proto__') throw new Problem('invalid', 'No element may be called __proto__.')
    spend(name.length)
    copy[name] = copyOf(one, spend, depth + 1)
  }
  return copy as T
}

/** Equal as JSON (RFC 6902 §4.6): members in any order, numbers by their value. Both have been through copyOf, so their depth has an end. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true
  const number = numberOf(a)
  if (number !== undefined) return number === numberOf(b)
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((one, i) => isSame(one, b[i]))
  if (!isObject(a) || !isObject(b)) return false
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && isSame(a[name], b[name]))
  )
}
