import { connectOwner } from './backup/tables.ts'
import type { Config } from './config.ts'
import { bad, type Examined, type Finding, good, look } from './doctor/finding.ts'
import {
  diskFinding,
  filesFinding,
  keyFinding,
  nodeFinding,
  proxyFinding,
  publicUrlFinding,
  smtpFinding,
} from './doctor/machine.ts'
import { readerFinding } from './doctor/reader.ts'
import {
  clockFinding,
  connectionsFinding,
  encodingFinding,
  extensionsFinding,
  rightsFinding,
  sessionFinding,
  versionFinding,
} from './doctor/server.ts'
import { auditFinding, backupFinding, jobsFinding, migrationsFinding, partitionsFinding } from './doctor/state.ts'
import { zonesFinding } from './doctor/zones.ts'
import { engines } from './version.ts'

// Looks at everything that has kept an installation from serving, and says in words what to do. It changes nothing.

type DatabaseCheck = (examined: Examined) => Promise<Finding>

const ofServer: Record<string, DatabaseCheck> = {
  'database version': versionFinding,
  extensions: extensionsFinding,
  encoding: encodingFinding,
  connections: connectionsFinding,
  clock: clockFinding,
  'time zones': zonesFinding,
}

/** Those that need the tables. */
const ofHouse: Record<string, DatabaseCheck> = {
  sessions: sessionFinding,
  rights: rightsFinding,
  reader: readerFinding,
  jobs: jobsFinding,
  audit: auditFinding,
  'audit partitions': partitionsFinding,
  backup: backupFinding,
}

export interface ExamineOptions extends Pick<Examined, 'config' | 'services'> {
  now?: Date
}

export async function examine({ config, services, now = new Date() }: ExamineOptions): Promise<Finding[]> {
  const machine = await Promise.all([
    nodeFinding(process.versions.node, engines.node),
    diskFinding(config.OPENHCS_HOME),
    keyFinding(config),
    publicUrlFinding(config),
    proxyFinding(config),
    smtpFinding(config),
    filesFinding(config),
  ])
  return [...machine, ...(await examineDatabase({ config, services, now }))]
}

async function examineDatabase(given: Omit<Examined, 'owner'>): Promise<Finding[]> {
  const reached = await reachFinding(given.config)
  if (reached.verdict === 'bad') return [reached]
  const owner = await connectOwner(given.config.databaseOwnerUrl.reveal(), 'doctor')
  try {
    await owner.query(`set statement_timeout = '30s'`)
    const examined = { ...given, owner }
    const findings = [reached]
    for (const [name, check] of Object.entries(ofServer)) findings.push(await attempt(name, check, examined))
    const migrations = await attempt('migrations', migrationsFinding, examined)
    findings.push(migrations)
    const hasTables = migrations.verdict !== 'bad' && !/empty/.test(migrations.says)
    for (const [name, check] of hasTables ? Object.entries(ofHouse) : [])
      findings.push(await attempt(name, check, examined, migrations.verdict === 'good'))
    return findings
  } finally {
    await owner.end()
  }
}

/** Where migrations are still to come, a table may be lacking, and that is no fault. */
async function attempt(name: string, check: DatabaseCheck, examined: Examined, migrated = true): Promise<Finding> {
  return check(examined).catch((error: Error) =>
    (migrated ? bad : look)(name, `It could not be checked: ${error.message}`, 'openhcs migrate, and then this again.'),
  )
}

const CAUSES: Record<string, string> = {
  ECONNREFUSED: 'Nothing listens there: is PostgreSQL running, and are host and port right?',
  ENOTFOUND: 'The name of the host is not known: is it spelled right, and does DNS answer?',
  ETIMEDOUT: 'Nobody answers: a firewall or security group in between?',
  '28P01': 'The password is not the right one.',
  '28000': 'The server does not let this login in: see its pg_hba.conf, and whether it demands TLS.',
  '3D000': 'The database does not exist: create it.',
  '53300': 'All connections are taken: docs/runbooks/connections-exhausted.md.',
  '57P03': 'The server is starting or stopping: wait a minute.',
}

/** With both logins. */
export async function reachFinding(config: Config): Promise<Finding> {
  for (const [variable, url] of [
    ['DATABASE_URL', config.databaseUrl],
    ['DATABASE_OWNER_URL', config.databaseOwnerUrl],
    ...(config.jobsDatabaseUrl ? [['JOBS_DATABASE_URL', config.jobsDatabaseUrl] as const] : []),
  ] as const) {
    try {
      const client = await connectOwner(url.reveal(), 'doctor')
      await client.end()
    } catch (error) {
      const { code = '', message } = error as NodeJS.ErrnoException
      return bad(
        'database',
        `${variable} cannot be reached: ${code || message}`,
        CAUSES[code] ?? 'See docs/runbooks/database-unreachable.md.',
      )
    }
  }
  return good('database', 'Every login can connect')
}
