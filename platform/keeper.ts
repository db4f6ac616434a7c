import type { TransactionContext } from './context.ts'

// FHIR resources that follow from a room's own tables, written by FHIR: the face hands them to the room that keeps them, which does what its own operations
// do (docs/decisions/0051-keepers.md).

/** A FHIR R4 resource as it came, valid and with its id. */
export interface KeptResource {
  resourceType: string
  id: string
  [element: string]: unknown
}

export interface Named {
  type: string
  id: string
}

export interface Keeping extends Named {
  resource: KeptResource
  /** Its id is the client's own, which may be somebody's. */
  named: boolean
  /** As it is in the store; undefined: this creates it. */
  before: KeptResource | undefined
  /** JSON pointer to it, for whoever sent it. */
  at: string
}

/** What the store has of a resource since it was written. */
export interface Shown extends Named {
  version: number
  at: Date
  resource: { resourceType: string } | undefined
  concerns: { about: string[]; categories: string[] }
}

/** What a room keeps for FHIR clients. Each function runs as that room, in a transaction of whoever asked. */
export interface Keeper<T> {
  /** Types that are written, in the order in which they are: what refers to another comes after it. */
  types: readonly string[]
  /** Types that are not, or are not deleted, with what to do instead. */
  refuses(type: string, letter: 'c' | 'u' | 'd'): string | undefined
  /** A reference by which what is created has its id, where that is somebody else's. */
  idFrom?(resource: { resourceType: string }): string | undefined
  /** Which of these are there, by `Type/id`, and whether the caller may change them. Nobody else does until the transaction ends. */
  hold(ctx: TransactionContext<T>, wanted: readonly Named[]): Promise<ReadonlyMap<string, boolean>>
  /**
   * Writes all of them, in their order, and brings the store to what they say. Throws a Problem with pointers where one may not be. Those of which it knows what
   * the store has by now need not be read.
   */
  keep(ctx: TransactionContext<T>, wanted: readonly Keeping[]): Promise<readonly Shown[]>
}

/** A keeper, and the room that it is of. */
export interface KeptBy {
  room: string
  // biome-ignore lint/suspicious/noExplicitAny: rooms differ in their tables, and only the room itself needs to know them
  keeper: Keeper<any>
}
