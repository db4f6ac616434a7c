import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import pg from 'pg'
import type { Config } from './config.ts'
import { MIGRATION_LOCK } from './migrate.ts'
import type { AnyService } from './service.ts'
import { roleOf, sessionSettings } from './session.ts'

// A pooler in transaction mode gives each transaction another connection, so nothing can be asked for when one starts. What makes a room's session
// comes with the login instead: each room has one, which is its role, and the database keeps its settings. docs/decisions/0021-pooler.md says why.

type Room = Pick<AnyService, 'name' | 'planOnce' | 'keeper' | 'fhir'>

/** Lets every room log in by the password of the pooler's address, with the settings that it would ask for otherwise. Does nothing without a pooler. */
export async function openLogins(config: Config, rooms: readonly Room[]): Promise<void> {
  const pooler = config.databasePoolerUrl
  if (!pooler) return
  const password = new URL(pooler.reveal()).password
  const statementSeconds = config.DATABASE_STATEMENT_SECONDS
  await asMigrator(config, async (client, database) => {
    for (const { name: room, planOnce = false } of rooms)
      await client.query(
        [
          `alter role ${roleOf(room)} login password ${pg.escapeLiteral(verifierOf(password))}`,
          `alter role ${roleOf(room)} in database ${database} reset all`,
          ...Object.entries(sessionSettings({ room, planOnce, statementSeconds })).map(
            ([name, value]) => `alter role ${roleOf(room)} in database ${database} set ${name} = ${value}`,
          ),
        ].join(';\n'),
      )
    await letKeepersIn(client, rooms)
  })
}

/**
 * A face that has a login of its own takes the role of a keeper for a part of a transaction (asRoom), and has nothing of it else. PostgreSQL 15 cannot tell the
 * two apart: there, through a pooler, what a keeper keeps is written by /v1 alone.
 */
async function letKeepersIn(client: pg.Client, rooms: readonly Room[]): Promise<void> {
  const { rows } = await client.query(`select current_setting('server_version_num')::int >= 160000 as can`)
  const faces = rows[0].can ? rooms.filter(({ fhir }) => fhir !== undefined) : []
  for (const { name: face } of faces)
    for (const { name: room } of rooms.filter(({ keeper }) => keeper !== undefined))
      await client.query(`grant ${roleOf(room)} to ${roleOf(face)} with inherit false, set true`)
}

/** Where this database's rooms could log in, and no pooler is set any more: they cannot again. */
export async function closeLogins(config: Config, rooms: readonly Room[]): Promise<void> {
  if (config.databasePoolerUrl) return
  await asMigrator(config, async (client, database) => {
    for (const { name } of rooms) {
      // Roles are the whole server's. One without settings in this database was opened for another, if at all.
      const { rowCount } = await client.query(
        `select from pg_db_role_setting join pg_roles r on r.oid = setrole join pg_database d on d.oid = setdatabase
         where r.rolname = $1 and d.datname = current_database()`,
        [roleOf(name)],
      )
      if (rowCount)
        await client.query(
          `alter role ${roleOf(name)} nologin password null; alter role ${roleOf(name)} in database ${database} reset all`,
        )
    }
  })
}

/** One at a time, as with migrations: two that alter one role at once refuse each other. */
async function asMigrator(config: Config, work: (client: pg.Client, database: string) => Promise<void>): Promise<void> {
  const client = new pg.Client({
    connectionString: config.databaseOwnerUrl.reveal(),
    application_name: 'openhcs migrate',
  })
  await client.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK])
    const { rows } = await client.query('select current_database() as name')
    await work(client, pg.escapeIdentifier(rows[0].name))
  } finally {
    await client.end()
  }
}

const ROUNDS = 4_096

/** What PostgreSQL keeps of a password (RFC 5803). It is made here, since a server may log the statements that change its roles. */
function verifierOf(password: string): string {
  const salt = randomBytes(16)
  const salted = pbkdf2Sync(password, salt, ROUNDS, 32, 'sha256')
  const key = (label: string) => createHmac('sha256', salted).update(label).digest()
  const storedKey = createHash('sha256').update(key('Client Key')).digest('base64')
  return `SCRAM-SHA-256$${ROUNDS}:${salt.toString('base64')}$${storedKey}:${key('Server Key').toString('base64')}`
}
