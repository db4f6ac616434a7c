import { isObject, listOf, textOf } from './json-object.ts'

const PARTS: Readonly<Record<string, readonly string[]>> = {
  HumanName: ['family', 'given', 'text', 'prefix', 'suffix'],
  Address: ['line', 'city', 'district', 'state', 'postalCode', 'country', 'text'],
}

/** A text itself; of a name or an address each of its parts, any of which may be asked for (hl7.org/fhir/R4/search.html#string). */
export function stringsIn(value: unknown, type: string): string[] {
  const text = textOf(value)
  if (text !== undefined) return [text]
  const parts = Object.hasOwn(PARTS, type) ? PARTS[type] : undefined
  if (!parts || !isObject(value)) return []
  const found: string[] = []
  for (const part of parts) {
    const own = value[part]
    if (typeof own === 'string' && own !== '') found.push(own)
    else for (const one of listOf(own)) if (typeof one === 'string' && one !== '') found.push(one)
  }
  return found
}

/** More words than a name has. */
const MOST_WORDS = 20

/** Of a name in one text, what begins with each of its words but the first: whoever writes no family name apart is found by it nevertheless. */
export function laterWordsIn(value: unknown, type: string): string[] {
  if (type !== 'HumanName' || !isObject(value) || typeof value.text !== 'string') return []
  const words = value.text.split(/\s+/, MOST_WORDS).filter((word) => word !== '')
  return words.slice(1).map((_, n) => words.slice(n + 1).join(' '))
}

/** The parameter under which the ends of texts are that may be cut. */
export const endOf = (code: string) => `${code}:end`
/** The parameter under which those are: a name is sorted by its beginning alone. */
export const laterWordsOf = (code: string) => `${code}:word`
