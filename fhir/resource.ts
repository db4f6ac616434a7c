/** A FHIR R4 resource as JSON (hl7.org/fhir/R4/json.html). What it may hold is for validate.ts to say. */
export interface Resource {
  resourceType: string
  id?: string
  meta?: Meta
  [element: string]: unknown
}

/** hl7.org/fhir/R4/resource.html#Meta. `versionId` and `lastUpdated` are the store's. */
export interface Meta {
  versionId?: string
  /** RFC 3339, with an offset. */
  lastUpdated?: string
  profile?: string[]
  security?: Coding[]
  tag?: Coding[]
  [element: string]: unknown
}

export interface Coding {
  system?: string
  code?: string
  [element: string]: unknown
}
