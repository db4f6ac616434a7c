import type { Problem } from '#platform/errors.ts'
import type { Versions } from '../conditional.ts'
import type { Resource } from '../resource.ts'

// A batch or transaction as it was understood (hl7.org/fhir/R4/http.html#transaction): what readTransaction() makes of a Bundle, and the store carries out.

export interface Plan {
  type: 'batch' | 'transaction'
  /** In the order in which they are carried out (hl7.org/fhir/R4/http.html#trules): DELETE, POST, PUT and PATCH, GET and HEAD; of each as they came. */
  entries: readonly PlanEntry[]
  /** Of a batch: entries that cannot be carried out, which changes nothing for the others. A transaction has none, as it is refused. */
  refused: readonly { index: number; problem: Problem }[]
  /** How many entries came: the answer has as many. */
  size: number
}

export type Interaction = 'create' | 'update' | 'patch' | 'delete' | 'read' | 'vread' | 'history' | 'search'

export interface PlanEntry {
  /** Where it stood in the Bundle, from 0. */
  index: number
  method: 'DELETE' | 'POST' | 'PUT' | 'PATCH' | 'GET' | 'HEAD'
  interaction: Interaction
  /** Undefined where a search or a history is of the whole system. */
  type: string | undefined
  id: string | undefined
  /** Of vread. */
  versionId: string | undefined
  /** Of a search in a compartment: `Patient/1/Observation`. */
  compartment: { type: string; id: string } | undefined
  /** Behind the `?`: of a search or history what is asked; of an update, patch or delete without an id the condition. */
  query: string | undefined
  ifMatch: Versions | undefined
  ifNoneMatch: Versions | undefined
  ifModifiedSince: Date | undefined
  /** Of a create: a query, without its `?`. */
  ifNoneExist: string | undefined
  /** Of a patch: Parameters, or a Binary with a JSON Patch. */
  resource: Resource | undefined
  fullUrl: string | undefined
  /** Of what a room writes and nobody else shall change: that room. */
  heldBy?: string | undefined
  /** Of what a room writes anew: by whom patients stand who became one with another. */
  as?: ReadonlyMap<string, string> | undefined
}

export interface Identity {
  type: string
  id: string
}
