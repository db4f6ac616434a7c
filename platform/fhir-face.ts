// What a room's own FHIR face (`mount` in service.ts) does, as data: R4's words, as a CapabilityStatement has them (hl7.org/fhir/R4/capabilitystatement.html).

export interface FhirFace {
  resources: readonly FaceResource[]
  /** Of the whole system. */
  interactions: readonly ('transaction' | 'batch' | 'search-system' | 'history-system')[]
  /** Canonical addresses of CompartmentDefinitions that can be searched in. */
  compartments: readonly string[]
  /** Path of the websocket by which subscriptions tell, where there is one. */
  websocket?: string
  /** Media types in which a PATCH may come. */
  patchFormats: readonly string[]
  operations: readonly FaceOperation[]
}

/** CapabilityStatement.rest.resource, but for its operations, which follow from `FhirFace.operations`. */
export interface FaceResource {
  type: string
  interaction: readonly { code: FaceInteraction }[]
  versioning: 'no-version' | 'versioned' | 'versioned-update'
  readHistory: boolean
  updateCreate: boolean
  conditionalCreate: boolean
  conditionalRead: 'not-supported' | 'modified-since' | 'not-match' | 'full-support'
  conditionalUpdate: boolean
  conditionalDelete: 'not-supported' | 'single' | 'multiple'
  /** `Type:parameter`. */
  searchInclude: readonly string[]
  searchRevInclude: readonly string[]
  searchParam: readonly { name: string; type: string }[]
}

export type FaceInteraction =
  | 'read'
  | 'vread'
  | 'update'
  | 'patch'
  | 'delete'
  | 'history-instance'
  | 'history-type'
  | 'create'
  | 'search-type'

/** What an OperationDefinition says beside its address: hl7.org/fhir/R4/operationdefinition.html. */
export interface FaceOperation {
  /** `Patient-everything`. */
  id: string
  name: string
  description: string
  affectsState: boolean
  /** Without `$`. */
  code: string
  /** Types that it is of; `Resource`: all that the face has. */
  resource: readonly string[]
  system?: boolean
  type: boolean
  instance: boolean
  parameter: readonly FaceParameter[]
}

export interface FaceParameter {
  name: string
  use: 'in' | 'out'
  min: 0 | 1
  max: '1' | '*'
  documentation: string
  type: string
}
