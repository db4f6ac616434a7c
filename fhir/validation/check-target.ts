import type { Trail } from './issue.ts'
import type { Members } from './members.ts'

// The types that an element's references may lead to: hl7.org/fhir/R4/references.html#Reference, as far as a reference itself, or what is around it, says of which type that is.

/** At the beginning of `Patient/1` and of `Patient?identifier=1`. */
const TYPE = /^[A-Z][A-Za-z]{1,63}(?=[/?])/
const DEFINITIONS = 'http://hl7.org/fhir/StructureDefinition/'

export function checkTarget({ reference, type }: Members, targets: readonly string[], trail: Trail): void {
  if (typeof reference === 'string' && !isPlain(reference, targets))
    expect(typeBehind(reference, trail), 'reference', targets, trail)
  if (typeof type === 'string') expect(typeNamed(type), 'type', targets, trail)
}

/** What nearly all are: `Patient/1`. */
function isPlain(reference: string, targets: readonly string[]): boolean {
  for (let at = 0; at < targets.length; at++) {
    const type = targets[at] ?? ''
    if (reference.charCodeAt(type.length) === 47 && reference.startsWith(type)) return true
  }
  return false
}

function expect(type: unknown, name: string, targets: readonly string[], trail: Trail): void {
  if (typeof type === 'string' && !targets.includes(type))
    trail.found('value', `This may only lead to ${targets.join(', ')}.`, name)
}

function typeBehind(reference: string, trail: Trail): unknown {
  if (reference === '#') return (trail.resource as Members).resourceType
  if (reference.charCodeAt(0) === 35) return trail.typeOfContained(reference.slice(1))
  const { base } = trail
  const isOwn = base !== undefined && reference.startsWith(base) && reference[base.length] === '/'
  const [literal] = TYPE.exec(isOwn ? reference.slice(base.length + 1) : reference) ?? []
  return literal ?? trail.typeOfEntry(reference)
}

/** Of what R4 has not defined, nothing is known. */
function typeNamed(type: string): string | undefined {
  const name = type.startsWith(DEFINITIONS) ? type.slice(DEFINITIONS.length) : type
  return name.includes(':') ? undefined : name
}
