const ATTRIBUTE = /(?:href|src)/g
const SPACE = /\s/

/** A narrative in which `href` and `src` that the map has lead to what it says (hl7.org/fhir/R4/http.html#trules). All else stays as it was, to the letter. */
export function rewriteNarrative(div: string, references: ReadonlyMap<string, string>): string {
  if (references.size === 0) return div
  let made = ''
  let done = 0
  for (const match of div.matchAll(ATTRIBUTE)) {
    const value = valueBehind(div, match.index + match[0].length)
    // Within a value that was looked at already: a link may have `src` in its address.
    if (match.index < done || !SPACE.test(div.charAt(match.index - 1)) || !value) continue
    const found = references.get(div.slice(value.start, value.end))
    if (found === undefined) continue
    made += div.slice(done, value.start) + found
    done = value.end
  }
  return made + div.slice(done)
}

/** Longer addresses stand for no entry. It is also how far a quotation mark is looked for, so that hostile text costs no more than its length. */
const MAX_LENGTH = 2_000

function valueBehind(text: string, at: number): { start: number; end: number } | undefined {
  const equals = skipSpace(text, at)
  if (text.charAt(equals) !== '=') return undefined
  const quote = skipSpace(text, equals + 1)
  const mark = text.charAt(quote)
  if (mark !== '"' && mark !== "'") return undefined
  const end = text.slice(quote + 1, quote + 2 + MAX_LENGTH).indexOf(mark)
  return end < 0 ? undefined : { start: quote + 1, end: quote + 1 + end }
}

function skipSpace(text: string, from: number): number {
  let at = from
  while (at < from + 100 && SPACE.test(text.charAt(at))) at++
  return at
}
