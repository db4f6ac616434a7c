import { isDeepStrictEqual } from 'node:util'

/** One step of a JSON patch (RFC 6902). */
export interface Operation {
  op: 'add' | 'remove' | 'replace'
  path: string
  value?: unknown
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What makes `before` into `after`. A list that differs is replaced whole: positions in it mean nothing to a reader. */
export function patchOf(before: unknown, after: unknown, path = ''): Operation[] {
  if (isDeepStrictEqual(before, after)) return []
  if (!isObject(before) || !isObject(after)) return [{ op: 'replace', path, value: after }]
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key): Operation[] => {
    const at = `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
    if (!(key in after)) return [{ op: 'remove', path: at }]
    if (!(key in before)) return [{ op: 'add', path: at, value: after[key] }]
    return patchOf(before[key], after[key], at)
  })
}
