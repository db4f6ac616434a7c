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
  return parts.flatMap((part) => {
    const own = value[part]
    const list = typeof own === 'string' ? [own] : listOf(own)
    return list.filter((one): one is string => typeof one === 'string' && one !== '')
  })
}
