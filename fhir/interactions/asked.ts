import type { Actor } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import type { KeptBy } from '#platform/keeper.ts'
import type { Writer } from '../store/write.ts'

/** One request of the RESTful API: hl7.org/fhir/R4/http.html. */
export interface Asked {
  /** '' where it is of all types. */
  type: string
  /** Of a search in a compartment: the type whose it is, and `id` says whose. */
  compartment?: string | undefined
  id: string
  version: string
  query: URLSearchParams
  headers: Readonly<Record<string, string | undefined>>
  body: unknown
  /** The actor as an interaction with this type (c r u d s) shall see it, or as one with the whole system; throws a Problem where the token's scopes or the roles do not permit it. */
  admit(type: string | undefined, letter: 'c' | 'r' | 'u' | 'd' | 's'): Actor
}

export interface Answer {
  status: number
  headers?: Record<string, string>
  /** JSON, as it is sent. */
  body?: string
}

/** What an installation's face is made of. */
export interface Face {
  /** Address of the service base, without a slash at its end. */
  base: string
  /** Types that the store has, and this face answers for. */
  types: readonly string[]
  /** Of those: what is always about a patient. */
  clinical: ReadonlySet<string>
  /** Of those: what follows from another room's rows, with the room that takes what is written of it. */
  keepers: ReadonlyMap<string, KeptBy>
  /** Of those: what is read by whoever may read another type, which is named here. */
  readAs: ReadonlyMap<string, string>
  /** And what may be about nobody, where whoever keeps what is for all writes it. */
  shared: ReadonlySet<string>
  writer: Writer
}

export type Interaction = (ctx: Context<unknown>, asked: Asked, face: Face) => Promise<Answer>
