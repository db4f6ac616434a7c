import { definitionOf, type ElementDefinition, jsonName } from './definitions.ts'

// Elements of R4's types by their names, for whoever walks over a resource by a path.

/** An element as JSON names it: the member, and which of its types that is. */
interface Member {
  element: ElementDefinition
  type: string
}

interface Named {
  byName: Map<string, ElementDefinition>
  byMember: Map<string, Member>
}

const known = new Map<string, Named>()

/** By its name in FHIRPath: `value`. Undefined: the type has none, or there is no such type. */
export const elementOf = (type: string, name: string): ElementDefinition | undefined => namedOf(type)?.byName.get(name)

/** By its name in JSON: `valueQuantity`. */
export const memberOf = (type: string, member: string): Member | undefined => namedOf(type)?.byMember.get(member)

/** FHIR writes the names of primitive types small, and those of all others large. */
export const isPrimitive = (type: string): boolean => /^[a-z]/.test(type)

/** Primitive types have what every element has. Those that do not exist are not remembered: callers choose their names. */
function namedOf(type: string): Named | undefined {
  const of = isPrimitive(type) ? 'Element' : type
  const named = known.get(of)
  if (named) return named
  const definition = definitionOf(of)
  if (!definition) return undefined
  const made: Named = { byName: new Map(), byMember: new Map() }
  for (const element of definition.elements) {
    made.byName.set(element.name, element)
    for (const one of element.types) made.byMember.set(jsonName(element, one), { element, type: one })
  }
  known.set(of, made)
  return made
}
