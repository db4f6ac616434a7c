import { wrong } from './reading.ts'

/** A word of `_filter` and where it begins, counted from 1. `from` and `to`: a filter in brackets, which belongs to the path around it. */
export interface Word {
  kind: 'word' | 'text' | 'open' | 'close' | 'from' | 'to' | 'end'
  text: string
  place: number
}

export const LONGEST_FILTER = 8_192

const SIGNS: Readonly<Record<string, Word['kind']>> = { '(': 'open', ')': 'close' }
const BETWEEN = new Set(['and', 'or', 'not'])

export const wrongAt = (place: number, detail: string) => wrong('_filter', `${detail} (character ${place})`)

/** Words, texts in quotation marks (escaped as in JSON), parentheses, and brackets within paths (hl7.org/fhir/R4/search_filter.html). */
export function filterWords(text: string): Word[] {
  if (text.length > LONGEST_FILTER) throw wrong('_filter', `is too long: at most ${LONGEST_FILTER} characters`)
  const words: Word[] = []
  /** How much of a comparison is there, of this filter and of each around it: 0 where a path is next, in which a bracket is one. A unit may be `[lb_av]`. */
  const parts = [0]
  for (let i = 0; i < text.length; ) {
    const sign = text[i] as string
    if (sign === ' ') {
      i += 1
      continue
    }
    const [part = 0, isWithin] = [parts.at(-1), parts.length > 1]
    const kind = signOf(sign, part === 0, isWithin)
    const end = kind ? i + 1 : sign === '"' ? endOfText(text, i) : endOfWord(text, i, part === 0, isWithin)
    const written = text.slice(i, end)
    if (kind === 'from') parts.push(0)
    if (kind === 'to') parts.pop()
    if (!kind && !(part === 0 && (text[end] === '[' || BETWEEN.has(written)))) parts[parts.length - 1] = (part + 1) % 3
    if (!kind && sign === '"') words.push({ kind: 'text', text: textOf(written, i + 1), place: i + 1 })
    else words.push({ kind: kind ?? 'word', text: written, place: i + 1 })
    i = end
  }
  return words
}

function signOf(sign: string, isPath: boolean, isWithin: boolean): Word['kind'] | undefined {
  if (sign === '[' && isPath) return 'from'
  return sign === ']' && isWithin ? 'to' : SIGNS[sign]
}

/** A value such as a code may hold parentheses and brackets of its own: `a(b)c`. */
function endOfWord(text: string, start: number, isPath: boolean, isWithin: boolean): number {
  const open: string[] = []
  for (let i = start; i < text.length; i++) {
    const sign = text[i] as string
    if (sign === ' ' || (isPath && sign === '[')) return i
    if (sign === '(' || (isWithin && sign === '[')) open.push(sign)
    if (sign === ')' || (isWithin && sign === ']')) {
      if (open.at(-1) !== (sign === ')' ? '(' : '[')) return i
      open.pop()
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
