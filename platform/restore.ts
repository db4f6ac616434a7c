import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import pg from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import { readEnvelope } from './backup/envelope.ts'
import { FileDrafts } from './backup/files.ts'
import type { End, FileEnds, Head, Sequences, TableBegins, TableEnds } from './backup/format.ts'
import { isHalfRestored, markHalfRestored } from './backup/mark.ts'
import { bringPartitions } from './backup/partitions.ts'
import { type Parts, partsOf, run } from './backup/rebuild.ts'
import { RowSum } from './backup/rows.ts'
import {
  connectOwner,
  copyIn,
  copyOut,
  jobEngineOf,
  quoted,
  sequencesIn,
  type Table,
  tablesIn,
} from './backup/tables.ts'
import { type Receiver, walk } from './backup/walk.ts'
import { keyCheckOf } from './backup.ts'
import { filesOf, type MigrateOptions, migrate, platformMigrations } from './migrate.ts'

// A restore leaves all or nothing. It marks the empty database, makes the schema by the migrations that the backup names, and brings data, constraints,
// the proof that they are the same, and the end of the mark in one transaction. One that is killed leaves the mark, and the next begins anew.

export interface RestoreOptions extends Omit<MigrateOptions, 'only'> {
  secretKey: string
  /** The data is wanted although the key is lost: what it sealed cannot be verified any more. */
  otherKey?: boolean
  filesFolder: string
  source: Readable
  /** That the backup is encrypted with. */
  key?: Buffer | undefined
}

export interface RestoreReport {
  head: Head
  end: End
  /** Jobs that were being worked on when the backup was made: they will be done again. */
  unlocked: number
}

const RESTORE_LOCK = 7_305_115

export async function verifyBackup(source: Readable, key?: Buffer): Promise<{ head: Head; end: End }> {
  return walk(readEnvelope(source, key))
}

export async function restoreBackup(options: RestoreOptions): Promise<RestoreReport> {
  const client = await connectOwner(options.ownerUrl, 'restore')
  const loader = new Loader(client, options)
  try {
    const { head, end } = await walk(readEnvelope(options.source, options.key), loader)
    const unlocked = await loader.finish(end)
    await client.query('analyze')
    await client.end()
    return { head, end, unlocked }
  } catch (error) {
    await loader.abandon()
    throw error
  }
}

const schemasFor = (services: RestoreOptions['services']) => [
  'platform',
  'graphile_worker',
  ...services.map(({ name }) => name),
]

class Loader implements Receiver {
  readonly #client: pg.Client
  readonly #options: RestoreOptions
  readonly #schemas: string[]
  readonly #files: FileDrafts
  #begun = false
  #parts: Parts = { down: [], up: [] }
  #known = new Map<string, Table>()
  #loaded: Table[] = []
  #copy: Copy | undefined

  constructor(client: pg.Client, options: RestoreOptions) {
    this.#client = client
    this.#options = options
    this.#schemas = schemasFor(options.services)
    this.#files = new FileDrafts(options.filesFolder)
  }

  async head(head: Head): Promise<void> {
    const { ownerUrl, appUrl, services } = this.#options
    refuseUnknown(head, services)
    this.#refuseOtherKey(head)
    await makeRoom(this.#client, this.#schemas)
    this.#begun = true
    await this.#files.discard()
    await markHalfRestored(this.#client, head.id)
    const only = new Set(head.migrations.map(({ room, name }) => `${room}/${name}`))
    await migrate({ ownerUrl, appUrl, services, only })
    if ((await jobEngineOf(this.#client)) < head.jobEngine) throw newer(head)
    await bringPartitions(this.#client, this.#schemas, head.partitions)
    const tables = await tablesIn(this.#client, this.#schemas)
    this.#known = new Map(tables.map((table) => [table.name, table]))
    const missing = tables.filter(({ name }) => !head.tables.includes(name))
    if (missing.length > 0) throw new Error(`The backup lacks the table ${missing[0]?.name}: it cannot be restored.`)
    await this.#client.query(`begin; truncate ${tables.map(({ name }) => quoted(name)).join(', ')}`)
    this.#parts = await partsOf(this.#client, this.#schemas)
    await run(this.#client, this.#parts.down)
  }

  async table({ name, columns }: TableBegins): Promise<void> {
    const known = this.#known.get(name)
    const strange = columns.filter((column) => !known?.columns.includes(column))
    if (!known || strange.length > 0)
      throw new Error(`The backup has ${name} (${strange.join(', ')}), and the schema made for it has not.`)
    this.#loaded.push({ name, columns })
    this.#copy = new Copy(this.#client.query(copyFrom(copyIn({ name, columns }))))
  }

  async rows(chunk: Buffer): Promise<void> {
    await this.#copy?.write(chunk)
  }

  async tableEnd(): Promise<void> {
    await this.#copy?.end()
    this.#copy = undefined
  }

  async sequences({ values }: Sequences): Promise<void> {
    const known = new Set((await sequencesIn(this.#client, this.#schemas)).map(({ name }) => name))
    for (const { name, last, called } of values) {
      if (!known.has(name)) throw new Error(`The backup has the sequence ${name}, and the schema made for it has not.`)
      await this.#client.query('select setval($1::regclass, $2, $3)', [quoted(name), last, called])
    }
  }

  file = (key: string): Promise<void> => this.#files.begin(key)
  content = (chunk: Buffer): Promise<void> => this.#files.write(chunk)
  fileEnd = (file: FileEnds): Promise<void> => this.#files.end(file)

  /** Everything has been read and was right. What the database then has is read again, and must be the same. */
  async finish(end: End): Promise<number> {
    await this.#client.query(`set local maintenance_work_mem = '256MB'`)
    await run(this.#client, this.#parts.up)
    const expected = new Map(end.tables.map((table) => [table.name, table]))
    for (const table of this.#loaded) await proveSame(this.#client, table, expected.get(table.name) as TableEnds)
    const { rowCount } = await this.#client.query(
      'update graphile_worker._private_jobs set locked_at = null, locked_by = null where locked_at is not null',
    )
    await this.#client.query(
      'update graphile_worker._private_job_queues set locked_at = null, locked_by = null where locked_at is not null',
    )
    await settleRequests(this.#client)
    await this.#files.publish()
    await this.#client.query('drop table platform.restoring; commit')
    this.#begun = false
    return rowCount ?? 0
  }

  /** Ends in the middle of whatever it was doing, and takes back what it has made. Where that fails too, the mark stays. */
  async abandon(): Promise<void> {
    this.#client.connection.stream.destroy()
    if (!this.#begun) return
    await this.#files.discard().catch(() => {})
    const client = await connectOwner(this.#options.ownerUrl, 'restore').catch(() => undefined)
    if (client) await dropSchemas(client, this.#schemas).catch(() => {})
    await client?.end()
  }

  #refuseOtherKey({ id, keyCheck }: Head): void {
    if (this.#options.otherKey || keyCheckOf(this.#options.secretKey, id) === keyCheck) return
    throw new Error(
      'This backup was made under another secret key. Set OPENHCS_SECRET_KEY (or secret.key in OPENHCS_HOME) to the one of that installation. If it is lost: --other-key; the audit up to then can no longer be verified.',
    )
  }
}

const newer = ({ version }: Head) =>
  new Error(
    `This backup was made by another release (${version}), whose schema this one does not know. Restore it with that release; then upgrade.`,
  )

function refuseUnknown(head: Head, services: RestoreOptions['services']): void {
  const known = new Set(
    [{ name: 'platform', migrations: platformMigrations }, ...services].flatMap(({ name: room, migrations }) =>
      filesOf(migrations).map(({ name, checksum }) => `${room}/${name} ${checksum}`),
    ),
  )
  if (!head.migrations.every(({ room, name, checksum }) => known.has(`${room}/${name} ${checksum}`))) throw newer(head)
}

const OF_SOMEBODY = `
  select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e') order by 1 limit 1`

/** Of one that a restore left half done nothing is missed: it was empty before, and nobody has served from it. */
async function makeRoom(client: pg.Client, schemas: readonly string[]): Promise<void> {
  const { rows: lock } = await client.query('select pg_try_advisory_lock($1) as mine', [RESTORE_LOCK])
  if (!lock[0].mine) throw new Error('Another restore into this database is going on.')
  if (await isHalfRestored(client)) await dropSchemas(client, schemas)
  const { rows } = await client.query(OF_SOMEBODY)
  if (rows.length > 0)
    throw new Error(
      `A backup is restored into an empty database only, and this one has ${rows[0].name}. Make a new one (create database …) and set DATABASE_URL and DATABASE_OWNER_URL to it; with the embedded PostgreSQL, stop everything and move the folder postgres in OPENHCS_HOME away.`,
    )
}

async function dropSchemas(client: pg.Client, schemas: readonly string[]): Promise<void> {
  // The mark is in the ground's schema, so that one goes last.
  const order = [...schemas.filter((name) => name !== 'platform'), 'platform']
  await run(
    client,
    order.map((name) => `drop schema if exists ${pg.escapeIdentifier(name)} cascade`),
  )
}

/** Of an installation whose job engine had a database of its own; what was on its way there is put where its jobs are. */
async function settleRequests(client: pg.Client): Promise<void> {
  const { rows } = await client.query(`select to_regproc('platform.settle_job_requests') is not null as known`)
  if (rows[0].known) await client.query('select platform.settle_job_requests()')
}

async function proveSame(client: pg.Client, table: Table, expected: TableEnds): Promise<void> {
  const sum = new RowSum()
  for await (const chunk of client.query(copyTo(copyOut(table)))) sum.update(chunk)
  if (sum.rows !== expected.rows || sum.checksum() !== expected.checksum)
    throw new Error(`${table.name} is not what was backed up: ${sum.rows} rows instead of ${expected.rows}, or others.`)
}

/** Rows on their way into a table, no faster than it takes them. */
class Copy {
  readonly #stream: Writable
  readonly #failed: Promise<never>

  constructor(stream: Writable) {
    const { promise, reject } = Promise.withResolvers<never>()
    promise.catch(() => {})
    stream.on('error', reject)
    this.#stream = stream
    this.#failed = promise
  }

  async write(chunk: Buffer): Promise<void> {
    if (!this.#stream.write(chunk)) await Promise.race([once(this.#stream, 'drain'), this.#failed])
  }

  async end(): Promise<void> {
    const finished = once(this.#stream, 'finish')
    this.#stream.end()
    await Promise.race([finished, this.#failed])
  }
}
