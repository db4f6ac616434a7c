/** Of fewer, somebody who knows one of them could tell the rest. */
export const FEWEST = 5

/**
 * Counts that are shown: small ones are not, and where one alone is left out, neither is the smallest of the others, since it would follow from the total.
 * None at all says nothing about anybody.
 */
export function shownCounts(counts: readonly number[]): (number | undefined)[] {
  const small = counts.filter((count) => count > 0 && count < FEWEST)
  const least = Math.min(...counts.filter((count) => count >= FEWEST))
  const other = small.length === 1 ? counts.indexOf(least) : -1
  return counts.map((count, i) => ((count > 0 && count < FEWEST) || i === other ? undefined : count))
}
