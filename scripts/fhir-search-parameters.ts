import type { Place } from '#fhir/indexing/place.ts'
import type { PlacedParameter } from '#fhir/search-parameters.ts'
import { ownedTypes } from '#fhir/types/resource-types.ts'
import { readDefinitions, readExample, resourcesIn } from './fhir-definitions.ts'
import { keep } from './generated-file.ts'
import { type Path, parseExpression } from './search-expression.ts'
import { placesOf } from './search-places.ts'

// fhir/types/search-parameters.json: what R4 4.0.1 lets each owned type be searched by, and where it stands.

interface Definition {
  url: string
  version: string
  code: string
  base: string[]
  type: PlacedParameter['type']
  expression?: string
  target?: string[]
  component?: { definition: string; expression: string }[]
}

interface Compartment {
  code: string
  resource: { code: string; param?: string[] }[]
}

/**
 * Needs what an index of values does not have: the whole text (`_text`, `_content`), a named query, a matching by sound (`phonetic`).
 * What sounds alike is found by the patients' room.
 */
const LEFT_OUT = new Set(['_text', '_content', '_query', 'phonetic'])

/** Which types of element a parameter can be looked up in: the tables of hl7.org/fhir/R4/search.html. Others that an expression leads to are passed over. */
const READABLE: Record<string, string> = {
  number: 'decimal integer positiveInt unsignedInt',
  date: 'date dateTime instant Period Timing',
  string: 'string markdown code id uri HumanName Address',
  token: 'CodeableConcept Coding Identifier ContactPoint code boolean string id uri canonical',
  reference: 'Reference canonical uri Resource',
  quantity: 'Quantity Range Money SampledData',
  uri: 'uri url canonical oid uuid string',
  special: 'BackboneElement',
}

const HL7 = 'http://hl7.org/fhir/SearchParameter/'

/** The package has them under the version of R4, which had no such parameters. */
const LATER = new Set([`${HL7}DetectedIssue-status`, `${HL7}ServiceRequest-order-detail`])

/** R4 names these two the wrong way round: the element `code` is the relation, `target` what it relates to. */
const MISNAMED: Record<string, string> = {
  [`${HL7}DocumentReference-relatesto code`]: `${HL7}DocumentReference-relation`,
  [`${HL7}DocumentReference-relation target`]: `${HL7}DocumentReference-relatesto`,
}

const definitions = resourcesIn<Definition>('search-parameters.json').filter(
  ({ url, version }) => version === '4.0.1' && url.startsWith(HL7) && !LATER.has(url),
)
const byUrl = new Map(definitions.map((definition) => [definition.url, definition]))

function parametersOf(type: string): PlacedParameter[] {
  return definitions
    .filter(({ base, code }) => base.includes(type) && !LEFT_OUT.has(code))
    .map((definition) => parameterOf(definition, type))
    .sort((a, b) => (a.code < b.code ? -1 : 1))
}

function parameterOf(definition: Definition, type: string): PlacedParameter {
  const { code, expression = '' } = definition
  const paths = parseExpression(expression).filter(({ root }) => root === type)
  if (paths.length === 0) throw new Error(`${code} of ${type} has no expression`)
  const found = paths.flatMap((path) => placesOf(path, type))
  const own = { code, type: definition.type, expression: textOf(paths) }
  if (definition.type === 'composite')
    return { ...own, finds: plain(found), components: componentsOf(definition, paths, type) }
  const readable = found.filter((place) => isReadable(place, definition.type))
  if (readable.length === 0) throw new Error(`${code} of ${type} finds nothing of its type`)
  const targets = targetsOf(definition, readable)
  return { ...own, ...(definition.type === 'reference' && { targets }), finds: plain(readable) }
}

const textOf = (paths: readonly Path[]) => [...new Set(paths.map(({ text }) => text))].join(' | ')

const isReadable = (place: Place, type: string) => READABLE[type]?.split(' ').includes(place.type) ?? false

const plain = (places: readonly Place[]): Place[] =>
  places.map(({ path, type, system }) => ({ path, type, ...(system && { system }) }))

/** What the parameter and the elements both allow. */
function targetsOf({ target = [] }: Definition, places: readonly { targets: readonly string[] }[]): string[] {
  const any = places.some(({ targets }) => targets.length === 0)
  const allowed = new Set(places.flatMap(({ targets }) => targets))
  return any ? target : target.filter((type) => allowed.has(type))
}

/** Of elements of the composite's own: `code` of `Observation.component`. */
function componentsOf({ component = [] }: Definition, bases: readonly Path[], type: string) {
  return component.map(({ definition, expression }) => {
    const part = byUrl.get(MISNAMED[`${definition} ${expression}`] ?? definition)
    if (!part) throw new Error(`${definition} is a component of ${type}, and not defined`)
    // From each base alike, so that one will do for all.
    const [finds = []] = bases.map((path) => componentPlaces(path, expression, type, part.type))
    if (finds.length === 0) throw new Error(`${part.code} of ${type} finds nothing as a component`)
    return { code: part.code, expression, type: part.type, finds }
  })
}

function componentPlaces(base: Path, expression: string, type: string, kind: string): Place[] {
  const depth = base.calls.length
  return parseExpression(expression)
    .map(({ root, calls, text }) => ({
      root: base.root,
      calls: [...base.calls, { kind: 'element' as const, name: root }, ...calls],
      text,
    }))
    .flatMap((path) => plain(placesOf(path, type)))
    .filter((place) => isReadable(place, kind))
    .map((place) => ({ ...place, path: place.path.slice(depth) }))
}

/** hl7.org/fhir/R4/compartmentdefinition.html. Of patients with the tasks that R4 left out and R5 has. */
const compartments = [
  readDefinitions<Compartment>('compartmentdefinition-patient.json'),
  ...['encounter', 'relatedPerson', 'practitioner', 'device'].map((name) =>
    readExample<Compartment>(`CompartmentDefinition-${name}.json`),
  ),
]

/** The resource whose compartment it is. */
const ITSELF = '{def}'

/** The parameters that put a resource beside another; one that is not looked up here would leave out what belongs there. */
function sidesOf({ resource }: Compartment, known: Readonly<Record<string, PlacedParameter[]>>): [string, string[]][] {
  return resource.flatMap(({ code, param = [] }) => {
    const own = known[code]
    if (!own || param.length === 0) return []
    const named = param.map((name) => (name === ITSELF ? '_id' : name))
    for (const name of named)
      if (name !== '_id' && !own.some((one) => one.code === name)) throw new Error(`${code} has no parameter ${name}`)
    return [[code, named]]
  })
}

/** One parameter a line, so that a difference can be read. */
function jsonOf(parameters: Record<string, PlacedParameter[]>): string {
  const types = Object.entries(parameters).map(
    ([type, list]) =>
      `    ${JSON.stringify(type)}: [\n${list.map((one) => `      ${JSON.stringify(one)}`).join(',\n')}\n    ]`,
  )
  const sides = compartments.map((one) => {
    const lines = sidesOf(one, parameters).map((side) => `      ${side.map((part) => JSON.stringify(part)).join(': ')}`)
    return `    ${JSON.stringify(one.code)}: {\n${lines.join(',\n')}\n    }`
  })
  return `{\n  "parameters": {\n${types.join(',\n')}\n  },\n  "compartments": {\n${sides.join(',\n')}\n  }\n}\n`
}

const parameters = Object.fromEntries(['Resource', ...ownedTypes].map((type) => [type, parametersOf(type)]))
keep('fhir/types/search-parameters.json', jsonOf(parameters))
