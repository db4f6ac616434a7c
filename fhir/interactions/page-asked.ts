import { Problem } from '#platform/errors.ts'

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

export function instantIn(query: URLSearchParams, name: '_since' | '_at'): Date | undefined {
  const given = query.get(name)
  if (given === null) return undefined
  const at = new Date(given.replace(/ (\d\d:\d\d)$/, '+$1')) // a plus that was not encoded
  if (!/^\d{4}-\d\d-\d\dT/.test(given) || Number.isNaN(at.getTime()))
    throw wrong(name, 'must be an instant with its offset, such as 2031-03-03T09:00:00Z')
  return at
}

export const wrong = (name: string, detail: string) =>
  new Problem('invalid', 'A parameter is wrong; see the issues.', { errors: [{ pointer: `/query/${name}`, detail }] })
