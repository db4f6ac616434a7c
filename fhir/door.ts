import type { Interaction } from './interactions/asked.ts'

export type Letter = 'c' | 'r' | 'u' | 'd' | 's'

/** One address of the RESTful API: which interaction answers, and what of a scope it asks for. */
export interface Door {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  url: string
  /** As R4 names it, for the audit and the log. */
  name: string
  /** None: the entries, or the interaction itself, say. */
  letter: Letter | undefined
  interaction: Interaction
  /** Of a search in one: the type whose compartment it is. */
  compartment?: string
  /** Also by a scope that is narrowed to a search: the interaction looks at `only` of the actor. */
  isNarrowable?: boolean
}

export const SYSTEM = '/fhir/R4'
export const TYPE = `${SYSTEM}/:type`
export const INSTANCE = `${TYPE}/:id`
