/** Of fewer, somebody who knows one of them could tell the rest. */
export const FEWEST = 5

/**
 * Counts that are shown: small ones are not. Where what is left out follows from the total, or comes to few as well, neither is the smallest of the others.
 * None at all says nothing about anybody.
 */
export function shownCounts(counts: readonly number[]): (number | undefined)[] {
  const small = counts.filter((count) => count > 0 && count < FEWEST)
  const least = Math.min(...counts.filter((count) => count >= FEWEST))
  const other = isTold(small) ? counts.indexOf(least) : -1
  return counts.map((count, i) => ((count > 0 && count < FEWEST) || i === other ? undefined : count))
}

/** Whether their sum says what each of them is: there is one, they are few together, or each is the least or the most that is left out. */
function isTold(small: readonly number[]): boolean {
  const sum = small.reduce((a, b) => a + b, 0)
  return small.length > 0 && (small.length === 1 || sum < FEWEST || new Set(small).size === 1)
}
