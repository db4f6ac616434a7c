import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedPostgres } from '#platform/embedded-postgres.ts'
import { benchBook } from './book-bench.ts'
import { type Country, makeCountry } from './country.ts'
import { benchFind } from './find-bench.ts'
import { loadNow, machine } from './machine.ts'
import { Load } from './measure.ts'
import { sqlAlone } from './pgbench.ts'
import { report, say } from './report.ts'

/** What every measurement needs. */
export interface Bench {
  /** Temporary: lists of requests, the database, files of the house. */
  folder: string
  load: Load
  /** Of each measurement. */
  seconds: number
  envFor(country: Country): Record<string, string>
}

const SMALL = 1_000
const LARGE = 100_000

/** Measures the promises of the house and writes docs/benchmarks.md. About five minutes. */
async function run(): Promise<void> {
  const seconds = Number(process.argv[2] ?? 8)
  const loadBefore = loadNow()
  const folder = await mkdtemp(join(tmpdir(), 'openhcs-bench-'))
  await chmod(folder, 0o755) // a server that root starts runs under another account, and must reach its data
  await using database = await startEmbeddedPostgres({ home: folder, durable: true })
  const bench: Bench = { folder, load: new Load(), seconds, envFor: (country) => envFor(country, folder) }
  try {
    const find = []
    for (const practitioners of [SMALL, LARGE]) {
      const at = new Date(Math.floor(Date.now() / 60_000) * 60_000)
      const country = await makeCountry(database, practitioners, { at, claims: practitioners === SMALL })
      say(`${practitioners} practitioners loaded in ${country.loadSeconds.toFixed(1)} s`)
      find.push(await benchFind(bench, country))
    }
    const [small, large] = find
    if (!small || !large) throw new Error('Nothing was measured')
    const book = await benchBook(bench, small.country)
    const alone = await sqlAlone(folder, [small.country, large.country], seconds / 4)
    const text = report({ small, large, book }, await machine(small.country, loadBefore), alone)
    await writeFile(new URL('../docs/benchmarks.md', import.meta.url), text)
    say(text)
  } finally {
    await bench.load.stop()
    await database.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

const envFor = ({ appUrl, ownerUrl }: Country, folder: string): Record<string, string> => ({
  DATABASE_URL: appUrl,
  DATABASE_OWNER_URL: ownerUrl,
  OPENHCS_HOME: folder,
  PUBLIC_URL: 'http://openhcs.test',
  RATE_LIMIT_PER_MINUTE: '10000000',
})

if (import.meta.main) await run()
