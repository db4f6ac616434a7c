import type { Kysely } from 'kysely'
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

/** What one room's database said last. */
export interface Reading {
  /** Whether it answered in time. */
  up: boolean
  samples: Readonly<Record<string, readonly Sample[]>>
}

/** A scrape may come as often as it likes: the database is asked no more often than this. */
const FRESH_MS = 10_000
/** For all figures of a room together. */
const READ_MS = 2_000
const STATEMENT_MS = 1_000

/**
 * Reads a room's figures so that no scrape can hurt: one read at a time, on a connection of its own, stopped by the database after a second, and
 * remembered for ten. What is late or fails leaves its metrics out, since an old figure would look like a new one.
 */
export function readerOf<T>(
  database: RoomDatabase<T>,
  metrics: readonly Metrics<T>[],
  now: () => Date,
  failed: (error: unknown) => void,
): () => Promise<Reading> {
  let last: { at: number; reading: Promise<Reading> } | undefined
  let busy = false
  const read = async (): Promise<Reading> => {
    if (busy) return DOWN
    busy = true
    const reading = readAll(database, metrics, now()).finally(() => {
      busy = false
    })
    return inTime(reading).catch((error) => {
      failed(error)
      return DOWN
    })
  }
  return () => {
    const at = performance.now()
    if (last === undefined || at - last.at > FRESH_MS) last = { at, reading: read() }
    return last.reading
  }
}

const DOWN: Reading = { up: false, samples: {} }

function inTime(reading: Promise<Reading>): Promise<Reading> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, READ_MS, DOWN)
    reading.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

async function readAll<T>(database: RoomDatabase<T>, metrics: readonly Metrics<T>[], now: Date): Promise<Reading> {
  const { tx, send, release } = await database.connect()
  try {
    await Promise.all([send('begin read only'), send(`set local statement_timeout = ${STATEMENT_MS}`)])
    const samples = {}
    for (const one of metrics) Object.assign(samples, await one.read(tx, now))
    await send('commit')
    release()
    return { up: true, samples }
  } catch (error) {
    release(true)
    throw error
  }
}
