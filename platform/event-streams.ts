import { Problem } from './errors.ts'
import type { Stream } from './event-stream.ts'

/** A person has a telephone, a tablet and some tabs. */
const PER_OWNER = 5
/** Each costs a socket, some kilobytes, and one short query per heartbeat: 250 queries a second at the most. */
const PER_PROCESS = 5_000
const SUPERSEDED_RETRY_MS = 60_000

/** The open streams of one process. */
export class Streams {
  readonly #of = new Map<string, Set<Stream>>()
  readonly #about = new Map<string, Set<Stream>>()
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

  /** Of more than so many the oldest ends: it may well be a dead telephone's, which nobody will ever close. */
  add(stream: Stream, most = PER_OWNER): void {
    const own = within(this.#of, stream.owner)
    if (own.size >= most) for (const oldest of [...own].slice(0, own.size - most + 1)) oldest.end(SUPERSEDED_RETRY_MS)
    own.add(stream)
    within(this.#about, stream.topic).add(stream)
    this.#count++
    if (this.#draining) stream.end() // it was on its way in when the server began to stop
  }

  remove(stream: Stream): void {
    if (!without(this.#of, stream.owner, stream)) return
    without(this.#about, stream.topic, stream)
    this.#count--
  }

  /** Wakes the streams about something, or, when it is not known about what, all. */
  wake(topic: string | undefined): void {
    const sets = topic === undefined ? this.#about.values() : [this.#about.get(topic) ?? []]
    for (const streams of sets) for (const stream of streams) stream.wake()
  }

  drain(): void {
    this.#draining = true
    for (const streams of this.#of.values()) for (const stream of streams) stream.end()
  }
}

function within(sets: Map<string, Set<Stream>>, name: string): Set<Stream> {
  const set = sets.get(name) ?? new Set()
  sets.set(name, set)
  return set
}

function without(sets: Map<string, Set<Stream>>, name: string, stream: Stream): boolean {
  const set = sets.get(name)
  const had = set?.delete(stream) ?? false
  if (set?.size === 0) sets.delete(name)
  return had
}
