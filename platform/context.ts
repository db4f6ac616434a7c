import type { FastifyBaseLogger } from 'fastify'
import type { Kysely, RawBuilder, Transaction } from 'kysely'
import type { Actor } from './auth.ts'
import type { Config } from './config.ts'
import type { RoomDatabase, Send } from './database.ts'
import type { Files } from './files.ts'
import type { Once } from './idempotency.ts'
import type { CallInput, OperationSpec, OutputOf } from './operation.ts'
import type { Span } from './tracing.ts'

/** What an operation function is given: who asks, for which room, with what at hand. Nothing is fetched from ambient storage. */
export interface Context<T = unknown> {
  readonly room: string
  /** Reads outside a transaction. */
  readonly db: Kysely<T>
  readonly database: RoomDatabase<T>
  readonly actor: Actor
  readonly config: Config
  readonly files: Files
  readonly log: FastifyBaseLogger
  readonly traceId: string
  /** Set where this is being traced. */
  readonly span: Span | undefined
  /** The operation, job or event that is being served, for the audit. */
  readonly doing: string
  /** The caller's token, sent on when another room lives in another process. */
  readonly token: string | undefined
  /** Set where this must take effect once only: a request with an Idempotency-Key, or the delivery of an event. */
  readonly once: Once | undefined
  /** Whether a reader of the database may answer for this room: it has to know when an account wrote. */
  readonly notesWrites: boolean
  /** Rooms that subscribe to an event, by its name. */
  readonly subscribers: ReadonlyMap<string, readonly string[]>
  /** Rooms that know something of people, and those that can give it up: see people.ts. */
  readonly people: { readonly about: readonly string[]; readonly erase: readonly string[] }
  now(): Date
  /** Asks another room. Never inside a transaction: ask first, then transact. */
  call<S extends OperationSpec>(operation: S, input: CallInput<S>): Promise<OutputOf<S>>
}

/** Inside `transact`: writes and locks compile, and there is no way to ask another room. */
export interface TransactionContext<T = unknown> extends Omit<Context<T>, 'db' | 'database' | 'call'> {
  readonly db: Transaction<T>
  /**
   * Sends a statement in the same round trip as COMMIT, without waiting for it. Whether it fails is known only when the transaction
   * does: right for a last write that the database itself accepts or refuses.
   */
  atCommit(query: RawBuilder<unknown>): void
  /** What goes to the ground's tables together with COMMIT. */
  readonly pending: Pending
}

export interface Pending {
  send: Send
  /** On their way, and nobody waits for them: see sendAlong(). */
  sent: Promise<unknown>[]
  statements: { sql: string; parameters: readonly unknown[] }[]
  audit: object[]
  jobs: object[]
  /** Names of what is announced, for counting. */
  events: string[]
  /** What jobs carry along where this is being traced. */
  traceparent: string | undefined
}

/** One request, job or delivery, before it is given a room. */
export interface Errand {
  actor: Actor
  traceId: string
  doing: string
  token?: string | undefined
  once?: Once | undefined
  span?: Span | undefined
  log?: FastifyBaseLogger
}
