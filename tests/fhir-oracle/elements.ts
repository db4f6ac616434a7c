import * as fhirpath from 'fhirpath'
import model from 'fhirpath/fhir-context/r4'
import type { Resource } from '#fhir/resource.ts'
import type { SearchParameter } from '#fhir/search-parameter.ts'

/** What an expression found: a type of FHIR, `CodeableConcept`, and what stands there. */
export interface Element {
  type: string
  value: unknown
}

type Evaluate = (resource: unknown) => unknown[]

const compiled = new Map<string, Evaluate>()
/** The same resources are asked many times. */
const known = new WeakMap<Resource, Map<string, readonly Element[]>>()

/** What a search parameter looks at. */
export const elementsOf = (resource: Resource, { expression }: SearchParameter): readonly Element[] =>
  found(resource, withoutResolve(expression))

/** Of a composite: for each element that its own expression finds, what each of its components finds from there. */
export function componentsOf(
  resource: Resource,
  { expression, components = [] }: SearchParameter,
): (readonly Element[])[][] {
  const whole = withoutResolve(expression)
  return found(resource, whole).map((_, i) =>
    components.map((component) => found(resource, `(${whole}).skip(${i}).take(1).select(${component.expression})`)),
  )
}

/** What a reference leads to is told by how it is written: what it names may not be there. */
const withoutResolve = (expression: string): string =>
  expression.replace(
    /\.where\(resolve\(\) is (\w+)\)/g,
    (_, type: string) => `.where(reference.matches('(^|/)${type}/[^/]+(/_history/.*)?$') or type = '${type}')`,
  )

function found(resource: Resource, expression: string): readonly Element[] {
  const ofResource = known.get(resource) ?? new Map<string, readonly Element[]>()
  known.set(resource, ofResource)
  const before = ofResource.get(expression)
  if (before) return before
  const evaluate = compiled.get(expression) ?? compile(expression)
  compiled.set(expression, evaluate)
  // It writes notes of its own into what it is given.
  const nodes = evaluate(structuredClone(resource))
  const values = fhirpath.resolveInternalTypes(nodes) as unknown[]
  const elements = fhirpath.types(nodes).map((type, i) => ({ type: type.replace(/^\w+\./, ''), value: values[i] }))
  ofResource.set(expression, elements)
  return elements
}

const compile = (expression: string): Evaluate =>
  fhirpath.compile(expression, model, { resolveInternalTypes: false, async: false }) as Evaluate
