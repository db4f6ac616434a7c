import {
  Kysely,
  PostgresDialect,
  type PostgresPool,
  type PostgresPoolClient,
  type QueryCompiler,
  type Transaction,
} from 'kysely'
import pg from 'pg'
import { Problem } from './errors.ts'
import { asOptions, roleOf, type SessionOptions, sessionSettings, type Way } from './session.ts'
import { wakerOf } from './wake.ts'

// One representation for each SQL type, in every room: bigint as number (ids and counts stay far below 2^53), date as text.
pg.types.setTypeParser(pg.types.builtins.INT8, Number)
pg.types.setTypeParser(pg.types.builtins.DATE, (text) => text)

/** How often PostgreSQL was asked, for tests and benchmarks. A trip is a burst of statements sent without waiting for an answer. */
export interface Statistics {
  statements: number
  trips: number
}

/** More requests waiting for a connection than this get 503 at once instead of a long wait. */
const MAX_WAITING = 200

/** Beyond this many distinct texts statements go unnamed: a text that varies with its input would fill the server's memory. */
const MAX_NAMED = 1_000

/** One room's door to the database: a pipelined connection for short reads and a pool for transactions. */
export interface RoomDatabase<T> {
  /** Autocommit reads. */
  readonly db: Kysely<T>
  /** The same for every view of one room's database in one house: what a room keeps open can hang on it. */
  readonly key: object
  readonly statistics: Statistics
  /** Events that were committed since start, by name. */
  readonly committed: Map<string, number>
  /** A connection for one transaction; throws a `transient` Problem when too many wait already. */
  connect(): Promise<Connection<T>>
  /** A read that may take long, on a connection of its own: short ones would otherwise wait behind it. */
  apart<R>(read: (db: Kysely<T>) => Promise<R>): Promise<R>
  /** Says that so many jobs were committed. */
  wake(jobs: number): void
  waiting(): number
  inUse(): number
  close(): Promise<void>
}

export type Send = (text: string, values?: unknown[]) => Promise<pg.QueryResult>

export interface Connection<T> {
  /** Typed as a transaction: the caller has sent BEGIN. */
  readonly tx: Transaction<T>
  readonly send: Send
  /** `broken` closes the connection instead of giving it back. */
  release(broken?: boolean): void
}

export interface DatabaseOptions extends SessionOptions, Way {
  poolSize: number
}

type Tuned = pg.Client & { tuned?: Connection<unknown> }

/** `role` and `search_path` make the wall: the room's role has rights on its own schema and on the ground's tables only. */
export function openDatabase<T>({ url, pooled, named, poolSize, ...session }: DatabaseOptions): RoomDatabase<T> {
  const statistics: Statistics = { statements: 0, trips: 0 }
  const { room, statementSeconds } = session
  const settings = {
    connectionString: url,
    application_name: `openhcs ${room}`,
    ...(!pooled && { options: asOptions({ role: roleOf(room), ...sessionSettings(session) }) }),
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    // The server may have ended a connection while the network was away (session.ts): asking each second finds that out as soon as it is back.
    keepAliveInitialDelayMillis: 1_000,
    // Beyond statement_timeout, which a server that hangs cannot keep: the connection is given up, and a new one is opened.
    query_timeout: statementSeconds * 1_000 + 2_000,
    pipeline: true,
  }
  const pool = new pg.Pool({ ...settings, max: poolSize, idleTimeoutMillis: 60_000 })
  pool.on('error', () => {}) // an idle connection was lost; the pool opens another
  pool.on('connect', (client) => {
    client.on('error', () => {}) // one that is lost in a transaction; what was asked of it fails by itself
    tune(client, statistics, named)
  })
  const reader = new Reader(
    () => new pg.Client(settings),
    (client) => tune(client, statistics, named),
  )
  const db = new Kysely<T>({ dialect: new Dialect({ pool: reader as unknown as PostgresPool }) })

  return {
    db,
    key: statistics,
    statistics,
    committed: new Map(),
    wake: wakerOf((text, values) => reader.tell(text, values)),
    waiting: () => pool.waitingCount,
    inUse: () => pool.totalCount - pool.idleCount,
    connect,
    async apart(read) {
      const { tx, release } = await connect()
      try {
        return await read(tx)
      } finally {
        release()
      }
    },
    async close() {
      await Promise.all([pool.end(), reader.end()])
    },
  }

  async function connect(): Promise<Connection<T>> {
    if (pool.waitingCount >= MAX_WAITING) throw new Problem('transient', 'The service is saturated; try again shortly.')
    const client: Tuned & pg.PoolClient = await pool.connect()
    client.tuned ??= await connectionOf(client)
    const { tx, send } = client.tuned as Connection<T>
    return { tx, send, release: (broken = false) => client.release(broken) }
  }
}

async function connectionOf(client: pg.PoolClient): Promise<Connection<unknown>> {
  const send: Send = (text, values) => client.query(text, values)
  const tx = kyselyOver(send) as Transaction<unknown>
  // Makes it ready: the first statement would wait for that, and the second overtake it.
  await tx.getExecutor().provideConnection(async () => {})
  return { tx, send, release() {} }
}

/**
 * A compiler keeps the values of its last statement until its next: with one for each connection, each kept the largest that it had been given, a
 * bundle of megabytes, and what that says of a patient. It is done with a statement before it begins the next, so one is enough.
 */
class Dialect extends PostgresDialect {
  static #compiler: QueryCompiler | undefined

  override createQueryCompiler(): QueryCompiler {
    Dialect.#compiler ??= super.createQueryCompiler()
    return Dialect.#compiler
  }
}

/** A query builder whose statements all go one way. */
export function kyselyOver<T>(send: Send): Kysely<T> {
  const client = { query: send, release() {} }
  const pool = { connect: async () => client, end: async () => {} }
  return new Kysely<T>({ dialect: new Dialect({ pool: pool as unknown as PostgresPool }) })
}

const names = new Map<string, string>()

/** Counts each statement, and names it where that is of use. */
function tune(client: pg.Client, statistics: Statistics, named: boolean): void {
  const query = client.query.bind(client) as unknown as (config: object) => Promise<pg.QueryResult>
  const gather = gathererOf(client)
  let inFlight = 0
  client.query = ((textOrConfig: string | { text: string; values?: unknown[] }, given?: unknown[]) => {
    if (typeof textOrConfig !== 'string' && !('text' in textOrConfig)) return query(textOrConfig)
    const { text, values } = typeof textOrConfig === 'string' ? { text: textOrConfig, values: given } : textOrConfig
    statistics.statements++
    if (inFlight++ === 0) statistics.trips++
    gather()
    const answer = query({ text, values, ...(named && { name: nameOf(text) }) })
    const settled = () => {
      inFlight--
    }
    answer.then(settled, settled)
    return answer
  }) as typeof client.query
}

/**
 * What is sent within one turn of the event loop leaves in one write, and the server reads it in one: a burst of a transaction, or the look-ups
 * of several requests that came in together. Call before each statement.
 */
export function gathererOf(client: pg.Client): () => void {
  let gathering = false
  return () => {
    if (gathering) return
    gathering = true
    const { stream } = client.connection
    stream.cork()
    setImmediate(() => {
      gathering = false
      stream.uncork()
    })
  }
}

/**
 * A statement whose best plan depends on its values (a name that one in a million has, or one in eight) begins with this comment: it goes unnamed, and is
 * planned for them.
 */
export const PLAN_ANEW = '/* plan anew */'

function nameOf(text: string): string | undefined {
  if (text.startsWith(PLAN_ANEW)) return undefined
  const known = names.get(text)
  if (known !== undefined || names.size >= MAX_NAMED) return known
  const name = `q${names.size}`
  names.set(text, name)
  return name
}

/** A pool of one connection that everybody shares: reads are written to it back to back and answered in order. */
class Reader {
  readonly #open: () => pg.Client
  readonly #tune: (client: pg.Client) => void
  #client: Promise<PostgresPoolClient> | undefined
  #ended = false
  #tell: ((text: string, values: unknown[]) => Promise<pg.QueryResult>) | undefined

  constructor(open: () => pg.Client, tuned: (client: pg.Client) => void) {
    this.#open = open
    this.#tune = tuned
  }

  /** Beside the requests, and so in nobody's statistics. */
  async tell(text: string, values: unknown[]): Promise<pg.QueryResult> {
    await this.connect()
    if (!this.#tell) throw new Error('not connected')
    return this.#tell(text, values)
  }

  connect(): Promise<PostgresPoolClient> {
    // Wakings come late: a job that ended just before says so 10 ms later, and a connection opened then would be closed by nobody.
    if (this.#ended) return Promise.reject(new Error('this database is closed'))
    if (this.#client) return this.#client
    // A client that is lost says so twice, and somebody may have opened the next one meanwhile.
    const opening = this.#connect(() => {
      if (this.#client === opening) this.#client = undefined
    })
    this.#client = opening
    return opening
  }

  async #connect(forget: () => void): Promise<PostgresPoolClient> {
    const client = this.#open()
    client.on('error', forget).on('end', forget)
    this.#tell = client.query.bind(client)
    this.#tune(client)
    try {
      await client.connect()
    } catch (error) {
      forget()
      throw error
    }
    return Object.assign(client, { release() {} }) as unknown as PostgresPoolClient
  }

  async end(): Promise<void> {
    this.#ended = true
    const client = (await this.#client?.catch(() => undefined)) as unknown as pg.Client | undefined
    await client?.end()
  }
}
