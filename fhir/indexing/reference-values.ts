import { isObject, textOf } from './json-object.ts'
import { canonicalReference } from './reference.ts'

/**
 * What a reference parameter finds in an element (hl7.org/fhir/R4/search.html#reference): a Reference's address; a canonical with and without its version, and as
 * `Type/id` where it lies below the base; of a resource within a Bundle, itself.
 */
export function referencesIn(value: unknown, type: string, base: string, targets: readonly string[]): string[] {
  if (type === 'Reference')
    return one(isObject(value) ? canonicalReference(textOf(value.reference) ?? '', base) : undefined)
  if (type === 'Resource') return one(ownReference(value, targets))
  const text = textOf(value)
  return text === undefined || text.startsWith('#') ? [] : canonicalForms(text, base)
}

const one = (text: string | undefined): string[] => (text === undefined ? [] : [text])

function ownReference(resource: unknown, targets: readonly string[]): string | undefined {
  if (!isObject(resource)) return undefined
  const [type, id] = [textOf(resource.resourceType), textOf(resource.id)]
  return type !== undefined && id !== undefined && targets.includes(type)
    ? canonicalReference(`${type}/${id}`, '')
    : undefined
}

function canonicalForms(text: string, base: string): string[] {
  const url = withoutVersion(text)
  const own = canonicalReference(url, base)
  return [...new Set([text, url, ...one(own)])]
}

/** Of a canonical: `url|version`. */
export function withoutVersion(canonical: string): string {
  const bar = canonical.indexOf('|')
  return bar > 0 ? canonical.slice(0, bar) : canonical
}
