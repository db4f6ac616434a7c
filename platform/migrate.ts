import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import pg from 'pg'
import { refuseHalfRestored } from './backup/mark.ts'
import type { AnyService } from './service.ts'

// Plain SQL, forward only, checksummed. One migrator at a time (advisory lock); each file in a transaction of its own; a lock on a busy
// table is waited for briefly, so that a migration never makes the whole service queue behind it.

// Advisory locks of the ground are 73051 and: 12 migrations, 13 the demonstration, 14 tests, 15 a restore, 16 the sealer, 17 requests under a key,
// 18 data keys, 19 relays and backups, 20 partitions of the audit, 21 keys that sign.
export const MIGRATION_LOCK = 7_305_112
const LOCK_TIMEOUT = '5s'
/** Longer than any transaction of ours lives; nobody queues behind this wait. */
const CONCURRENT_TIMEOUT = '60s'

/**
 * `expand`: what the release before can live with, so it runs while that serves. `contract`: also what it cannot, which is the files
 * `…_contract.sql` at the end. One that later files follow must have run before those may: it belongs to an earlier release, which is finished first.
 */
export type Stage = 'expand' | 'contract'

export interface MigrateOptions {
  ownerUrl: string
  appUrl: string
  services: readonly (Pick<AnyService, 'name' | 'migrations'> & Partial<Pick<AnyService, 'resources'>>)[]
  /** Default: expand. */
  stage?: Stage
  /** Exactly these, as `room/file`: what a backup was made under. Only a restore asks for them. */
  only?: ReadonlySet<string>
}

export const platformMigrations = new URL('./migrations/', import.meta.url)

interface Schema {
  name: string
  migrations: URL
}

interface Migration {
  /** Of the file. */
  name: string
  sql: string
  checksum: string
}

/** Brings the database to the present schema, with the rooms' roles and rights. Returns the names of the files it ran. */
export async function migrate({
  ownerUrl,
  appUrl,
  services,
  stage = 'expand',
  only,
}: MigrateOptions): Promise<string[]> {
  const client = new pg.Client({ connectionString: ownerUrl, application_name: 'openhcs migrate' })
  await client.connect()
  try {
    await requireVersion(client)
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK])
    if (!only) await refuseHalfRestored(client)
    await createRoles(client, services, await loginOf(appUrl))
    await migrateJobs(ownerUrl)
    await prepare(client)
    const schemas: Schema[] = [{ name: 'platform', migrations: platformMigrations }, ...services]
    const ran: string[] = []
    const wanted = (files: Migration[], room: string, applied: ReadonlyMap<string, string>) =>
      only ? files.filter(({ name }) => only.has(`${room}/${name}`)) : ofStage(files, stage, room, applied)
    for (const schema of schemas) ran.push(...(await migrateSchema(client, schema, wanted)))
    if (!only) await noteTypes(client, services)
    return ran
  } finally {
    await client.end()
  }
}

/** Which room keeps which type of FHIR resource, and so writes it (migrations/0016_fhir_store.sql). */
async function noteTypes(client: pg.Client, services: MigrateOptions['services']): Promise<void> {
  const kept = services.flatMap(({ name, resources = [] }) => resources.map((type) => ({ type, room: name })))
  await client.query(
    `insert into platform.fhir_type (type, room) select type, room from json_to_recordset($1) t(type text, room text)
     on conflict (type) do update set room = excluded.room where fhir_type.room <> excluded.room`,
    [JSON.stringify(kept)],
  )
}

const jobsMigrations = new URL('./jobs-migrations/', import.meta.url)

/** Brings the job engine's own database to the present schema. Returns the names of the files it ran. */
export async function migrateJobsDatabase({
  ownerUrl,
  appUrl,
}: Pick<MigrateOptions, 'ownerUrl' | 'appUrl'>): Promise<string[]> {
  const client = new pg.Client({ connectionString: ownerUrl, application_name: 'openhcs migrate' })
  await client.connect()
  try {
    await requireVersion(client)
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK])
    await createRoles(client, [], await loginOf(appUrl))
    await migrateJobs(ownerUrl)
    await prepare(client)
    return await migrateSchema(client, { name: 'jobs', migrations: jobsMigrations }, (files) => files)
  } finally {
    await client.end()
  }
}

/** With a pool of ours: the engine does not wait for its own to close, and a connection that is then cut would be nobody's error. */
async function migrateJobs(connectionString: string): Promise<void> {
  const pgPool = new pg.Pool({ connectionString, max: 2 })
  pgPool.on('error', () => {})
  pgPool.on('connect', (client) => client.on('error', () => {}))
  // Loaded where it is of use: most processes bring no schema forward.
  const { Logger, runMigrations } = await import('graphile-worker')
  try {
    await runMigrations({ pgPool, logger: new Logger(() => () => {}) })
  } finally {
    await pgPool.end()
  }
}

async function requireVersion(client: pg.Client): Promise<void> {
  const { rows } = await client.query(`select current_setting('server_version_num')::int as version`)
  if (rows[0].version < 150_000) throw new Error('PostgreSQL 15 or later is needed.')
}

async function loginOf(appUrl: string): Promise<string> {
  const app = new pg.Client({ connectionString: appUrl })
  await app.connect()
  try {
    return (await app.query('select current_user as name')).rows[0].name
  } finally {
    await app.end()
  }
}

/** Roles belong to the whole server, so two databases on it may both find them missing: whoever is second finds them made. */
async function createRoles(client: pg.Client, services: readonly { name: string }[], login: string): Promise<void> {
  await createRole(client, 'openhcs_room')
  await createRole(client, 'openhcs_jobs')
  for (const { name } of services) {
    await createRole(client, `openhcs_${name}`)
    await grantOnce(client, 'openhcs_room', `openhcs_${name}`)
    await grantOnce(client, `openhcs_${name}`, login)
  }
  await grantOnce(client, 'openhcs_jobs', login)
}

async function createRole(client: pg.Client, role: string): Promise<void> {
  await client.query(
    `do $$ begin create role ${role} nologin; exception when duplicate_object or unique_violation then null; end $$`,
  )
}

async function grantOnce(client: pg.Client, role: string, member: string): Promise<void> {
  const { rows } = await client.query(
    `select pg_has_role($1, $2, 'MEMBER') and pg_has_role($1, $2, 'USAGE') as granted`,
    [member, role],
  )
  if (!rows[0].granted) await client.query(`grant ${role} to ${pg.escapeIdentifier(member)}`)
}

/** graphile-worker puts row-level security without a policy on its tables, so that by default nobody but the owner sees a row. */
const ADMIT_JOBS = `
  do $$ declare one regclass; begin
    for one in select oid from pg_class c where relnamespace = 'graphile_worker'::regnamespace and relrowsecurity
      and not exists (select from pg_policy where polrelid = c.oid and polname = 'openhcs_jobs') loop
      execute format('create policy openhcs_jobs on %s to openhcs_jobs using (true) with check (true)', one);
    end loop;
  end $$`

async function prepare(client: pg.Client): Promise<void> {
  await client.query(`
    create schema if not exists platform;
    revoke all on schema public from public;
    grant usage on schema platform to openhcs_room;
    grant usage on schema graphile_worker to openhcs_jobs;
    grant select, insert, update, delete on all tables in schema graphile_worker to openhcs_jobs;
    grant usage, select on all sequences in schema graphile_worker to openhcs_jobs;
    grant execute on all functions in schema graphile_worker to openhcs_jobs;
    ${ADMIT_JOBS};
    create table if not exists platform.migration (
      room text not null, name text not null, checksum text not null, applied_at timestamptz not null default now(),
      primary key (room, name))`)
}

async function migrateSchema(
  client: pg.Client,
  { name: room, migrations }: Schema,
  wanted: (files: Migration[], room: string, applied: ReadonlyMap<string, string>) => Migration[],
): Promise<string[]> {
  if (room !== 'platform')
    await client.query(`
      create schema if not exists ${room};
      grant usage on schema ${room} to openhcs_${room};
      alter default privileges in schema ${room} grant select, insert, update, delete on tables to openhcs_${room};
      alter default privileges in schema ${room} grant usage, select on sequences to openhcs_${room}`)
  const { rows } = await client.query('select name, checksum from platform.migration where room = $1', [room])
  const applied = new Map<string, string>(rows.map(({ name, checksum }) => [name, checksum]))
  const ran: string[] = []
  for (const { name, sql, checksum } of wanted(filesOf(migrations), room, applied)) {
    const earlier = applied.get(name)
    if (earlier !== undefined && earlier !== checksum)
      throw new Error(`${room}/${name} was changed after it had been applied. Add a new migration instead.`)
    if (earlier === undefined) {
      await apply(client, room, { name, sql, checksum })
      ran.push(`${room}/${name}`)
    }
  }
  return ran
}

function ofStage(files: Migration[], stage: Stage, room: string, applied: ReadonlyMap<string, string>): Migration[] {
  if (stage === 'contract') return files
  const expanding = files.slice(0, files.findLastIndex(({ name }) => !contracts(name)) + 1)
  // A new database has no release before. In another one, what contracts and has not run may still be needed by what serves now.
  const left = applied.size > 0 ? expanding.find(({ name }) => contracts(name) && !applied.has(name)) : undefined
  if (left)
    throw new Error(
      `${room}/${left.name} has not run, and later files follow it: finish the release that brought it or, once nothing older runs, openhcs migrate contract.`,
    )
  return expanding
}

const contracts = (name: string) => name.endsWith('_contract.sql')

export function filesOf(folder: URL): Migration[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => {
      const sql = readFileSync(new URL(name, folder), 'utf8')
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    })
}

async function apply(client: pg.Client, room: string, { name, sql, checksum }: Migration): Promise<void> {
  const path = room === 'platform' ? 'platform, public' : `${room}, platform, public`
  const note = () =>
    client.query('insert into platform.migration (room, name, checksum) values ($1, $2, $3)', [room, name, checksum])
  try {
    if (name.endsWith('_concurrently.sql')) {
      await buildIndex(client, room, path, sql)
      await note()
      return
    }
    await client.query('begin')
    await client.query(`set local lock_timeout = '${LOCK_TIMEOUT}'; set local search_path = ${path}`)
    await client.query(sql)
    await note()
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw new Error(`Migration ${room}/${name} failed: ${(error as Error).message}`, { cause: error })
  }
}

/**
 * CREATE INDEX CONCURRENTLY runs outside a transaction, and waits for those that have begun. One that failed leaves an index that nobody uses and
 * every write pays for: it goes before the next attempt.
 */
async function buildIndex(client: pg.Client, room: string, path: string, sql: string): Promise<void> {
  const { rows } = await client.query(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_index i join pg_class c on c.oid = i.indexrelid
     join pg_namespace n on n.oid = c.relnamespace where not i.indisvalid and n.nspname = $1`,
    [room],
  )
  await client.query(`set lock_timeout = '${CONCURRENT_TIMEOUT}'; set search_path = ${path}`)
  try {
    for (const { name } of rows) await client.query(`drop index concurrently ${name}`)
    await client.query(sql)
  } finally {
    await client.query('reset lock_timeout; reset search_path')
  }
}
