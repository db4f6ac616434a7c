import { Problem } from '#platform/errors.ts'
import type { Stream } from './stream.ts'

/** A person has a telephone, a tablet and some tabs. */
const PER_ACCOUNT = 5
/** Each costs a socket, some kilobytes, and one short query per heartbeat: 250 queries a second at the most. */
const PER_PROCESS = 5_000
const SUPERSEDED_RETRY_MS = 60_000

/** The open streams of one process. */
export class Streams {
  readonly #of = new Map<string, Set<Stream>>()
  readonly #most: number
  #count = 0
  #draining = false

  constructor(most = PER_PROCESS) {
    this.#most = most
  }

  /** Refused before anything is answered, so that the client gets a problem and not a stream that ends. */
  refuseIfFull(): void {
    if (this.#draining || this.#count >= this.#most)
      throw new Problem('transient', 'No more streams can be opened here at the moment; try again shortly.', {
        retryAfterSeconds: 5,
      })
  }

  /** Of more than five streams the oldest ends: it may well be a dead telephone's, which nobody will ever close. */
  add(stream: Stream): void {
    const own = this.#of.get(stream.account) ?? new Set()
    this.#of.set(stream.account, own)
    if (own.size >= PER_ACCOUNT)
      for (const oldest of [...own].slice(0, own.size - PER_ACCOUNT + 1)) oldest.end(SUPERSEDED_RETRY_MS)
    own.add(stream)
    this.#count++
    if (this.#draining) stream.end() // it was on its way in when the server began to stop
  }

  remove(stream: Stream): void {
    const own = this.#of.get(stream.account)
    if (!own?.delete(stream)) return
    this.#count--
    if (own.size === 0) this.#of.delete(stream.account)
  }

  /** Wakes the streams of an account, or, when it is not known whose, all. */
  wake(account: string | undefined): void {
    const sets = account === undefined ? this.#of.values() : [this.#of.get(account) ?? []]
    for (const streams of sets) for (const stream of streams) stream.wake()
  }

  drain(): void {
    this.#draining = true
    for (const streams of this.#of.values()) for (const stream of streams) stream.end()
  }
}
