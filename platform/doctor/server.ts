import { CompiledQuery } from 'kysely'
import type { Config } from '../config.ts'
import { openDatabase } from '../database.ts'
import { ENGINE_CONNECTIONS } from '../jobs.ts'
import { roleOf, wayOf } from '../session.ts'
import { bad, type Examined, type Finding, good, look } from './finding.ts'

// The PostgreSQL server, and what this installation may do in it.

const EXTENSIONS = ['btree_gist', 'pg_trgm', 'unaccent']

export async function versionFinding({ owner }: Examined): Promise<Finding> {
  const { rows } = await owner.query(
    `select current_setting('server_version') as name, current_setting('server_version_num')::int as number`,
  )
  return judgeVersion(rows[0].name, Math.floor(rows[0].number / 10_000))
}

export function judgeVersion(name: string, major: number): Finding {
  if (major < 15) return bad('database version', `PostgreSQL ${name} is too old`, 'PostgreSQL 15 or later is needed.')
  if (major > 18)
    return look(
      'database version',
      `PostgreSQL ${name} is newer than what this release was tested on`,
      'Try it in staging first.',
    )
  return good('database version', `PostgreSQL ${name}`)
}

export async function extensionsFinding({ owner }: Examined): Promise<Finding> {
  const { rows } = await owner.query(
    `select w.name, a.name is not null as available from unnest($1::text[]) w(name)
     left join pg_available_extensions a on a.name = w.name where not exists (select from pg_extension e where e.extname = w.name)`,
    [EXTENSIONS],
  )
  return judgeExtensions(rows)
}

/** `missing`: those that the database does not have. */
export function judgeExtensions(missing: readonly { name: string; available: boolean }[]): Finding {
  const absent = missing.filter(({ available }) => !available).map(({ name }) => name)
  if (absent.length > 0)
    return bad(
      'extensions',
      `The server does not have ${absent.join(', ')}`,
      'Install the package of PostgreSQL’s own extensions (Debian: it is in postgresql-<version>).',
    )
  if (missing.length > 0)
    return look(
      'extensions',
      `Not made yet: ${missing.map(({ name }) => name).join(', ')}`,
      'openhcs migrate makes them.',
    )
  return good('extensions', EXTENSIONS.join(', '))
}

export async function encodingFinding({ owner }: Examined): Promise<Finding> {
  const { rows } = await owner.query(
    `select pg_encoding_to_char(encoding) as encoding, datcollate as collation, datcollversion as made,
       pg_database_collation_actual_version(oid) as now from pg_database where datname = current_database()`,
  )
  return judgeEncoding(rows[0])
}

export function judgeEncoding({
  encoding,
  collation,
  made,
  now,
}: Record<'encoding' | 'collation' | 'made' | 'now', string | null>): Finding {
  if (encoding !== 'UTF8')
    return bad(
      'encoding',
      `The database is in ${encoding}`,
      `Names are in every script: create database … encoding 'UTF8', and restore a backup into it.`,
    )
  if (made !== null && now !== null && made !== now)
    return bad(
      'encoding',
      `Indexes of text were sorted by version ${made} of the collation ${collation}, and the system has ${now}`,
      'An upgrade of the system did that. As the owner: reindex database; alter database … refresh collation version.',
    )
  return good('encoding', `UTF8, collation ${collation}`)
}

/** What one process of this configuration may open: docs/architecture.md. */
const connectionsOf = ({ config, services }: Examined) => {
  const rooms = config.databasePoolerUrl ? 0 : config.services.length || services.length // those connections are the pooler's
  const worker = config.jobsDatabaseUrl ? 2 : 1 + ENGINE_CONNECTIONS
  return rooms * (config.DATABASE_POOL_SIZE + 1) + (config.OPENHCS_WORKER ? worker : 1)
}

export async function connectionsFinding(examined: Examined): Promise<Finding> {
  const { rows } = await examined.owner.query(
    `select current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
       - coalesce(current_setting('reserved_connections', true), '0')::int as room,
     (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as used`,
  )
  return judgeConnections(rows[0].room, rows[0].used, connectionsOf(examined))
}

export function judgeConnections(room: number, used: number, each: number): Finding {
  const says = `${used} of ${room} connections are in use; a process of this configuration opens up to ${each}`
  const advice =
    'Raise max_connections, lower DATABASE_POOL_SIZE, or run fewer processes: docs/runbooks/connections-exhausted.md.'
  if (each > room || used > room * 0.95) return bad('connections', says, advice)
  if (used + each > room || used > room * 0.8) return look('connections', `${says}: one more may not fit`, advice)
  return good('connections', says)
}

/** A pooler between us and the server may drop what makes a room's session: the wall between rooms, and the timeouts. */
export async function sessionFinding({ config, services }: Examined): Promise<Finding> {
  const findings: Finding[] = []
  for (const { name } of services) findings.push(await sessionOf(config, name))
  return findings.find(({ verdict }) => verdict !== 'good') ?? findings[0] ?? good('sessions', 'No rooms')
}

async function sessionOf(config: Config, room: string): Promise<Finding> {
  const statementSeconds = config.DATABASE_STATEMENT_SECONDS
  const database = openDatabase({ ...wayOf(config, room), room, planOnce: false, poolSize: 1, statementSeconds })
  try {
    const text = `select current_user as role, current_setting('statement_timeout') as timeout, current_setting('timezone') as zone`
    const { rows } = await database.db.executeQuery<Record<'role' | 'timeout' | 'zone', string>>(
      CompiledQuery.raw(text),
    )
    return judgeSession(rows[0], roleOf(room))
  } catch (error) {
    const advice = config.databasePoolerUrl
      ? 'openhcs migrate lets the rooms log in by the password in DATABASE_POOLER_URL; the pooler must know it too: docs/operations.md.'
      : 'openhcs migrate grants the rooms’ roles to the login in DATABASE_URL.'
    return bad('sessions', `The room ${room} cannot connect: ${(error as Error).message}`, advice)
  } finally {
    await database.close()
  }
}

export function judgeSession(session: Record<'role' | 'timeout' | 'zone', string> | undefined, role: string): Finding {
  const advice =
    'A pooler in between drops the options of a connection: give its address in DATABASE_POOLER_URL, and that of the server in DATABASE_URL.'
  if (session?.role !== role)
    return bad(
      'sessions',
      `A room works as ${session?.role} and not as ${role}: the wall between rooms is down`,
      advice,
    )
  if (session.timeout === '0')
    return bad('sessions', 'No statement_timeout: one slow statement can hold a connection for ever', advice)
  if (session.zone !== 'UTC') return bad('sessions', `Sessions are in ${session.zone} instead of UTC`, advice)
  return good('sessions', `Rooms have their own role, and statements end after ${session.timeout}`)
}

export async function rightsFinding({ owner, services, config }: Examined): Promise<Finding> {
  const { rows } = await owner.query(
    `with room as (select 'openhcs_' || name as role, name from unnest($1::text[]) name),
     tables as (select c.oid, n.nspname as schema from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname in (select name from room) and c.relkind in ('r', 'p'))
     select r.role, string_agg(distinct case when t.schema = r.name then 'lacks ' else 'reaches ' end || t.oid::regclass::text, ', ') as what
     from room r join tables t on (t.schema = r.name) <> has_table_privilege(r.role, t.oid, 'select') and
       (t.schema = r.name or has_schema_privilege(r.role, t.schema, 'usage')) group by 1 order by 1`,
    [services.map(({ name }) => name)],
  )
  if (rows.length > 0)
    return bad(
      'rights',
      rows.map(({ role, what }) => `${role} ${what}`).join('; '),
      'Somebody changed rights by hand. openhcs migrate gives those that are lacking; revoke the others.',
    )
  const { rows: login } = await owner.query('select rolsuper as super from pg_roles where rolname = $1', [
    userOf(config.databaseUrl.reveal()),
  ])
  if (login[0]?.super)
    return look(
      'rights',
      'DATABASE_URL is a superuser, who may do everything',
      'Give it a login without rights of its own, and the owner’s in DATABASE_OWNER_URL.',
    )
  return good('rights', `${services.length} rooms, each with its own tables only`)
}

const userOf = (url: string) => /^[^:]+:\/\/([^:@/]+)/.exec(url)?.map(decodeURIComponent)[1] ?? ''

export async function clockFinding({ owner }: Examined): Promise<Finding> {
  const sent = Date.now()
  const { rows } = await owner.query('select clock_timestamp() as at')
  return judgeClock((rows[0].at as Date).getTime() - (sent + Date.now()) / 2)
}

export function judgeClock(milliseconds: number): Finding {
  const seconds = Math.abs(milliseconds) / 1_000
  const says = `The database’s clock is ${seconds.toFixed(1)} s ${milliseconds > 0 ? 'ahead' : 'behind'}`
  const advice =
    'Keep both machines at the time by NTP (chrony, systemd-timesyncd): jobs and holds begin and end by it.'
  if (seconds > 30) return bad('clock', says, advice)
  return seconds > 2 ? look('clock', says, advice) : good('clock', says)
}
