import { wrong } from './reading.ts'

/** A word of `_filter` and where it begins, counted from 1. */
export interface Word {
  kind: 'word' | 'text' | 'open' | 'close' | 'end'
  text: string
  place: number
}

export const LONGEST_FILTER = 8_192

const BRACKETS: Readonly<Record<string, Word['kind']>> = { '(': 'open', ')': 'close' }

export const wrongAt = (place: number, detail: string) => wrong('_filter', `${detail} (character ${place})`)

/** Words, texts in quotation marks (escaped as in JSON) and parentheses (hl7.org/fhir/R4/search_filter.html). */
export function filterWords(text: string): Word[] {
  if (text.length > LONGEST_FILTER) throw wrong('_filter', `is too long: at most ${LONGEST_FILTER} characters`)
  const words: Word[] = []
  for (let i = 0; i < text.length; ) {
    const sign = text[i] as string
    const kind = BRACKETS[sign]
    const end = kind ? i + 1 : sign === ' ' ? i + 1 : sign === '"' ? endOfText(text, i) : endOfWord(text, i)
    if (kind) words.push({ kind, text: sign, place: i + 1 })
    else if (sign === '"') words.push({ kind: 'text', text: textOf(text.slice(i, end), i + 1), place: i + 1 })
    else if (sign !== ' ') words.push({ kind: 'word', text: text.slice(i, end), place: i + 1 })
    i = end
  }
  return words
}

/** A value such as a code may hold a parenthesis of its own: `a(b)c`. */
function endOfWord(text: string, start: number): number {
  let open = 0
  for (let i = start; i < text.length; i++) {
    if (text[i] === ' ') return i
    if (text[i] === '(') open += 1
    if (text[i] === ')') {
      if (open === 0) return i
      open -= 1
    }
  }
  return text.length
}

function endOfText(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === '\\') i += 1
    else if (text[i] === '"') return i + 1
  }
  throw wrongAt(start + 1, 'has a text without a quotation mark at its end')
}

function textOf(quoted: string, place: number): string {
  try {
    return JSON.parse(quoted) as string
  } catch {
    throw wrongAt(place, 'has a text that is not escaped as in JSON')
  }
}
