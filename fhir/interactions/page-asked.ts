import { Problem } from '#platform/errors.ts'
import { parseDate } from '../query/parse-date.ts'

// How much of it, and since when: what histories and operations are asked with.

const MOST = 1_000
const USUAL = 50

/** `_count`: 1 to 1,000; 50 where nothing is said. */
export function countIn(query: URLSearchParams): number {
  const given = query.get('_count')
  if (given === null) return USUAL
  if (!/^\d{1,9}$/.test(given)) throw wrong('_count', 'must be a number')
  return Math.max(1, Math.min(Number(given), MOST))
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/

export function instantIn(query: URLSearchParams, name: '_since'): Date | undefined {
  const given = query.get(name)?.replace(/ (\d\d:\d\d)$/, '+$1') // a plus that was not encoded
  if (given === undefined) return undefined
  const at = new Date(given)
  if (!INSTANT.test(given) || Number.isNaN(at.getTime()))
    throw wrong(name, 'must be an instant with its offset, such as 2031-03-03T09:00:00Z')
  return at
}

/** A date of some precision stands for all of its time: `2031-03` for March. */
export function timeIn(query: URLSearchParams, name: '_at'): { from: Date; until: Date } | undefined {
  const given = query.get(name)
  if (given === null) return undefined
  if (!/^\d/.test(given)) throw wrong(name, 'must be a date or a time, such as 2031-03 or 2031-03-03T09:00:00Z')
  const { from, until } = parseDate(name, given)
  return { from: new Date(from), until: new Date(until) }
}

export const wrong = (name: string, detail: string) =>
  new Problem('invalid', 'A parameter is wrong; see the issues.', { errors: [{ pointer: `/query/${name}`, detail }] })
