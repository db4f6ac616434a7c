import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Actor } from './auth.ts'
import type { Config } from './config.ts'
import type { Context, Errand } from './context.ts'
import type { RoomDatabase } from './database.ts'
import type { Subscription } from './events.ts'
import type { FhirFace } from './fhir-face.ts'
import type { Job } from './jobs.ts'
import type { Keeper, KeptBy } from './keeper.ts'
import type { Metrics } from './metrics.ts'
import type { EventSpec, InputOf, OperationSpec, OutputOf } from './operation.ts'
import type { AboutPerson, Person, Trace } from './person.ts'
import type { Sealed } from './rotate-keys.ts'
import type { Span } from './tracing.ts'

/** What a handler gets beside its context. `ifMatch` is the version in If-Match, where the operation asks for one. */
export type HandlerInput<S extends OperationSpec> = InputOf<S> & { ifMatch: number; upload: Buffer; mediaType: string }

/** For the few answers that are not JSON: streams and files. Absent when another room calls. */
export interface Exchange {
  request: FastifyRequest
  reply: FastifyReply
}

export interface Route<T = unknown> {
  operation: OperationSpec
  handler(ctx: Context<T>, input: HandlerInput<OperationSpec>, exchange: Exchange | undefined): Promise<unknown>
}

/** Joins an operation of the contract to the function that answers it. */
export function route<T, S extends OperationSpec>(
  operation: S,
  handler: (ctx: Context<T>, input: HandlerInput<S>, exchange: Exchange) => Promise<OutputOf<S>>,
): Route<T> {
  return { operation, handler: handler as Route<T>['handler'] }
}

export interface Caller {
  actor: Actor
  token: string | undefined
  /** Set where the request is being traced. */
  span?: Span | undefined
}

/** What a room gets for pages and protocols that are no operations of a contract. */
export interface Ground<T = unknown> {
  readonly config: Config
  /** By type of resource: who keeps what other rooms keep in tables of their own. */
  readonly keepers: ReadonlyMap<string, KeptBy>
  context(errand: Errand): Context<T>
  /** Who asks, as any operation of a contract finds it out: `nobody` without a token; throws a `login` Problem where that is no good. Counts for the account's limit. */
  caller(request: FastifyRequest, reply: FastifyReply): Promise<Caller>
  /** Counts a request as one of this operation, where that limits them. */
  count(operation: OperationSpec, request: FastifyRequest, reply: FastifyReply): Promise<void>
}

/** A room: what `services.ts` lists. */
export interface Service<T = unknown> {
  /** Also its schema and, after `openhcs_`, its role. */
  name: string
  /** One line, for people. */
  purpose: string
  /** FHIR resource types whose truth it keeps. */
  resources: readonly string[]
  routes: readonly Route<T>[]
  /** Events it announces. */
  events: readonly EventSpec[]
  subscriptions: readonly Subscription<T>[]
  jobs: readonly Job<T>[]
  /** What of its tables is worth watching. */
  metrics?: Metrics<T>
  /**
   * Its statements are planned once, by indexes alone (`PLAN_ONCE` in session.ts): for rooms whose statements cost less than their planning,
   * and all have an index.
   */
  planOnce?: boolean
  /** What it knows of one person: all of it, for that person to have. */
  aboutPerson?(ctx: Context<T>, person: Person): Promise<AboutPerson>
  /** Gives up what it knows of one person, and says what it kept and why. Done twice it does no harm. */
  erase?(ctx: Context<T>, person: Person): Promise<Trace[]>
  /** What of that which follows from its tables is not as they say; every house of tests asks before it closes. */
  faults?(ctx: Context<T>): Promise<readonly string[]>
  /** What it keeps encrypted, where it does. */
  sealed?: Sealed<T>
  /** Pages and protocols beside its operations. */
  mount?(scope: FastifyInstance, ground: Ground<T>): Promise<void>
  /** Where `mount` puts them, as addresses of the router: other processes send these on. Without methods: GET and POST. `maxBytes`: of bodies that are larger than others may be. */
  mountedAt?: readonly (string | { url: string; methods: readonly string[]; maxBytes?: number })[]
  /** Takes what a FHIR client writes of those types that follow from its tables. */
  keeper?: Keeper<T>
  /** What its mounted face of FHIR does, for GET /fhir/R4/metadata; a contract's operations say it themselves. */
  fhir?: FhirFace
  /** Folder of its migrations. */
  migrations: URL
  /** Ends answers that would never end by themselves; called when the server begins to stop. The database tells which house it is. */
  drain?(database: RoomDatabase<T>): void
  /** Gives back what it opened beside its database. */
  close?(database: RoomDatabase<T>): Promise<void>
}

/** A room whose tables are its own business. */
// biome-ignore lint/suspicious/noExplicitAny: rooms differ in their tables, and only the room itself needs to know them
export type AnyService = Service<any>
