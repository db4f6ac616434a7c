import { definitionOf, type ElementDefinition, isResourceType, jsonName } from '#fhir/types/definitions.ts'
import type { Invariant } from './invariant.ts'
import { invariants } from './invariants.ts'
import { type Primitive, primitives } from './primitives.ts'

// Types as validating needs them: by the names that JSON has, made when first met.

export interface Field {
  /** As in FHIRPath: `value` for `valueString`. */
  name: string
  json: string
  isList: boolean
  /** One of these two, or neither where any resource may stand. */
  primitive: Primitive | undefined
  type: CompiledType | undefined
  /** Of a choice: the others of the same share it. 0 where there is none. */
  choice: number
  /** Of what must be there. */
  bit: number
  /** Of a concept. */
  bound: ElementDefinition['codes']
  /** Of a code: those of all systems. */
  codes: ReadonlySet<string> | undefined
  /** Of a Reference: what it may lead to. */
  targets: ElementDefinition['targets']
}

export class CompiledType {
  readonly name: string
  readonly isResource: boolean
  #fields: ReadonlyMap<string, Field> | undefined
  #invariants: readonly Invariant[] | undefined
  #required: readonly string[] = []

  constructor(name: string) {
    this.name = name
    this.isResource = isResourceType(name)
  }

  get fields(): ReadonlyMap<string, Field> {
    if (!this.#fields) this.#compile()
    return this.#fields ?? new Map()
  }

  /** Names of what must be there; the bit of a field is its place in this list. */
  get required(): readonly string[] {
    if (!this.#fields) this.#compile()
    return this.#required
  }

  get invariants(): readonly Invariant[] {
    const { name, isResource } = this
    const base = isResource && definitionOf(name)?.base !== 'Resource' ? 'DomainResource' : name
    this.#invariants ??= invariants.filter(({ on }) => on === name || on === base)
    return this.#invariants
  }

  #compile(): void {
    const elements = definitionOf(this.name)?.elements ?? []
    this.#required = elements.filter(({ min }) => min > 0).map(({ name }) => name)
    const fields = new Map<string, Field>()
    for (const [at, element] of elements.entries())
      for (const type of element.types) {
        const field = fieldOf(element, type)
        if (element.isChoice) field.choice = at + 1
        if (element.min > 0) field.bit = 1 << this.#required.indexOf(element.name)
        fields.set(field.json, field)
      }
    this.#fields = fields
  }
}

function fieldOf({ name, isChoice, max, codes, targets }: ElementDefinition, type: string): Field {
  const primitive = primitives.get(type)
  return {
    name,
    json: jsonName({ name, isChoice }, type),
    isList: max > 1,
    primitive,
    type: primitive || type === 'Resource' ? undefined : compiledType(type),
    choice: 0,
    bit: 0,
    bound: type === 'CodeableConcept' ? codes : undefined,
    targets: type === 'Reference' ? targets : undefined,
    codes: codes && type === 'code' ? new Set([...codes.values()].flatMap((all) => [...all])) : undefined,
  }
}

const compiled = new Map<string, CompiledType>()

/** Only for types that R4 has: what callers send must be looked up by resourceTypeOf(). */
export function compiledType(name: string): CompiledType {
  const type = compiled.get(name) ?? new CompiledType(name)
  compiled.set(name, type)
  return type
}

/** None for a name that is no type of resource. */
export function resourceTypeOf(name: unknown): CompiledType | undefined {
  if (typeof name !== 'string') return undefined
  const known = compiled.get(name)
  if (known) return known.isResource ? known : undefined
  return isResourceType(name) ? compiledType(name) : undefined
}
