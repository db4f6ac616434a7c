import type { FastifyRateLimitStore } from '@fastify/rate-limit'

interface Window {
  current: number
  /** On the clock that only goes forward. */
  ends: number
}

type Answer = Parameters<FastifyRateLimitStore['incr']>[1]

/**
 * Counts requests in windows of a clock that nobody sets. The library's own counters follow the clock of the day: set back by a day, they would keep out
 * whoever had reached a limit until it is that late again.
 */
export class LimitWindows implements FastifyRateLimitStore {
  readonly #windows = new Map<string, Window>()
  readonly #most: number

  constructor({ cache = 20_000 }: { cache?: number }) {
    this.#most = cache
  }

  incr(key: string, answer: Answer, length: number): void {
    const now = performance.now()
    const before = this.#windows.get(key)
    const window = before && before.ends > now ? before : { current: 0, ends: now + length }
    window.current++
    this.#windows.delete(key)
    this.#windows.set(key, window)
    if (this.#windows.size > this.#most) this.#forgetLongestIdle()
    answer(null, { current: window.current, ttl: window.ends - now })
  }

  child(): FastifyRateLimitStore {
    return new LimitWindows({ cache: this.#most })
  }

  /** A Map keeps the order in which keys were set. */
  #forgetLongestIdle(): void {
    for (const key of this.#windows.keys()) return void this.#windows.delete(key)
  }
}
