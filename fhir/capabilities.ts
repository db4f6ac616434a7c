import type { FaceInteraction, FaceResource, FhirFace } from '#platform/fhir-face.ts'
import { definitions } from './operations/doors.ts'
import { compartmentTypes, type PlacedParameter, searchParametersOf } from './search-parameters.ts'
import { terminologyDefinitions } from './terminology/definitions.ts'

/** What mountFhir() does for these types, as a CapabilityStatement says it (hl7.org/fhir/R4/capabilitystatement.html). `written`: what is done with those of which not all is. */
export const capabilitiesOf = (
  types: readonly string[],
  written: ReadonlyMap<string, readonly FaceInteraction[]>,
): FhirFace => ({
  resources: types.map((type) => resourceOf(type, types, written.get(type) ?? WRITES)),
  interactions: ['transaction', 'batch', 'search-system', 'history-system'],
  compartments: compartmentTypes.map((type) => `http://hl7.org/fhir/CompartmentDefinition/${addressed(type)}`),
  patchFormats: ['application/json-patch+json', 'application/fhir+json'],
  operations: [...definitions, ...terminologyDefinitions].filter(
    ({ resource }) =>
      resource.some((one) => types.includes(one)) || ['Resource', 'Patient'].includes(resource[0] ?? ''),
  ),
})

/** `relatedPerson`. */
const addressed = (type: string) => `${type.charAt(0).toLowerCase()}${type.slice(1)}`

const READS: readonly FaceInteraction[] = ['read', 'vread', 'history-instance', 'history-type', 'search-type']
const WRITES: readonly FaceInteraction[] = ['create', 'update', 'patch', 'delete']

function resourceOf(type: string, types: readonly string[], writes: readonly FaceInteraction[]): FaceResource {
  const parameters = searchParametersOf(type).filter(isAnswered)
  const isCreated = writes.includes('create')
  return {
    type,
    interaction: [...READS, ...writes].map((code) => ({ code })),
    versioning: 'versioned', // with If-Match where it is sent, which nobody must
    readHistory: true,
    updateCreate: isCreated,
    conditionalCreate: isCreated,
    conditionalRead: 'full-support',
    conditionalUpdate: writes.includes('update'),
    conditionalDelete: writes.includes('delete') ? 'single' : 'not-supported',
    searchInclude: [`${type}:*`, ...referencesOf(type).map(({ code }) => `${type}:${code}`)],
    searchRevInclude: types.flatMap((from) =>
      referencesOf(from)
        .filter(({ targets }) => targets?.includes(type) ?? true)
        .map(({ code }) => `${from}:${code}`),
    ),
    searchParam: parameters.map(({ code, type }) => ({ name: code, type })),
  }
}

const referencesOf = (type: string) => searchParametersOf(type).filter((one) => one.type === 'reference')

/** Of composites the store answers those of two parts that begin with a token (fhir/store/conditions.ts). */
const isAnswered = ({ type, components = [] }: PlacedParameter): boolean =>
  type !== 'composite' || (components.length === 2 && components[0]?.type === 'token')
