import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'

/**
 * How long is waited, in milliseconds. Heartbeats come well within the 30 to 60 s after which proxies give up on a silent stream; clients
 * that lost a server come back after `retryMs` and up to as much again, not all at once.
 */
export const pace = { heartbeatMs: 20_000, stalledMs: 10_000, retryMs: 2_000 }

/** Begins an answer of server-sent events: what follows is the stream's own life. */
export function beginStream(reply: FastifyReply): ServerResponse {
  reply.hijack()
  reply.raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no', // nginx would otherwise collect events until its buffer is full
    connection: 'close', // when the stream ends, so does the connection, and a server that stops need not wait for it
  })
  reply.raw.write(`retry: ${Math.round(pace.retryMs * (1 + Math.random()))}\n\n`)
  return reply.raw
}

/** One open answer of server-sent events. It can be woken, and it ends when its client leaves, does not read, or is told to go. */
export class Stream {
  /** Who has it open: of each there are only so many. */
  readonly owner: string
  /** What wakes it. */
  readonly topic: string
  readonly #response: ServerResponse
  #woken = false
  #attend: (() => void) | undefined

  constructor(owner: string, response: ServerResponse, topic = owner) {
    this.owner = owner
    this.topic = topic
    this.#response = response
    response.on('close', () => this.wake())
    response.on('error', () => {}) // the client is gone; `close` follows
  }

  get ended(): boolean {
    return this.#response.writableEnded || this.#response.destroyed
  }

  /** There may be something new. */
  wake(): void {
    this.#woken = true
    this.#attend?.()
  }

  /** Rests until woken, or for `ms`. A call that came since the last rest ends it at once. */
  async rest(ms: number): Promise<void> {
    if (!this.#woken && !this.ended) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, ms)
      this.#attend = resolve
      await promise
      clearTimeout(timer)
      this.#attend = undefined
    }
    this.#woken = false
  }

  /** Writes, and waits until the client has taken it. One that takes nothing for `patienceMs` is dropped: answers false. */
  async send(text: string, patienceMs = pace.stalledMs): Promise<boolean> {
    if (this.ended) return false
    if (this.#response.write(text)) return true
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(() => this.#response.destroy(), patienceMs)
    this.#response.once('drain', resolve).once('close', resolve)
    await promise
    clearTimeout(timer)
    this.#response.off('drain', resolve).off('close', resolve)
    return !this.ended
  }

  /** Ends it; `retryMs` tells the client when to come back. */
  end(retryMs?: number): void {
    if (!this.ended) this.#response.end(retryMs === undefined ? '' : `retry: ${retryMs}\n\n`)
    this.wake()
  }
}
