import pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import type { Frame, Head, Sequences, TableEnds } from './format.ts'
import { RowSum } from './rows.ts'

// What a backup needs to know of the database, and what restoring one changes in it. All of it as the owner, who need not be a superuser.

export interface Table {
  /** `schema.table`, as pg_catalog has the two. */
  name: string
  columns: string[]
}

/** Under which COPY writes the same text for the same row on every server, and nothing is stopped for taking long. */
const SETTINGS = {
  search_path: 'pg_catalog',
  timezone: 'UTC',
  datestyle: 'ISO',
  intervalstyle: 'postgres',
  extra_float_digits: '1',
  bytea_output: 'hex',
  statement_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  row_security: 'off', // a row that may not be seen is an error then, and not a gap
}

/** Not by the connection's options, which some poolers drop. */
export async function connectOwner(url: string, doing: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: `openhcs ${doing}`, keepAlive: true })
  client.on('error', () => {}) // what was asked on it fails by itself
  await client.connect()
  await client.query(
    Object.entries(SETTINGS)
      .map(([name, value]) => `set ${name} = '${value}'`)
      .join('; '),
  )
  return client
}

/** The schemas of a house that has been migrated: the ground's, each room's, the job engine's. */
export async function schemasOf(client: pg.Client): Promise<string[]> {
  const { rows: found } = await client.query(`select to_regclass('platform.migration') is not null as migrated`)
  if (!found[0].migrated)
    throw new Error('There is nothing to back up: this database was never migrated (openhcs migrate).')
  const { rows } = await client.query('select distinct room from platform.migration order by 1')
  return ['graphile_worker', ...rows.map(({ room }) => room as string)]
}

/** In the backup's own words, so that it does not matter who owns what. The job engine's list of its migrations is its own affair. */
export async function tablesIn(client: pg.Client, schemas: readonly string[]): Promise<Table[]> {
  const { rows } = await client.query(
    `select n.nspname || '.' || c.relname as name, array_agg(a.attname::text order by a.attnum) filter (where a.attgenerated = '') as columns
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where n.nspname = any ($1) and c.relkind in ('r', 'p') and not c.relispartition
       and (n.nspname, c.relname) not in (('graphile_worker', 'migrations'), ('platform', 'restoring'))
     group by 1 order by 1`,
    [schemas],
  )
  return rows
}

export async function sequencesIn(client: pg.Client, schemas: readonly string[]): Promise<Sequences['values']> {
  const { rows } = await client.query(
    `select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = any ($1) and c.relkind = 'S' order by 1`,
    [schemas],
  )
  const values: Sequences['values'] = []
  for (const { name } of rows as { name: string }[]) {
    const state = await client.query(`select last_value::text as last, is_called as called from ${quoted(name)}`)
    values.push({ name, ...state.rows[0] })
  }
  return values
}

export async function migrationsOf(client: pg.Client): Promise<Head['migrations']> {
  return (await client.query('select room, name, checksum from platform.migration order by applied_at, room, name'))
    .rows
}

export async function jobEngineOf(client: pg.Client): Promise<number> {
  return (await client.query('select max(id)::int as id from graphile_worker.migrations')).rows[0].id
}

export const quoted = (name: string): string => name.split('.').map(pg.escapeIdentifier).join('.')

const listed = ({ columns }: Table) => columns.map(pg.escapeIdentifier).join(', ')

/** A query and not the table itself, since a partitioned one cannot be copied out before PostgreSQL 18. `order`: a column. */
export const copyOut = (table: Table, order?: string): string =>
  `copy (select ${listed(table)} from ${quoted(table.name)}${order === undefined ? '' : ` order by ${pg.escapeIdentifier(order)}`}) to stdout with (format text, encoding 'UTF8')`

/** A table with its rows, as frames. Answers the last of them. */
export async function* framesOfTable(
  client: pg.Client,
  table: Table,
  order?: string,
): AsyncGenerator<Frame, TableEnds> {
  yield { is: 'table', ...table }
  const sum = new RowSum()
  for await (const chunk of client.query(copyTo(copyOut(table, order), { highWaterMark: 262_144 }))) {
    sum.update(chunk)
    yield chunk
  }
  const { rows, bytes } = sum
  const done: TableEnds = { is: 'table end', name: table.name, rows, bytes, checksum: sum.checksum() }
  yield done
  return done
}

export const copyIn = (table: Table): string =>
  `copy ${quoted(table.name)} (${listed(table)}) from stdin with (format text, encoding 'UTF8')`
