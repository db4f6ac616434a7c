import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { DEMO_PASSWORD } from '#demo/country.ts'
import { type OldServerOptions, oldestPrograms, startOldest } from '#scripts/oldest-postgres.ts'
import { freePort } from '../../../tests/processes.ts'
import { type Driver, type Outcome, release } from '../driver.ts'
import { loadGate } from '../load-gate.ts'
import { runCopy } from '../local/copies.ts'
import { Local, type LocalSettings } from '../local/local.ts'
import { type Colour, colours, type Release } from '../platform.ts'
import { careful, type ReleaseSettings } from '../settings.ts'
import { type SmokeAccount, smoke } from '../smoke.ts'
import { type Load, startLoad, type Tally } from './load.ts'

export const CLIENTS = 16

/** A place to rehearse in: a real PostgreSQL with the fictional country, a real balancer, and room for two colours. */
export interface Stage extends AsyncDisposable {
  local: Local
  driver: Driver
  /** Where sources of variants go. */
  folder: string
  load(limitSeconds: number): Promise<Load>
  /** Ends what serves as that colour at once, as a crash does. */
  kill(colour: Colour): void
  /** Kills the balancer, and starts it again as whatever watches over it would. */
  killBalancer(): Promise<void>
}

/**
 * What may fail is what may fail in production, and the time is shorter, since the load is there from the first second on. How long an answer may take
 * says little here: the clients ask as fast as they are answered, so their mean is 16 divided by what the machine can do in a second (0.12 s where it does
 * 130; a good release was given up where it did fewer than 64).
 */
const brief: ReleaseSettings = {
  ...careful,
  bakeSeconds: 3,
  minRequests: 300,
  maxMeanMs: 2_000,
  pollMs: 200,
  limits: { short: 60, migrate: 120, ready: 120, drain: 45 },
}

/** Where a stage stands. */
export interface Ground {
  database: OldServerOptions & { port: number }
  /** Where the balancer listens, and where copies run. */
  places: Pick<LocalSettings, 'address' | 'port' | 'previewPorts' | 'copies' | 'within'>
}

/** All on this machine, on ports that are free. */
export async function onOneHost(): Promise<Ground> {
  const ports = await Promise.all(Array.from({ length: 6 }, freePort))
  const [database, port, blue, green, previewBlue, previewGreen] = ports as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const address = '127.0.0.1'
  return {
    database: { port: database },
    places: {
      address,
      port,
      previewPorts: { blue: previewBlue, green: previewGreen },
      copies: { blue: [{ address, port: blue }], green: [{ address, port: green }] },
    },
  }
}

export interface StageOptions {
  ground: Ground
  say(line: string): void
  bakeSeconds?: number
}

export async function openStage(
  first: Release,
  { ground, say, bakeSeconds = brief.bakeSeconds }: StageOptions,
): Promise<Stage> {
  const programs = oldestPrograms()
  if (!programs) throw new Error('A rehearsal needs PostgreSQL (Debian: postgresql-15).')
  const stack = new AsyncDisposableStack()
  try {
    const folder = mkdtempSync(join(realpathSync(tmpdir()), 'openhcs-rehearsal-'))
    stack.defer(() => rmSync(folder, { recursive: true, force: true }))
    const database = stack.use(await startOldest(programs, ground.database))
    const local = new Local({ ...ground.places, folder: join(folder, 'state'), env: settingsFor(folder, database) })
    let balancer = await local.startBalancer()
    stack.defer(() => void process.kill(balancer, 'SIGTERM'))
    stack.defer(() => kill(local, colours))
    await local.migrate(first, 'expand')
    await runCopy({ source: first.source, args: ['demo', 'load'], env: settingsFor(folder, database) })
    const people = await patients(database.ownerUrl)
    const judge = people.pop() as SmokeAccount
    const kept = stack.move()
    return {
      local,
      driver: driverOf(local, judge, bakeSeconds, say),
      folder,
      load: (limitSeconds) => startLoad(local.origin, people, limitSeconds),
      kill: (colour) => kill(local, [colour]),
      async killBalancer() {
        process.kill(balancer, 'SIGKILL')
        balancer = await local.startBalancer()
      },
      [Symbol.asyncDispose]: () => kept.disposeAsync(),
    }
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}

const driverOf = (local: Local, judge: SmokeAccount, bakeSeconds: number, say: (line: string) => void): Driver => ({
  platform: local,
  settings: { ...brief, bakeSeconds },
  smoke: (origin, wanted) => smoke(origin, wanted, judge),
  loadGate: (origin) => loadGate(origin, judge, { requests: 200, atOnce: 4, p99Ms: 5_000 }),
  say,
})

/** At once, as a crash does. */
function kill(local: Local, which: readonly Colour[]): void {
  for (const colour of which)
    for (const { pid } of local.processes(colour)) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It has ended already.
      }
    }
}

const settingsFor = (folder: string, { appUrl, ownerUrl }: { appUrl: string; ownerUrl: string }) => ({
  DATABASE_URL: appUrl,
  DATABASE_OWNER_URL: ownerUrl,
  DATABASE_POOL_SIZE: '4',
  OPENHCS_HOME: join(folder, 'home'),
  OPENHCS_SECRET_KEY: '0'.repeat(64),
  OPENHCS_DEMO: 'false',
  TRUST_PROXY: '127.0.0.1,10.77.0.1',
  RATE_LIMIT_PER_MINUTE: '1000000',
  LOG_LEVEL: 'warn',
})

/** Accounts of people who book for themselves: one for each client, and one for the smoke tests. */
async function patients(ownerUrl: string): Promise<SmokeAccount[]> {
  const client = new pg.Client({ connectionString: ownerUrl })
  await client.connect()
  try {
    const { rows } = await client.query<{ userName: string }>(
      `select a.user_name as "userName" from identity.account a join platform.access_grant g on g.account_id = a.id
       where g.relationship = 'self' and g.subject_type = 'Patient' and a.user_name is not null order by a.user_name limit $1`,
      [CLIENTS + 1],
    )
    return rows.map(({ userName }) => ({ userName, password: DEMO_PASSWORD }))
  } finally {
    await client.end()
  }
}

export interface Report {
  outcomes: Outcome[]
  tally: Tally
  /** Requests served before the first step, and after the last one: the load was there throughout. */
  outlived: boolean
}

/** Releases one after the other while the public goes on. `meanwhile` may do harm. */
export async function rehearse(
  stage: Stage,
  first: Release,
  releases: { wanted: Release; driver?: Partial<Driver> }[],
  meanwhile: () => void = () => {},
): Promise<Report> {
  await release(stage.driver, first)
  const load = await stage.load(600)
  const outcomes: Outcome[] = []
  let last = 0
  try {
    await sleep(1_000)
    for (const { wanted, driver } of releases) outcomes.push(await release({ ...stage.driver, ...driver }, wanted))
    meanwhile()
    last = performance.now()
    await sleep(1_000)
  } finally {
    await load.stop()
  }
  return { outcomes, tally: load.tally, outlived: load.tally.lastAt > last }
}
