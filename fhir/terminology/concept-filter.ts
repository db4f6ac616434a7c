import { Problem } from '#platform/errors.ts'
import { type Concept, type Concepts, isA, type Placed } from './code-system.ts'
import type { Filter } from './value-set.ts'

type Passes = (placed: Placed) => boolean

const made = new WeakMap<Filter, { concepts: Concepts; passes: Passes }>()

/**
 * Whether a concept is one that a filter of `compose.include` asks for: `is-a` and `descendent-of` of the hierarchy, `=` and `in` of a property
 * (hl7.org/fhir/R4/valueset-filter-operator.html). Throws Problem `business-rule` for the other operators.
 */
export function filterOf(filter: Filter, concepts: Concepts): Passes {
  const before = made.get(filter)
  if (before?.concepts === concepts) return before.passes
  const passes = passesOf(filter, concepts)
  made.set(filter, { concepts, passes })
  return passes
}

function passesOf({ property, op, value }: Filter, concepts: Concepts): Passes {
  switch (op) {
    case 'is-a':
    case 'descendent-of': {
      if (!IS_CONCEPT.has(property)) throw refused(`has ${op} of a property that is no hierarchy: only of concept`)
      const root = concepts.find(value)
      return (placed) => root !== undefined && isA(placed, root) && (op === 'is-a' || placed !== root)
    }
    case '=':
      return (placed) => valuesOf(placed, property).includes(value)
    case 'in': {
      const wanted = new Set(value.split(',').map((one) => one.trim()))
      return (placed) => valuesOf(placed, property).some((one) => wanted.has(one))
    }
    default:
      throw refused('has an operator that is not answered here: only is-a, descendent-of, = and in')
  }
}

/** How the hierarchy is called: `concept` by R4, `code` by many who write value sets. */
const IS_CONCEPT: ReadonlySet<string> = new Set(['concept', 'code'])

function valuesOf({ concept, parent }: Placed, property: string): string[] {
  if (IS_CONCEPT.has(property)) return [concept.code]
  if (property === 'display') return concept.display === undefined ? [] : [concept.display]
  const found = (concept.property ?? []).filter(({ code }) => code === property).map(textOfProperty)
  return property === 'parent' && parent ? [...found, parent.concept.code] : found
}

/** As a filter's value is written: of a Coding its code. */
export function textOfProperty(property: NonNullable<Concept['property']>[number]): string {
  for (const [name, value] of Object.entries(property))
    if (name.startsWith('value'))
      return typeof value === 'object' && value !== null ? String((value as { code?: unknown }).code ?? '') : `${value}`
  return ''
}

const refused = (detail: string) =>
  new Problem('business-rule', 'A filter of a value set cannot be answered here; see errors.', {
    errors: [{ pointer: '/compose/include/filter', detail }],
  })
