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
