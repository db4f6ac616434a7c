import { isObject, type JsonObject } from '../json-value.ts'

/** Where a pointer leads: to a member of an object, or into a list. `there`: whether something stands there already. */
export type JsonPlace =
  | { list?: undefined; object: JsonObject; name: string; there: boolean }
  | { list: unknown[]; index: number; there: boolean }

const MAX_LENGTH = 2_000
const INDEX = /^(0|[1-9]\d{0,9})$/

/** The tokens of a JSON pointer (RFC 6901); undefined for what is none, is longer than 2,000 characters, or leads through `__proto__`. */
export function pointerFrom(text: unknown): string[] | undefined {
  if (typeof text !== 'string' || text.length > MAX_LENGTH) return undefined
  if (text === '') return []
  if (!text.startsWith('/') || /~(?![01])/.test(text)) return undefined
  const tokens = text
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
  return tokens.includes('__proto__') ? undefined : tokens
}

/** Undefined where what should hold it is not there; `-`, and the index that is the length of a list, lead behind its end. */
export function placeAt(document: unknown, path: readonly string[]): JsonPlace | undefined {
  let value = document
  for (const [i, token] of path.entries()) {
    const place = placeIn(value, token)
    if (!place || i === path.length - 1) return place
    if (!place.there) return undefined
    value = place.list ? place.list[place.index] : place.object[place.name]
  }
  return undefined
}

function placeIn(holder: unknown, token: string): JsonPlace | undefined {
  if (Array.isArray(holder)) {
    const index = token === '-' ? holder.length : INDEX.test(token) ? Number(token) : Number.POSITIVE_INFINITY
    return index <= holder.length ? { list: holder, index, there: index < holder.length } : undefined
  }
  return isObject(holder) ? { object: holder, name: token, there: Object.hasOwn(holder, token) } : undefined
}
