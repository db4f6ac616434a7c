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
  patientCompartment: Record<string, string[]>
}

const generated = JSON.parse(
  readFileSync(new URL('./types/search-parameters.json', import.meta.url), 'utf8'),
) as Generated
const { Resource: ofAll = [], ...ofTypes } = generated.parameters
const byType = new Map(
  Object.entries(ofTypes).map(([type, own]) => [type, new Map([...ofAll, ...own].map((one) => [one.code, one]))]),
)
const compartment = new Map(Object.entries(generated.patientCompartment))

/** R4's parameter of a type that is kept here, `_id` and the like among them; none of a type or code that is not known. */
export const searchParameter = (type: string, code: string): PlacedParameter | undefined => byType.get(type)?.get(code)

/** In the order of their codes, those of all types first; empty for a type that is not kept here. */
export const searchParametersOf = (type: string): readonly PlacedParameter[] => [...(byType.get(type)?.values() ?? [])]

/** Parameters of the type whose references put it in a patient's compartment; none for types that belong to no patient. */
export const patientCompartmentOf = (type: string): readonly string[] => compartment.get(type) ?? []
