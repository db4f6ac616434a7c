import { randomFillSync } from 'node:crypto'

const pool = Buffer.alloc(8_000)
let used = pool.length

/** A UUIDv7 (RFC 9562 §5.7): 48 bits of Unix milliseconds, then random, so that new rows land at the end of an index. */
export function newId(): string {
  if (used + 10 > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  const random = pool.toString('hex', used, used + 10)
  used += 10
  const time = Date.now().toString(16).padStart(12, '0')
  const variant = ((Number.parseInt(random.charAt(3), 16) & 0x3) | 0x8).toString(16)
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-${variant}${random.slice(4, 7)}-${random.slice(7, 19)}`
}

/** Smaller than every id made from then on: ids begin with their time (RFC 9562 §5.7), so what is old is found by its key. */
export function firstIdOf(time: Date): string {
  const hex = Math.max(0, time.getTime()).toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`
}
