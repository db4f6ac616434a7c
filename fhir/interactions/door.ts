import type { Interaction } from './asked.ts'

export type Letter = 'c' | 'r' | 'u' | 'd' | 's'

/** One address of the RESTful API: which interaction answers, and what of a scope it asks for. */
export interface Door {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  url: string
  /** As R4 names it, for the audit and the log. */
  name: string
  /** None: the entries say, or the interaction itself. */
  letter: Letter | undefined
  interaction: Interaction
}
