export interface Line {
  /** From 1. */
  number: number
  /** Undefined: longer than a resource may be. */
  text: string | undefined
  /** Where the next one begins. */
  end: number
}

const NEWLINE = 10
/** Empty lines are looked at too, and take their time. */
const MOST_LOOKED_AT = 50_000

/** The next lines that hold something, of what is in memory, and how far it was looked through: no more is read than is taken. */
export function linesFrom(
  content: Buffer,
  { at, number, most, longest }: { at: number; number: number; most: number; longest: number },
): { lines: Line[]; at: number; number: number } {
  const lines: Line[] = []
  let [next, seen] = [at, number]
  while (next < content.length && lines.length < most && seen - number < MOST_LOOKED_AT) {
    const found = content.indexOf(NEWLINE, next)
    const end = found < 0 ? content.length : found
    const isLong = end - next > longest
    const text = isLong ? undefined : content.toString('utf8', next, end).trim()
    if (text !== '') lines.push({ number: seen, text, end: end + 1 })
    next = end + 1
    seen++
  }
  return { lines, at: next, number: seen }
}
