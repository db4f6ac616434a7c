import { execFileSync } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { DEMO_PASSWORD } from '#demo/country.ts'
import { oldestPrograms, startOldest } from '#scripts/oldest-postgres.ts'
import { freePort } from '../../../tests/processes.ts'
import { type Driver, type Outcome, release } from '../driver.ts'
import { loadGate } from '../load-gate.ts'
import { Local } from '../local/local.ts'
import { colours, type Release } from '../platform.ts'
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
  ownerUrl: string
  load(limitSeconds: number): Promise<Load>
  /** Ends what serves as that colour at once, as a crash does. */
  kill(colour: (typeof colours)[number]): void
}

/** The judgement is the one of production; only the time is shorter, since the load is there from the first second on. */
const brief: ReleaseSettings = {
  ...careful,
  bakeSeconds: 3,
  minRequests: 300,
  pollMs: 200,
  limits: { short: 30, migrate: 60, ready: 60, drain: 45 },
}

export async function openStage(
  first: Release,
  say: (line: string) => void,
  bakeSeconds = brief.bakeSeconds,
): Promise<Stage> {
  const programs = oldestPrograms()
  if (!programs) throw new Error('A rehearsal needs PostgreSQL (Debian: postgresql-15).')
  const stack = new AsyncDisposableStack()
  try {
    const folder = mkdtempSync(join(realpathSync(tmpdir()), 'openhcs-rehearsal-'))
    stack.defer(() => rmSync(folder, { recursive: true, force: true }))
    const database = stack.use(await startOldest(programs, await freePort()))
    const local = await openLocal(folder, database)
    const balancer = await local.startBalancer()
    stack.defer(() => void process.kill(balancer, 'SIGTERM'))
    stack.defer(() => kill(local, 'SIGKILL'))
    await local.migrate(first, 'expand')
    execFileSync(process.execPath, ['main.ts', 'demo', 'load'], {
      cwd: first.source,
      env: { ...process.env, ...settingsFor(folder, database) },
      stdio: 'ignore',
    })
    const people = await patients(database.ownerUrl)
    const judge = people.pop() as SmokeAccount
    const driver: Driver = {
      platform: local,
      settings: { ...brief, bakeSeconds },
      smoke: (origin, wanted) => smoke(origin, wanted, judge),
      loadGate: (origin) => loadGate(origin, judge, { requests: 200, atOnce: 4, p99Ms: 1_000 }),
      say,
    }
    const kept = stack.move()
    return {
      local,
      driver,
      folder,
      ownerUrl: database.ownerUrl,
      load: (limitSeconds) => startLoad(local.origin, people, limitSeconds),
      kill: (colour) => kill(local, 'SIGKILL', [colour]),
      [Symbol.asyncDispose]: () => kept.disposeAsync(),
    }
  } catch (error) {
    await stack.disposeAsync()
    throw error
  }
}

function kill(local: Local, signal: NodeJS.Signals, which: readonly (typeof colours)[number][] = colours): void {
  for (const colour of which)
    for (const { pid } of local.processes(colour)) {
      try {
        process.kill(pid, signal)
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
  TRUST_PROXY: '127.0.0.1',
  RATE_LIMIT_PER_MINUTE: '1000000',
  LOG_LEVEL: 'warn',
})

async function openLocal(folder: string, database: { appUrl: string; ownerUrl: string }): Promise<Local> {
  const [port, blue, green, previewBlue, previewGreen] = await Promise.all(Array.from({ length: 5 }, freePort))
  const address = '127.0.0.1'
  return new Local({
    folder: join(folder, 'state'),
    address,
    port: port as number,
    previewPorts: { blue: previewBlue as number, green: previewGreen as number },
    copies: { blue: [{ address, port: blue as number }], green: [{ address, port: green as number }] },
    env: settingsFor(folder, database),
  })
}

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
