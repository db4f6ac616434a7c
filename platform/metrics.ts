import { CompiledQuery, type Kysely } from 'kysely'
import type { RoomDatabase } from './database.ts'

/** One figure of a metric. Labels are codes: never a path, a name or an id. */
export interface Sample {
  value: number
  labels?: Readonly<Record<string, string>>
}

/** Metrics that lie in the database. A room declares those of its own tables; its role keeps it from any other. */
export interface Metrics<T = unknown> {
  readonly names: Readonly<Record<`openhcs_${string}`, { help: string; labels?: readonly string[] }>>
  read(db: Kysely<T>, now: Date): Promise<Readonly<Record<string, readonly Sample[]>>>
}

type Samples = Readonly<Record<string, readonly Sample[]>>

/** What one room's database said last. */
export interface Reading {
  /** Whether it answers at all. */
  up: boolean
  samples: Samples
}

/** A scrape may come as often as it likes: the database is asked no more often than this. */
const FRESH_MS = 10_000
/** For all figures of a room together. */
const READ_MS = 2_000
const STATEMENT_MS = 1_000

/**
 * Reads a room's figures so that no scrape can hurt: one read at a time, on a connection of its own, stopped by the database after a second, and
 * remembered for ten. What is late or fails leaves its metrics out, since an old figure would look like a new one. Whether the database answers is asked
 * beside that, where no queue for connections stands in the way.
 */
export function readerOf<T>(
  database: RoomDatabase<T>,
  metrics: readonly Metrics<T>[],
  now: () => Date,
  failed: (error: unknown) => void,
): () => Promise<Reading> {
  let last: { at: number; reading: Promise<Reading> } | undefined
  const samples = once(() => readSamples(database, metrics, now()))
  const answer = once(() => database.db.executeQuery(CompiledQuery.raw('select 1')).then(() => true))
  const read = async (): Promise<Reading> => {
    const orElse =
      <R>(otherwise: R) =>
      (error: unknown) => {
        failed(error)
        return otherwise
      }
    const [up, all] = await Promise.all([answer().catch(orElse(false)), samples().catch(orElse<Samples>({}))])
    return { up, samples: all }
  }
  return () => {
    const at = performance.now()
    if (last === undefined || at - last.at > FRESH_MS) last = { at, reading: read() }
    return last.reading
  }
}

/** Not again while the last time still goes on, and given up when it takes too long. */
function once<R>(work: () => Promise<R>): () => Promise<R> {
  let busy = false
  return () =>
    new Promise((resolve, reject) => {
      if (busy) return reject(new Error('The last time still goes on'))
      busy = true
      const timer = setTimeout(reject, READ_MS, new Error('It took too long'))
      const ended = () => {
        busy = false
        clearTimeout(timer)
      }
      work().then(resolve, reject).finally(ended)
    })
}

async function readSamples<T>(database: RoomDatabase<T>, metrics: readonly Metrics<T>[], now: Date): Promise<Samples> {
  if (metrics.length === 0) return {}
  const { tx, send, release } = await database.connect()
  try {
    await Promise.all([send('begin read only'), send(`set local statement_timeout = ${STATEMENT_MS}`)])
    const samples = {}
    for (const one of metrics) Object.assign(samples, await one.read(tx, now))
    await send('commit')
    release()
    return samples
  } catch (error) {
    release(true)
    throw error
  }
}
