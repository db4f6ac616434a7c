import { readFileSync } from 'node:fs'
import type { Place } from './indexing/place.ts'
import type { SearchParameter } from './search-parameter.ts'

/** With where it looks: of a composite, the elements that its components start from. */
export interface PlacedParameter extends SearchParameter {
  finds: readonly Place[]
  components?: readonly PlacedComponent[]
}

export interface PlacedComponent {
  code: string
  expression: string
  type: SearchParameter['type']
  finds: readonly Place[]
}

interface Generated {
  parameters: Record<string, PlacedParameter[]>
  compartments: Record<string, Record<string, string[]>>
}

const generated = JSON.parse(
  readFileSync(new URL('./types/search-parameters.json', import.meta.url), 'utf8'),
) as Generated
const { Resource: ofAll = [], ...ofTypes } = generated.parameters
const byType = new Map(
  Object.entries(ofTypes).map(([type, own]) => [type, new Map([...ofAll, ...own].map((one) => [one.code, one]))]),
)
const compartments = new Map(
  Object.entries(generated.compartments).map(([of, sides]) => [of, new Map(Object.entries(sides))]),
)

/** R4's parameter of a type that is kept here, `_id` and the like among them; none of a type or code that is not known. */
export const searchParameter = (type: string, code: string): PlacedParameter | undefined => byType.get(type)?.get(code)

/** In the order of their codes, those of all types first; empty for a type that is not kept here. */
export const searchParametersOf = (type: string): readonly PlacedParameter[] => [...(byType.get(type)?.values() ?? [])]

/** Types that have a compartment (hl7.org/fhir/R4/compartmentdefinition.html), Patient first. */
export const compartmentTypes: readonly string[] = [...compartments.keys()]

/** Parameters of the type whose references put it in a compartment of this kind, and `_id` where it is in its own; none for types that are in none. */
export const compartmentOf = (of: string, type: string): readonly string[] => compartments.get(of)?.get(type) ?? []
