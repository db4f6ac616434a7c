export interface Telling {
  name: string
  /** Median milliseconds of an answer about somebody who is here, and about nobody. */
  somebody: number
  nobody: number
  /** By how much the medians of two halves of the same kind differ, at most: what chance does. */
  noise: number
  /** How often, in a hundred, the answer about somebody is the slower one of two: 50 tells nothing. */
  slower: number
  tries: number
}

const median = (list: readonly number[]) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0
const half = (list: readonly number[], which: 0 | 1) => list.filter((_, i) => i % 2 === which)
const apart = (list: readonly number[]) => Math.abs(median(half(list, 0)) - median(half(list, 1)))

/** Mann and Whitney's U, as a share of all pairs in a hundred. */
function slowerOf(somebody: readonly number[], nobody: readonly number[]): number {
  const sorted = nobody.toSorted((a, b) => a - b)
  let faster = 0
  let pairs = 0
  for (const value of somebody.toSorted((a, b) => a - b)) {
    while (faster < sorted.length && (sorted[faster] ?? 0) < value) faster++
    pairs += faster
  }
  return (pairs / (somebody.length * nobody.length)) * 100
}

/** By how much `slower` may be off by chance, at three standard deviations. */
export const chance = ({ tries }: Pick<Telling, 'tries'>) => 300 * Math.sqrt((2 * tries + 1) / (12 * tries * tries))

export function tellingOf(name: string, somebody: readonly number[], nobody: readonly number[]): Telling {
  return {
    name,
    somebody: median(somebody),
    nobody: median(nobody),
    noise: Math.max(apart(somebody), apart(nobody)),
    slower: slowerOf(somebody, nobody),
    tries: nobody.length,
  }
}
