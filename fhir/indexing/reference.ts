import { isObject, textOf } from './json-object.ts'

// References as text: hl7.org/fhir/R4/references.html#literal.

/** `Patient/1`, alone or at the end of an address, perhaps with a version. Bounded, so that no text is slow. */
const LITERAL = /^([A-Z][A-Za-z]{1,40})\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/
const ADDRESS = /^https?:\/\/[^\s|]{1,1000}$/
const ENDS_WITH_VERSION = /^\/_history\/[A-Za-z0-9\-.]{1,64}$/
/** Longer than any that can be followed; what is longer is not looked at. */
const LONGEST = 1000

/**
 * As it stands in the index: `Patient/1` of this server, also where it was an address below `base` (which ends without `/`); an address elsewhere and `urn:…`
 * as they are, without a version of their resource. None of what is contained (`#…`) or conditional (`Patient?…`).
 */
export function canonicalReference(text: string, base: string): string | undefined {
  if (text.length > LONGEST) return undefined
  const own = text.startsWith(base) && text[base.length] === '/' ? text.slice(base.length + 1) : text
  const literal = LITERAL.exec(own)
  if (literal) return `${literal[1]}/${literal[2]}`
  if (own.startsWith('urn:')) return own
  return ADDRESS.test(own) ? withoutVersion(own) : undefined
}

function withoutVersion(address: string): string {
  const at = address.lastIndexOf('/_history/')
  return at > 0 && ENDS_WITH_VERSION.test(address.slice(at)) ? address.slice(0, at) : address
}

/** Of a Reference: by its text, else by its `type`. */
export function typeReferredTo(reference: unknown): string | undefined {
  if (!isObject(reference)) return undefined
  const text = textOf(reference.reference)
  if (text && text.length <= LONGEST) {
    const literal = LITERAL.exec(text) ?? LITERAL.exec(lastTwoSegments(withoutVersion(text)))
    if (literal) return literal[1]
  }
  return textOf(reference.type)
}

function lastTwoSegments(address: string): string {
  const last = address.lastIndexOf('/')
  return address.slice(address.lastIndexOf('/', last - 1) + 1)
}
