import type { FaceInteraction, FaceResource, FhirFace } from '#platform/fhir-face.ts'
import { definitions } from './operations/doors.ts'
import { type PlacedParameter, searchParametersOf } from './search-parameters.ts'
import { terminologyDefinitions } from './terminology/definitions.ts'

/** What mountFhir() does for these types, as a CapabilityStatement says it (hl7.org/fhir/R4/capabilitystatement.html). */
export const capabilitiesOf = (types: readonly string[]): FhirFace => ({
  resources: types.map((type) => resourceOf(type, types)),
  interactions: ['transaction', 'batch', 'search-system', 'history-system'],
  compartments: ['http://hl7.org/fhir/CompartmentDefinition/patient'],
  patchFormats: ['application/json-patch+json', 'application/fhir+json'],
  operations: [...definitions, ...terminologyDefinitions].filter(
    ({ resource }) =>
      resource.some((one) => types.includes(one)) || ['Resource', 'Patient'].includes(resource[0] ?? ''),
  ),
})

const INTERACTIONS: readonly FaceInteraction[] = [
  ...(['read', 'vread', 'update', 'patch', 'delete'] as const),
  ...(['history-instance', 'history-type', 'create', 'search-type'] as const),
]

function resourceOf(type: string, types: readonly string[]): FaceResource {
  const parameters = searchParametersOf(type).filter(isAnswered)
  return {
    type,
    interaction: INTERACTIONS.map((code) => ({ code })),
    versioning: 'versioned', // with If-Match where it is sent, which nobody must
    readHistory: true,
    updateCreate: true,
    conditionalCreate: true,
    conditionalRead: 'full-support',
    conditionalUpdate: true,
    conditionalDelete: 'single',
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
