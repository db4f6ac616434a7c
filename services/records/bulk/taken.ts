import type { Resource } from '#fhir/resource.ts'

export interface Fault {
  line: number
  code: string
  diagnostics: string
}

export interface Taken {
  created: number
  unchanged: number
  faults: Fault[]
  /** What they refer to, as `Type/id`. */
  references: Set<string>
}

export interface Read {
  line: number
  resource: Resource & { id: string }
}
