import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#platform/embedded-postgres.ts'
import { type Country, makeCountry } from './country.ts'

export const SMALL = 1_000
export const LARGE = 100_000

export interface Place {
  database: EmbeddedPostgres
  /** Temporary, and gone afterwards: the database, lists of requests, files of the house. */
  folder: string
}

/** A durable server of its own for the time of `act`. */
export async function withDatabase(act: (place: Place) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'openhcs-bench-'))
  await chmod(folder, 0o755) // a server that root starts runs under another account, and must reach its data
  try {
    await using database = await startEmbeddedPostgres({ home: folder, durable: true })
    await act({ database, folder })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** One can book in the small country; in the large one, only search. */
export function makeCountryOf(practitioners: number, { database }: Place): Promise<Country> {
  const at = new Date(Math.floor(Date.now() / 60_000) * 60_000)
  return makeCountry(database, practitioners, { at, claims: practitioners === SMALL })
}
