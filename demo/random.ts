import { createHash } from 'node:crypto'

/** Chance that repeats itself: the same seed gives the same country. */
export interface Random {
  /** At least 0, below 1. */
  next(): number
  /** At least 0, below `below`. */
  int(below: number): number
  between(least: number, most: number): number
  chance(probability: number): boolean
  pick<T>(list: readonly T[]): T
  /** A member, the likelier the larger its share. */
  byShare<T extends { share: number }>(list: readonly T[]): T
  /** Several different members. */
  some<T>(list: readonly T[], count: number): T[]
  /** A UUID of version 7 (RFC 9562 §5.7) whose time is `at`, in milliseconds since 1970. */
  id(at: number): string
}

function byShare<T extends { share: number }>(list: readonly T[], at: number): T {
  let left = at * list.reduce((sum, { share }) => sum + share, 0)
  for (const one of list) {
    left -= one.share
    if (left < 0) return one
  }
  throw new Error('There is nothing to pick from')
}

/** sfc32 (Chris Doty-Humphrey, PractRand), started from a hash of the seed. */
export function randomFrom(seed: string): Random {
  const bits = sfc32(createHash('sha256').update(seed).digest())
  const next = () => bits() / 4_294_967_296
  const int = (below: number) => Math.floor(next() * below)
  const pick = <T>(list: readonly T[]): T => {
    if (list.length === 0) throw new Error('There is nothing to pick from')
    return list[int(list.length)] as T
  }
  return {
    next,
    int,
    pick,
    byShare: (list) => byShare(list, next()),
    between: (least, most) => least + int(most - least + 1),
    chance: (probability) => next() < probability,
    some: (list, count) => {
      const rest = [...list]
      return Array.from({ length: Math.min(count, rest.length) }, () => rest.splice(int(rest.length), 1)[0] as never)
    },
    id: (at) => idOf(at, [bits(), bits(), bits()]),
  }
}

function sfc32(state: Buffer): () => number {
  let [a, b, c, counter] = [0, 4, 8, 12].map((at) => state.readUInt32LE(at)) as [number, number, number, number]
  return () => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum >>> 0
  }
}

function idOf(at: number, random: [number, number, number]): string {
  const time = Math.floor(at).toString(16).padStart(12, '0')
  const [x, y, z] = random.map((number) => number.toString(16).padStart(8, '0')) as [string, string, string]
  const variant = ((Number.parseInt(x.charAt(3), 16) & 0x3) | 0x8).toString(16)
  return `${time.slice(0, 8)}-${time.slice(8)}-7${x.slice(0, 3)}-${variant}${x.slice(4, 7)}-${y}${z.slice(0, 4)}`
}
