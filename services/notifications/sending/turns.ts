import { Problem } from '#platform/errors.ts'

interface Waiting {
  go(): void
  refuse(reason: Problem): void
}

/** So many at once; the others in the order in which they came. */
export class Turns {
  #free: number
  #ended = false
  readonly #waiting: Waiting[] = []

  constructor(atOnce: number) {
    this.#free = atOnce
  }

  /** Throws where this has ended before the turn came: nothing has been done then. */
  async take<R>(act: () => Promise<R>): Promise<R> {
    if (this.#ended) throw stopping()
    if (this.#free > 0) this.#free--
    else await new Promise<void>((go, refuse) => this.#waiting.push({ go, refuse }))
    try {
      return await act()
    } finally {
      const next = this.#waiting.shift()
      if (next) next.go()
      else this.#free++
    }
  }

  /** A process that stops finishes what is under way, and begins nothing more. */
  end(): void {
    this.#ended = true
    for (const { refuse } of this.#waiting.splice(0)) refuse(stopping())
  }
}

const stopping = () => new Problem('transient', 'This process is about to stop.')
