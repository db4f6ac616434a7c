/** Of fewer, somebody who knows one of them could tell the rest. */
const FEWEST = 5

/**
 * A count as it is shown: small ones are not, and the others to the nearest five. So neither a total and its parts, nor two reports of which one is in the
 * other, tell the difference between them; none at all says nothing about anybody.
 */
export const shownCount = (count: number): number | undefined =>
  count > 0 && count < FEWEST ? undefined : Math.round(count / FEWEST) * FEWEST
