import { elements, resources } from './elements.ts'

/** One element of a type. */
export interface Element {
  name: string
  /** Whether it is a list in JSON. */
  many: boolean
  /** Of a choice: `value[x]`, which is `valueQuantity` in JSON. */
  choice: boolean
  /** What it may be: `HumanName`, `code`, `Resource`; by its path where it has elements of its own and no name: `Patient.contact`. */
  types: readonly string[]
}

/** An element as JSON names it: the member, and which of its types that is. */
interface Member {
  element: Element
  type: string
}

/** Whether R4 has such resources: `Patient`. */
export const isResourceType = (type: string): boolean => types.has(type)

const types = new Set(resources.trim().split('\n'))
const lines = new Map(
  elements
    .trim()
    .split('\n')
    .map((line) => line.split(': ', 2) as [string, string]),
)
const parsed = new Map<string, Parsed>()

interface Parsed {
  byName: Map<string, Element>
  byMember: Map<string, Member>
}

/** By its name in FHIRPath: `value`. Undefined: the type has none, or there is no such type. */
export const elementOf = (type: string, name: string): Element | undefined => parsedOf(type)?.byName.get(name)

/** By its name in JSON: `valueQuantity`. */
export const memberOf = (type: string, member: string): Member | undefined => parsedOf(type)?.byMember.get(member)

/** The member of a choice for a type: `value` and `Quantity` → `valueQuantity`; of others their name. */
export const memberFor = ({ name, choice }: Element, type: string): string =>
  choice ? `${name}${type.charAt(0).toUpperCase()}${type.slice(1)}` : name

/** FHIR writes the names of primitive types small, and those of all others large. */
export const isPrimitive = (type: string): boolean => /^[a-z]/.test(type)

function parsedOf(type: string): Parsed | undefined {
  const known = parsed.get(type)
  if (known) return known
  const line = lines.get(type) ?? (isPrimitive(type) ? lines.get('Element') : undefined)
  if (line === undefined) return undefined
  const made: Parsed = { byName: new Map(), byMember: new Map() }
  for (const element of line.split('|').map(elementFrom)) {
    made.byName.set(element.name, element)
    for (const one of element.types) made.byMember.set(memberFor(element, one), { element, type: one })
  }
  // Primitive types that do not exist are not remembered: callers choose their names.
  if (lines.has(type)) parsed.set(type, made)
  return made
}

function elementFrom(text: string): Element {
  const [written = '', types = ''] = text.split(' ')
  const many = written.endsWith('*')
  const bare = many ? written.slice(0, -1) : written
  const choice = bare.endsWith('[x]')
  return { name: choice ? bare.slice(0, -3) : bare, many, choice, types: types.split(',') }
}
