import { createHmac } from 'node:crypto'
import type { Writable } from 'node:stream'
import type pg from 'pg'
import { writeEnvelope } from './backup/envelope.ts'
import { framesOfFiles } from './backup/files.ts'
import type { End, Frame, Head, Sequences, TableEnds } from './backup/format.ts'
import { refuseHalfRestored } from './backup/mark.ts'
import { partitionsIn } from './backup/partitions.ts'
import {
  connectOwner,
  framesOfTable,
  jobEngineOf,
  migrationsOf,
  quoted,
  schemasOf,
  sequencesIn,
  type Table,
  tablesIn,
} from './backup/tables.ts'
import { newId } from './ids.ts'
import { MIGRATION_LOCK } from './migrate.ts'

// A backup of our own, through the driver: works on every PostgreSQL from 15 on without a superuser and without its programs. Everything is read
// in one transaction, so it is what the database was at one instant, however many bookings go on meanwhile.

export interface BackupOptions {
  ownerUrl: string
  /** Of the job engine's database, where that is another one. Its jobs are in the backup as if the house's own engine had them. */
  jobsOwnerUrl?: string | undefined
  /** Of the installation. It is not in the backup; a check value is. */
  secretKey: string
  filesFolder: string
  /** The release, for the head. */
  version: string
  target: Writable
  /** 32 bytes to encrypt the backup with. */
  key?: Buffer | undefined
}

export interface BackupReport {
  head: Head
  tables: TableEnds[]
  files: End['files']
  rows: number
  bytes: number
  sha256: string
}

export async function writeBackup(options: BackupOptions): Promise<BackupReport> {
  const client = await connectOwner(options.ownerUrl, 'backup')
  const { jobsOwnerUrl } = options
  const engine = jobsOwnerUrl === undefined ? client : await connectOwner(jobsOwnerUrl, 'backup').catch(endOf(client))
  try {
    const { head, tables, schemas } = await takeSnapshot({ client, engine }, options)
    const end: End = { is: 'end', tables: [], files: { count: 0, bytes: 0, damaged: 0 } }
    const frames = framesOf({ client, engine }, { head, tables, schemas, end, filesFolder: options.filesFolder })
    const written = await writeEnvelope(frames, options.target, options.key)
    await client.query('commit')
    const rows = end.tables.reduce((sum, table) => sum + table.rows, 0)
    return { head, tables: end.tables, files: end.files, rows, ...written }
  } finally {
    await Promise.all([client.end(), ...(engine === client ? [] : [engine.end()])])
  }
}

const endOf = (client: pg.Client) => async (error: unknown) => {
  await client.end()
  throw error
}

/** The house's database and that of its job engine: mostly the same. */
interface Sources {
  client: pg.Client
  engine: pg.Client
}

const ENGINE = 'graphile_worker'
const sourceOf = ({ client, engine }: Sources, table: string) => (table.startsWith(`${ENGINE}.`) ? engine : client)

export const keyCheckOf = (secretKey: string, id: string): string =>
  createHmac('sha256', secretKey).update(`openhcs backup ${id}`).digest('hex')

interface Snapshot {
  head: Head
  tables: Table[]
  schemas: string[]
}

/** Waits for a migration that is under way; one that comes later finds the tables in use, and waits for nobody else. */
async function takeSnapshot({ client, engine }: Sources, options: BackupOptions): Promise<Snapshot> {
  await client.query('select pg_advisory_lock_shared($1)', [MIGRATION_LOCK])
  if (engine !== client) await beginBeside(client, engine)
  await client.query(BEGIN)
  await refuseHalfRestored(client)
  const schemas = await schemasOf(client)
  if (engine !== client) await releaseRelays(client)
  const tables = await tablesOf({ client, engine }, schemas)
  for (const { name } of tables)
    await sourceOf({ client, engine }, name).query(`lock table ${quoted(name)} in access share mode`)
  await client.query('select pg_advisory_unlock_shared($1)', [MIGRATION_LOCK])
  const { rows } = await client.query(`select now() as at, current_setting('server_version') as version`)
  const id = newId()
  const head: Head = {
    is: 'backup',
    id,
    madeAt: (rows[0].at as Date).toISOString(),
    version: options.version,
    postgres: rows[0].version,
    migrations: await migrationsOf(client),
    jobEngine: await jobEngineOf(engine),
    keyCheck: keyCheckOf(options.secretKey, id),
    tables: tables.map(({ name }) => name),
    partitions: await partitionsIn(client, schemas),
  }
  return { head, tables, schemas }
}

const BEGIN = 'begin isolation level repeatable read read only'
const RELAYS_LOCK = 7_305_119

/**
 * Two databases have no common instant. The engine's is first, so that a job which is done meanwhile is done again, which does no harm; and relays wait, so
 * that no request has left the house's before that is read.
 */
async function beginBeside(client: pg.Client, engine: pg.Client): Promise<void> {
  await client.query('select pg_advisory_lock($1)', [RELAYS_LOCK])
  await engine.query(BEGIN)
  await engine.query('select now()') // from here on it is read as of this instant
}

async function releaseRelays(client: pg.Client): Promise<void> {
  await client.query('select pg_advisory_unlock($1)', [RELAYS_LOCK])
  const { rowCount } = await client.query('select from graphile_worker._private_jobs limit 1')
  if (rowCount)
    throw new Error(
      'Jobs are in the engine of the house’s database although there is another (JOBS_DATABASE_URL). A worker moves them within seconds, once no process without that setting works on them: then again.',
    )
}

async function tablesOf({ client, engine }: Sources, schemas: string[]): Promise<Table[]> {
  if (engine === client) return tablesIn(client, schemas)
  const others = schemas.filter((name) => name !== ENGINE)
  return [...(await tablesIn(engine, [ENGINE])), ...(await tablesIn(client, others))]
}

async function sequencesOf({ client, engine }: Sources, schemas: string[]): Promise<Sequences['values']> {
  if (engine === client) return sequencesIn(client, schemas)
  const others = schemas.filter((name) => name !== ENGINE)
  return [...(await sequencesIn(engine, [ENGINE])), ...(await sequencesIn(client, others))]
}

interface Content extends Snapshot {
  end: End
  filesFolder: string
}

async function* framesOf(
  sources: Sources,
  { head, tables, schemas, end, filesFolder }: Content,
): AsyncGenerator<Frame> {
  yield head
  for (const table of tables) {
    end.tables.push(yield* framesOfTable(sourceOf(sources, table.name), table))
  }
  yield { is: 'sequences', values: await sequencesOf(sources, schemas) }
  for await (const frame of framesOfFiles(filesFolder)) {
    yield frame
    if (Buffer.isBuffer(frame) || frame.is !== 'file end') continue
    end.files.count++
    end.files.bytes += frame.bytes
    if (frame.sha256 !== frame.key) end.files.damaged++
  }
  yield end
}

/** So that `doctor` and the metrics know when the last one was made. */
export async function noteBackup(ownerUrl: string, { head, rows, bytes, sha256 }: BackupReport): Promise<void> {
  const client = await connectOwner(ownerUrl, 'backup')
  try {
    await client.query('insert into platform.backup (id, made_at, rows, bytes, sha256) values ($1, $2, $3, $4, $5)', [
      head.id,
      head.madeAt,
      rows,
      bytes,
      sha256,
    ])
  } finally {
    await client.end()
  }
}
