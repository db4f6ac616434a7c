import { createHash } from 'node:crypto'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Kysely } from 'kysely'
import pg from 'pg'
import { pino } from 'pino'
import { powers } from './access.ts'
import { newToken, type Role, system } from './auth.ts'
import { loadConfig, testServer } from './config.ts'
import { type House, openHouse } from './house.ts'
import { buildApp } from './http.ts'
import { newId } from './ids.ts'
import { jobsAt, runDueJobs } from './jobs.ts'
import { filesOf, migrate } from './migrate.ts'
import { openTracing } from './open-tracing.ts'
import type { AnyService } from './service.ts'
import type { Tracing } from './tracing.ts'
import { version } from './version.ts'

export interface TestHouseOptions {
  /** The house's clock stands still at this time until it is set. Default: 2031-03-01T08:00:00Z, a Saturday. */
  now?: string
  env?: Record<string, string>
  /** Another server than the one that all tests share, and a reader of it. */
  servers?: { app: string; owner: string; reader: string }
  /** Gets every log line, from debug on. */
  log?: (line: string) => void
  /** As another house was left, in place of an empty one. */
  from?: PutAway
}

/** What is left of a closed house. */
export interface PutAway extends AsyncDisposable {
  database: string
  home: string
}

export interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers whose shape they assert
  body: any
}

type Headers = Record<string, string>

/** Somebody who talks to the house. Every call answers; none throws on a 4xx. */
export interface Client {
  readonly account: string
  readonly token: string
  get(url: string, headers?: Headers): Promise<Answer>
  post(url: string, body?: object, headers?: Headers): Promise<Answer>
  put(url: string, body?: object, headers?: Headers): Promise<Answer>
  patch(url: string, body?: object, headers?: Headers): Promise<Answer>
  delete(url: string, headers?: Headers): Promise<Answer>
  /** Raw bytes of a media type. */
  upload(url: string, mediaType: string, content: Buffer): Promise<Answer>
}

export interface Person {
  roles?: Role[]
  self?: { patient?: string; practitioner?: string; caregiver?: string; donor?: string }
  /** The organisation where they work, and as what. */
  desk?: { organisation: string; function: 'desk' | 'manager' }
}

export interface TestHouse extends AsyncDisposable {
  readonly app: FastifyInstance
  readonly house: House
  /** As the owner: to arrange what no operation arranges, and to look at what is really there. */
  readonly owner: pg.Client
  /** As a room sees it, with its role and rights. */
  db<T>(room: string): Kysely<T>
  setNow(instant: string): void
  anonymous: Client
  /** A session made directly in the ground's tables: for tests whose subject is not signing in. */
  signedIn(person?: Person): Promise<Client>
  /** With a token got by signing in. */
  withToken(token: string): Client
  /** Runs due jobs and deliveries until none is left. */
  work(): Promise<void>
  /** Statements and round trips that `act` cost, over all rooms. */
  cost<R>(act: () => Promise<R>): Promise<{ result: R; statements: number; trips: number }>
  /** Closes the house and keeps what is in it, for others that begin there. */
  putAway(): Promise<PutAway>
}

const secretKey = '0'.repeat(64)

/** A house over a database of its own, copied from a template (about 60 ms). */
export async function openTestHouse(
  services: readonly AnyService[],
  { now = '2031-03-01T08:00:00Z', env = {}, servers, log: write, from }: TestHouseOptions = {},
): Promise<TestHouse> {
  const database = from ? await copyDatabase(from.database) : await copyTemplate(services, servers)
  const home = await mkdtemp(join(tmpdir(), 'openhcs-test-'))
  if (from) await cp(from.home, home, { recursive: true })
  const config = loadConfig({
    OPENHCS_HOME: home,
    OPENHCS_SECRET_KEY: secretKey,
    DATABASE_URL: database.appUrl,
    DATABASE_OWNER_URL: database.ownerUrl,
    ...(servers && { DATABASE_READER_URL: inDatabase(servers.reader, nameIn(database.appUrl)) }),
    DATABASE_POOL_SIZE: '5',
    MAX_EVENT_LOOP_DELAY_MS: '60000',
    PUBLIC_URL: 'http://openhcs.test',
    ...env,
  })
  let clock = new Date(now)
  const tracing = await openTracing(config, version)
  const log = write ? pino({ level: 'debug' }, { write: both(write, tracing) }) : pino({ level: 'fatal' })
  const house = openHouse({ config, services, log, now: () => clock, tracing })
  const app = await buildApp(house)
  await app.ready()
  const owner = new pg.Client({ connectionString: database.ownerUrl })
  await owner.connect()
  const close = async () => {
    await app.close()
    await house.close()
    await owner.end()
  }
  const end = async () => {
    const faults = servers ? [] : await faultsOf(house)
    await close()
    return faults
  }
  const remove = async () => {
    await database.drop()
    await rm(home, { recursive: true, force: true })
  }

  return {
    app,
    house,
    owner,
    db: (room) => house.databases.get(room)?.db as never,
    setNow: (instant) => {
      clock = new Date(instant)
    },
    anonymous: clientOf(app, ''),
    withToken: (token) => clientOf(app, token),
    signedIn: async (person) => clientOf(app, ...(await seat(owner, clock, person))),
    work: () => runDue(house),
    cost: (act) => costOf(house, act),
    async putAway() {
      agree(await end())
      return { database: nameIn(database.ownerUrl), home, [Symbol.asyncDispose]: remove }
    },
    async [Symbol.asyncDispose]() {
      const faults = await end()
      await remove()
      agree(faults)
    },
  }
}

/** What the rooms say is not as it should be, whatever the test was about. */
async function faultsOf(house: House): Promise<string[]> {
  const found = house.rooms.map(({ name, faults }) =>
    faults?.(house.context(name, { actor: system, traceId: newId(), doing: 'test' })),
  )
  return (await Promise.all(found)).flatMap((faults = []) => [...faults])
}

function agree(faults: readonly string[]): void {
  if (faults.length > 0) throw new Error(faults.slice(0, 20).join('\n'))
}

const both = (write: (line: string) => void, tracing: Tracing | undefined) => (line: string) => {
  write(line)
  tracing?.logs.write(line)
}

/** Jobs compare with the database's clock, so those planned for the test's future are due only when the test says so. */
async function runDue(house: House): Promise<void> {
  const failures: string[] = []
  const log = (level: string, message: string) => level === 'error' && failures.push(message)
  await runDueJobs({ ...jobsAt(house.config), tasks: house.tasks(), log })
  if (failures.length > 0) throw new Error(failures.join('\n'))
}

async function costOf<R>(house: House, act: () => Promise<R>) {
  const all = () => [...house.databases.values()].map(({ statistics }) => ({ ...statistics }))
  const before = all()
  const result = await act()
  const after = all()
  const spent = (what: 'statements' | 'trips') =>
    after.reduce((sum, now, i) => sum + now[what] - (before[i]?.[what] ?? 0), 0)
  return { result, statements: spent('statements'), trips: spent('trips') }
}

/** Rows of the ground for a person with these roles and records. The records themselves are the test's business. */
async function seat(
  owner: pg.Client,
  now: Date,
  { roles = [], self = {}, desk }: Person = {},
): Promise<[token: string, account: string]> {
  const account = newId()
  const { token, hash } = newToken()
  const later = new Date(now.getTime() + 365 * 86_400_000)
  await owner.query(
    'insert into platform.session (id, account_id, token_hash, created_at, expires_at) values ($1, $2, $3, $4, $5)',
    [newId(), account, hash, now, later],
  )
  for (const role of roles)
    await owner.query('insert into platform.role_grant (account_id, role, granted_at) values ($1, $2, $3)', [
      account,
      role,
      now,
    ])
  if (desk)
    await owner.query(
      `insert into platform.membership (id, account_id, organisation_id, function, given_by, given_at) values ($1, $2, $3, $4, $2, $5)`,
      [newId(), account, desk.organisation, desk.function, now],
    )
  const insert =
    'insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from) values ($1, $2, $3, $4, $5, $6, $7)'
  for (const [kind, id] of Object.entries(self)) {
    const type = kind.charAt(0).toUpperCase() + kind.slice(1)
    await owner.query(insert, [newId(), account, 'self', type, id, kind === 'patient' ? powers : [], now])
    if (kind === 'practitioner') await owner.query(insert, [newId(), account, 'licence', type, id, ['practise'], now])
  }
  return [token, account]
}

function clientOf(app: FastifyInstance, token: string, account = ''): Client {
  const authorization = token ? { authorization: `Bearer ${token}` } : {}
  const ask = async (
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    url: string,
    payload?: object | Buffer,
    headers: Headers = {},
  ): Promise<Answer> => {
    const response = await app.inject({
      method,
      url,
      headers: { ...authorization, ...headers },
      ...(payload !== undefined && { payload }),
    })
    const json = /\bjson\b/.test(String(response.headers['content-type'] ?? ''))
    return {
      status: response.statusCode,
      headers: response.headers as Answer['headers'],
      body: json && response.body ? response.json() : response.body,
    }
  }
  return {
    account,
    token,
    get: (url, headers) => ask('GET', url, undefined, headers),
    post: (url, body, headers) => ask('POST', url, body, headers),
    put: (url, body, headers) => ask('PUT', url, body, headers),
    patch: (url, body, headers) => ask('PATCH', url, body, headers),
    delete: (url, headers) => ask('DELETE', url, undefined, headers),
    upload: (url, mediaType, content) => ask('POST', url, content, { 'content-type': mediaType }),
  }
}

// Databases. A template is migrated once for each state of the migration files; each house gets a copy.

export interface TestDatabase {
  appUrl: string
  ownerUrl: string
  drop(): Promise<void>
}

function serverUrls(): { app: string; owner: string } {
  const { app, owner } = testServer()
  if (!app || !owner)
    throw new Error('Run tests with `make test` or `npm test -- <file>`: they start a PostgreSQL of their own.')
  return { app, owner }
}

const nameIn = (url: string) => /\/([^/?]*)(?:\?|$)/.exec(url)?.[1] ?? ''
const inDatabase = (url: string, name: string) => url.replace(/\/[^/?]*(\?|$)/, `/${name}$1`)

export async function copyTemplate(
  services: readonly AnyService[],
  servers: { app: string; owner: string } = serverUrls(),
): Promise<TestDatabase> {
  const { owner } = servers
  const files = [{ migrations: new URL('./migrations/', import.meta.url) }, ...services].flatMap(({ migrations }) =>
    filesOf(migrations),
  )
  const template = `template_${createHash('sha256')
    .update(files.map(({ checksum }) => checksum).join())
    .digest('hex')
    .slice(0, 16)}`
  const admin = new pg.Client({ connectionString: owner })
  await admin.connect()
  try {
    await admin.query('select pg_advisory_lock(7305114)')
    await makeTemplate(admin, template, services, servers)
    return await copyDatabase(template, servers)
  } finally {
    await admin.end()
  }
}

/** Nobody may be in the one that is copied. */
async function copyDatabase(source: string, { app, owner } = serverUrls()): Promise<TestDatabase> {
  const name = `test_${newId().replaceAll('-', '')}`
  const admin = new pg.Client({ connectionString: owner })
  await admin.connect()
  await admin.query(`create database ${name} template ${source}`).finally(() => admin.end())
  return { appUrl: inDatabase(app, name), ownerUrl: inDatabase(owner, name), drop: () => dropDatabase(owner, name) }
}

/** One without anything in it, of `owner` where somebody else than the usual owner shall have it. */
export async function emptyDatabase(owner?: { role: string; url: string }): Promise<TestDatabase> {
  const urls = serverUrls()
  const name = `test_${newId().replaceAll('-', '')}`
  const admin = new pg.Client({ connectionString: urls.owner })
  await admin.connect()
  await admin.query(`create database ${name} ${owner ? `owner ${owner.role}` : ''}`)
  await admin.end()
  return {
    appUrl: inDatabase(urls.app, name),
    ownerUrl: inDatabase(owner?.url ?? urls.owner, name),
    drop: () => dropDatabase(urls.owner, name),
  }
}

async function makeTemplate(
  admin: pg.Client,
  template: string,
  services: readonly AnyService[],
  { app, owner }: { app: string; owner: string },
): Promise<void> {
  const { rowCount } = await admin.query('select from pg_database where datname = $1 and datistemplate', [template])
  if (rowCount) return
  await admin.query(`drop database if exists ${template}`)
  await admin.query(`create database ${template}`)
  await migrate({ ownerUrl: inDatabase(owner, template), appUrl: inDatabase(app, template), services })
  await admin.query(`alter database ${template} with is_template true`)
}

async function dropDatabase(owner: string, name: string): Promise<void> {
  const admin = new pg.Client({ connectionString: owner })
  await admin.connect()
  await admin.query(`drop database if exists ${name} with (force)`)
  await admin.end()
}
