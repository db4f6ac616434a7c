import type { Resource } from '../resource.ts'
import type { Designation } from './code-system.ts'

/** hl7.org/fhir/R4/valueset.html. */
export interface ValueSet extends Resource {
  resourceType: 'ValueSet'
  url?: string
  version?: string
  name?: string
  title?: string
  status?: string
  compose?: { include: readonly Include[]; exclude?: readonly Include[] }
  expansion?: { contains?: readonly StoredContains[] }
}

/** Of a code system, or of other value sets, or what they have in common. */
export interface Include {
  system?: string
  version?: string
  concept?: readonly Listed[]
  filter?: readonly Filter[]
  valueSet?: readonly string[]
}

export interface Listed {
  code: string
  display?: string
  designation?: readonly Designation[]
}

export interface Filter {
  property: string
  op: string
  value: string
}

export interface StoredContains {
  system?: string
  code?: string
  display?: string
  abstract?: boolean
  designation?: readonly Designation[]
  contains?: readonly StoredContains[]
}

/** A code of a value set. */
export interface Contains {
  system: string
  code: string
  display?: string | undefined
  designation?: readonly Designation[] | undefined
}

/** `url|version`: hl7.org/fhir/R4/references.html#canonical. */
export function canonicalOf(text: string): { url: string; version: string | undefined } {
  const bar = text.lastIndexOf('|')
  return bar < 0 ? { url: text, version: undefined } : { url: text.slice(0, bar), version: text.slice(bar + 1) }
}
