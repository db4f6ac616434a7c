import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { startEmbeddedPostgres } from '#platform/embedded-postgres.ts'
import { migrateJobsDatabase } from '#platform/migrate.ts'
import { bookings } from './bookings.ts'
import { makeCountryOf, type Place, SMALL, withDatabase } from './database.ts'
import { databaseCpu } from './database-cpu.ts'
import type { HouseMessage } from './house-server.ts'
import { Load } from './measure.ts'
import { type ServerState, startPartner } from './messages.ts'
import { say } from './say.ts'

// What a database of its own for the job engine takes from the house's (docs/scaling.md): node bench/jobs-bench.ts. Bookings and everything that follows
// them, until no job is due; then the processor that each server has used. A minute.

const SECONDS = 5
const HOUR = 3_600_000
const WAIT_SECONDS = 60

interface Side {
  bookings: number
  perSecond: number
  p50: number
  main: number
  jobs: number
  wal: number
}

const DUE = 'select from graphile_worker._private_jobs where run_at <= now() and locked_at is null limit 1'
const REQUESTED = 'select from platform.job_request limit 1'

/** Nothing waits to be moved, and nothing is due where this house works. */
async function quiet(owner: pg.Client, engine: pg.Client): Promise<void> {
  for (let tries = 0; tries < WAIT_SECONDS * 10; tries++) {
    if (!(await owner.query(REQUESTED)).rowCount && !(await engine.query(DUE)).rowCount) return
    await sleep(100)
  }
  throw new Error(`Jobs are still due after ${WAIT_SECONDS} s`)
}

async function run(place: Place): Promise<void> {
  await using other = await startEmbeddedPostgres({ home: place.folder, name: 'jobs', durable: true })
  await migrateJobsDatabase(other)
  const country = await makeCountryOf(SMALL, place)
  const owner = new pg.Client({ connectionString: country.ownerUrl })
  const engine = new pg.Client({ connectionString: other.ownerUrl })
  await owner.connect()
  await engine.connect()
  const asks = await bookings(country, new Date(Date.now() + HOUR))
  const file = join(place.folder, 'bookings.json')
  writeFileSync(file, JSON.stringify(asks))
  const load = new Load(place.database.dataDirectory)
  let from = 0
  const used = async () => ({
    main: databaseCpu(place.database.dataDirectory) ?? Number.NaN,
    jobs: databaseCpu(other.dataDirectory) ?? Number.NaN,
    wal: Number((await owner.query(`select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') as bytes`)).rows[0].bytes),
  })
  const measure = async (env: Record<string, string>): Promise<Side> => {
    const house = startPartner<HouseMessage, ServerState>('./house-server.ts', {
      DATABASE_URL: country.appUrl,
      DATABASE_OWNER_URL: country.ownerUrl,
      OPENHCS_HOME: place.folder,
      PUBLIC_URL: 'http://openhcs.test',
      RATE_LIMIT_PER_MINUTE: '10000000',
      ...env,
    })
    try {
      await house.ask({ kind: 'work' })
      await quiet(owner, 'JOBS_DATABASE_URL' in env ? engine : owner)
      const before = await used()
      const one = await load.measure(
        house,
        { file, connections: 4, seconds: SECONDS, wrap: false, from, until: asks.length },
        '201',
      )
      from = one.next
      await quiet(owner, 'JOBS_DATABASE_URL' in env ? engine : owner)
      const after = await used()
      const each = (what: 'main' | 'jobs' | 'wal') => (after[what] - before[what]) / one.requests
      const { requests, perSecond, p50 } = one
      return { bookings: requests, perSecond, p50, main: each('main'), jobs: each('jobs'), wal: each('wal') }
    } finally {
      await house.stop()
    }
  }
  try {
    const apart = { JOBS_DATABASE_URL: other.appUrl, JOBS_DATABASE_OWNER_URL: other.ownerUrl }
    for (const [name, env] of [
      ['together', {}],
      ['apart', apart],
      ['together', {}],
      ['apart', apart],
    ] as const)
      say(`${name}: ${JSON.stringify(await measure(env))}`)
  } finally {
    await load.stop()
    await owner.end()
    await engine.end()
  }
}

await withDatabase(run)
