const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
/** Between attempts: a day and two hours in all. */
const WAITS = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 8 * HOUR, 10 * HOUR] as const
export const FIRST_WAIT_MS = WAITS[0]
/** Also while it rests between: what is older is given up. */
export const LONGEST_MS = 28 * HOUR

/** After so many attempts, of something that old; undefined: it is given up. Up to a tenth later, so that what failed together does not come back together. */
export function waitAfter(tries: number, ageMs: number): number | undefined {
  const wait = WAITS[tries]
  return wait === undefined || ageMs > LONGEST_MS ? undefined : wait * (1 + Math.random() / 10)
}
