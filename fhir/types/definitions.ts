import { readFileSync } from 'node:fs'

// What R4 (4.0.1; HL7’s, CC0) says of its types, read from what scripts/fhir-types.ts generates. A type is parsed when it is first asked for.

/** An element as its type defines it (hl7.org/fhir/R4/elementdefinition.html). */
export interface ElementDefinition {
  /** Without `[x]`: `value` of `value[x]`. */
  name: string
  /** As JSON has it: `value[x]` may be any of its types, under names such as `valueQuantity`. */
  isChoice: boolean
  min: number
  /** 1, or `Infinity` where it is a list: R4 has nothing between. */
  max: number
  /** Names of types; a part without a name of its own is called by its path: `Patient.contact`. */
  types: readonly string[]
  isSummary: boolean
  isModifier: boolean
  /** Codes by their system, of a required binding whose codes can be listed. */
  codes: ReadonlyMap<string, ReadonlySet<string>> | undefined
  /** Types that a Reference may lead to; undefined: any. */
  targets: readonly string[] | undefined
}

export interface TypeDefinition {
  name: string
  /** `Element`, `BackboneElement`, `Resource` or `DomainResource`; none of Element and Resource themselves. */
  base: string | undefined
  /** With those of its base, which come first. */
  elements: readonly ElementDefinition[]
}

type Written = Readonly<Record<string, { base?: string; elements: Readonly<Record<string, string>> }>>

const { open, types } = read<{ open: readonly string[]; types: Written }>('elements.json')
const { codeSystems, valueSets } = read<{
  codeSystems: Readonly<Record<string, readonly string[]>>
  valueSets: Readonly<Record<string, Readonly<Record<string, readonly string[] | '*'>>>>
}>('value-sets.json')

const parsed = new Map<string, TypeDefinition>()
const codesOfSystems = new Map<string, ReadonlySet<string>>()
const codesOfValueSets = new Map<string, ReadonlyMap<string, ReadonlySet<string>>>()

/** None of primitive types and of names that R4 does not know. */
export function definitionOf(name: string): TypeDefinition | undefined {
  const known = parsed.get(name)
  if (known || !Object.hasOwn(types, name)) return known
  const { base, elements } = types[name] ?? { elements: {} }
  const definition = {
    name,
    base,
    elements: [
      ...((base && definitionOf(base)?.elements) || []),
      ...Object.entries(elements).map(([element, written]) => elementOf(element, written)),
    ],
  }
  // Age and its like repeat what Quantity has.
  definition.elements = [...new Map(definition.elements.map((element) => [element.name, element])).values()]
  parsed.set(name, definition)
  return definition
}

/** Of any type of R4, kept here or not: Patient, but not Period, nor DomainResource. */
export function isResourceType(name: string): boolean {
  let base = Object.hasOwn(types, name) ? types[name]?.base : undefined
  // MetadataResource is no type of R4's: a name for what its definitional resources have alike.
  if (name === 'DomainResource' || name === 'MetadataResource') return false
  while (base && base !== 'Resource') base = types[base]?.base
  return base === 'Resource'
}

/** `valueQuantity` of `value[x]`: hl7.org/fhir/R4/formats.html#choice. */
export function jsonName({ name, isChoice }: Pick<ElementDefinition, 'name' | 'isChoice'>, type: string): string {
  return isChoice ? `${name}${type.charAt(0).toUpperCase()}${type.slice(1)}` : name
}

/** `0..1 Quantity|Reference sm =value-set >Patient|Group`: see scripts/fhir-types.ts. */
function elementOf(name: string, written: string): ElementDefinition {
  const [cardinality = '', listed = '', ...more] = written.split(' ')
  const [min, max] = cardinality.split('..')
  const flags = more.find((word) => /^[a-z]/.test(word)) ?? ''
  const marked = (mark: string) => more.find((word) => word.startsWith(mark))?.slice(1)
  const [valueSet, targets] = [marked('='), marked('>')]
  return {
    name: name.replace('[x]', ''),
    isChoice: name.endsWith('[x]'),
    min: Number(min),
    max: max === '*' ? Number.POSITIVE_INFINITY : Number(max),
    types: listed === '*' ? open : listed.split('|'),
    isSummary: flags.includes('s'),
    isModifier: flags.includes('m'),
    codes: valueSet === undefined ? undefined : codesOf(valueSet),
    targets: targets === undefined ? undefined : targets.split('|'),
  }
}

/** By system, of a value set that R4 binds as required; `*`: all that the code system has. None where they cannot be listed. */
export function requiredCodes(url: string): Readonly<Record<string, readonly string[] | '*'>> | undefined {
  const name = url.replace('http://hl7.org/fhir/ValueSet/', '')
  return Object.hasOwn(valueSets, name) && (name !== url || url.includes(':')) ? valueSets[name] : undefined
}

function codesOf(valueSet: string): ElementDefinition['codes'] {
  const systems = valueSets[valueSet]
  if (!systems) return undefined
  const known = codesOfValueSets.get(valueSet)
  if (known) return known
  const codes = new Map(
    Object.entries(systems).map(([system, listed]) => [system, listed === '*' ? allOf(system) : new Set(listed)]),
  )
  codesOfValueSets.set(valueSet, codes)
  return codes
}

function allOf(system: string): ReadonlySet<string> {
  const codes = codesOfSystems.get(system) ?? new Set(codeSystems[system])
  codesOfSystems.set(system, codes)
  return codes
}

function read<T>(file: string): T {
  return JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')) as T
}
