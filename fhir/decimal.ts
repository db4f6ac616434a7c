import { randomUUID } from 'node:crypto'

/**
 * A decimal as it was written, where a number of JavaScript would not be written so again: `1.00`, `1e3`, more digits than a double has. Precision is part of what a
 * measurement says (hl7.org/fhir/R4/datatypes.html#decimal). It counts as a number, and goes into JSON as the text that it came as. Nobody changes it, so copies share it.
 */
export class Decimal extends Number {
  readonly #text: string

  constructor(text: string) {
    super(text)
    this.#text = text
  }

  get text(): string {
    return this.#text
  }

  toJSON(): unknown {
    return rawJSON(this.#text)
  }
}

/** Of Node 24: ECMAScript's JSON.parse source text access. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown }

/**
 * Members that may be such a number: zeros at the end of a fraction, an exponent, many digits, many zeros before the first of them, a sign before nothing. R4 has no
 * lists of decimals. Where it finds one inside a string, reading takes longer, and that is all.
 */
const PERHAPS = /"\s*:\s*-?(?:\d+\.\d*0(?!\d)|[\d.]+[eE]|[\d.]{16}|0\.000000|0(?![.\d]))/
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
/** Nobody can send it: a text with NUL is refused, and the rest nobody knows. */
const MARK = `\u0000${randomUUID()} `

/** JSON as JSON.parse reads it, but with a Decimal for each number that would be written otherwise than it came. Throws as JSON.parse does. */
export const parseExact = (text: string): unknown => exactly(text, JSON.parse(text))

/**
 * The same of a text that has been parsed already. JSON.parse with a reviver would tell the texts of numbers too, for forty times what it takes without; here they are
 * parsed as marked strings, and those are exchanged.
 */
export function exactly(text: string, parsed: unknown): unknown {
  if (!PERHAPS.test(text)) return parsed
  const marked = withMarks(text)
  if (marked === text) return parsed
  const root = [JSON.parse(marked) as unknown]
  const left: (unknown[] | Record<string, unknown>)[] = [root]
  const exchanged = (value: unknown): unknown => {
    if (typeof value === 'string' && value.startsWith(MARK)) return new Decimal(value.slice(MARK.length))
    if (typeof value === 'object' && value !== null) left.push(value as Record<string, unknown>)
    return value
  }
  for (let holder = left.pop(); holder; holder = left.pop())
    if (Array.isArray(holder)) for (let at = 0; at < holder.length; at++) holder[at] = exchanged(holder[at])
    else for (const name of Object.keys(holder)) holder[name] = exchanged(holder[name])
  return root[0]
}

const [QUOTE, BACKSLASH, PLUS, MINUS, DOT, ZERO, NINE] = [34, 92, 43, 45, 46, 48, 57]
const MARKED = JSON.stringify(MARK).slice(0, -1)

/** Each number that is no number of JavaScript as a string that says so. */
function withMarks(text: string): string {
  const parts: string[] = []
  let done = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) at = endOfString(text, at)
    else if (code === MINUS || (code >= ZERO && code <= NINE)) {
      const end = endOfNumber(text, at)
      const number = text.slice(at, end)
      if (number.length > 1 && String(Number(number)) !== number && NUMBER.test(number)) {
        parts.push(text.slice(done, at), `${MARKED}${number}"`)
        done = end
      }
      at = end - 1
    }
  }
  return done === 0 ? text : parts.join('') + text.slice(done)
}

function endOfNumber(text: string, from: number): number {
  let at = from + 1
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    const isOfNumber = (code >= ZERO && code <= NINE) || code === DOT || code === PLUS || code === MINUS
    if (!isOfNumber && code !== 69 && code !== 101) return at // E and e
  }
  return at
}

/** Where its last quote is. */
function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === BACKSLASH) at++
    else if (code === QUOTE) return at
  }
  return text.length
}

/** Of a number in a resource, however it is kept. */
export function numberOf(value: unknown): number | undefined {
  if (value instanceof Decimal) return value.valueOf()
  return typeof value === 'number' ? value : undefined
}
