export class Crowded extends Error {
  override name = 'Crowded'
}

/** So many at once; the others wait for their turn, in order, up to so many. Throws Crowded. */
export function turnstile(width: number, queue = Number.POSITIVE_INFINITY) {
  let inside = 0
  const waiting: (() => void)[] = []
  return async <R>(work: () => Promise<R>): Promise<R> => {
    if (inside < width) inside++
    else if (waiting.length >= queue) throw new Crowded()
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else inside--
    }
  }
}
