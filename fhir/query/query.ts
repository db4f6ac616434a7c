import type { SearchParameter } from '../search-parameter.ts'

// A search as it was understood (hl7.org/fhir/R4/search.html): what parseQuery() makes of an address, and the store answers.

export interface Query {
  /** None: of all types. */
  types: readonly string[]
  /** All of them must hold. */
  criteria: readonly Criterion[]
  filter: Filter | undefined
  includes: readonly Include[]
  sort: readonly { parameter: SearchParameter; descending: boolean }[]
  /** How many of the matches are on a page: 1 to 1,000; 0 where only their number is asked for. */
  count: number
  cursor: string | undefined
  total: 'none' | 'estimate' | 'accurate'
  summary: 'true' | 'text' | 'data' | 'count' | undefined
  elements: readonly string[] | undefined
  /** Of a room that asks for what it wrote itself and holds: that room. Anybody may write another that looks like it. */
  heldBy?: string | undefined
  /** What was looked at, as it came, in its order: for the page's `self`. */
  used: URLSearchParams
}

export type Criterion = Own | Chain | Has | Compartment

/** A parameter of the resource itself: any of the values will do. */
export interface Own {
  kind: 'own'
  parameter: SearchParameter
  modifier: Modifier | undefined
  values: readonly Value[]
}

/** `subject:Patient.name=…`: what a reference leads to, of any of these types. */
export interface Chain {
  kind: 'chain'
  parameter: SearchParameter
  to: readonly Target[]
}

/** What of one type a chain may lead to. */
export interface Target {
  type: string
  criterion: Criterion
  /** Of `_filter`: what must hold of the same one too, `subject:Patient[active eq true].name`. */
  filter?: Filter | undefined
}

/** `_has:Observation:patient:code=…`: what refers to it. */
export interface Has {
  kind: 'has'
  type: string
  parameter: SearchParameter
  criterion: Criterion
}

/** `GET /Patient/1/Observation`: what is in the compartment of a patient, or of another that has one. */
export interface Compartment {
  kind: 'compartment'
  of: string
  id: string
}

export type Modifier =
  | 'exact'
  | 'contains'
  | 'missing'
  | 'not'
  | 'text'
  | 'identifier'
  | 'in'
  | 'not-in'
  | 'below'
  | 'above'
  | 'of-type'
  /** Of `_filter` alone. */
  | 'ends'

export type Prefix = 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb' | 'ap'

export type Value =
  /** Of `:missing`. */
  | { kind: 'missing'; missing: boolean }
  /** `system`: undefined where none was named, '' where it must have none. `code` undefined: any code of the system. */
  | { kind: 'token'; system: string | undefined; code: string | undefined }
  /** `:of-type`. */
  | { kind: 'of-type'; system: string; code: string; value: string }
  /** `:in` and `:not-in`: a value set's address. */
  | { kind: 'value-set'; url: string }
  /** `type` where it was said or there is one alone; `url` where it leads elsewhere, with its version after `|`. */
  | { kind: 'reference'; type: string | undefined; id: string }
  | { kind: 'reference-url'; url: string }
  /** As it was written: folding is for the index's side to say (fold in ../indexing/fold.ts). */
  | { kind: 'string'; text: string }
  | { kind: 'uri'; uri: string }
  /** `[from, until)` in UTC as RFC 3339, of the precision that was written. */
  | { kind: 'date'; prefix: Prefix; from: string; until: string }
  /** `[low, high)`: of the precision that was written. */
  | { kind: 'number'; prefix: Prefix; low: number; high: number; number: number }
  /** Without a unit: any unit. `unit` is canonical, and the numbers go with it, as in IndexValues; one without a system (`5||mg`) is as it was written. */
  | { kind: 'quantity'; prefix: Prefix; low: number; high: number; number: number; unit: string | undefined }
  | { kind: 'near'; latitude: number; longitude: number; km: number }
  /** One value for each component. */
  | { kind: 'composite'; parts: readonly Value[] }

/** `_filter`: hl7.org/fhir/R4/search_filter.html. */
export type Filter =
  | { kind: 'and' | 'or'; left: Filter; right: Filter }
  | { kind: 'not'; of: Filter }
  | { kind: 'criterion'; criterion: Criterion }

export interface Include {
  kind: 'include' | 'revinclude'
  /** The type that has the reference. */
  type: string
  /** None: all references (`*`). */
  parameter: SearchParameter | undefined
  target: string | undefined
  iterate: boolean
}
