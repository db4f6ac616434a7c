import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { needPackages } from '#infra/need-packages.ts'
import { roleOf } from '#platform/session.ts'
import { everything } from '#services.ts'
import { freePort } from './processes.ts'

/** Debian's, or another that is to be tried. */
const PGBOUNCER = process.env.TEST_PGBOUNCER ?? '/usr/sbin/pgbouncer'

/** Why it cannot be tried here; undefined: it can. Root gets Debian's where it is missing. */
export function lacksPgBouncer(): string | undefined {
  try {
    needPackages('A pooler', { pgbouncer: PGBOUNCER })
    return undefined
  } catch {
    return 'left out: PgBouncer, which is not here (Debian: pgbouncer)'
  }
}

/** Debian 12 has 1.18, which does not. */
export function followsPrepared(): boolean {
  const [, major, minor] =
    /PgBouncer (\d+)\.(\d+)/.exec(execFileSync(PGBOUNCER, ['--version'], { encoding: 'utf8' })) ?? []
  return Number(major) > 1 || Number(minor) >= 21
}

/** A PgBouncer in transaction mode before the server of a database. */
export interface Pooler extends AsyncDisposable {
  /** For DATABASE_POOLER_URL. */
  url: string
  /** For one room, which logs in as itself. */
  urlOf(room: string): string
  /** Of its process, while it runs. */
  pid(): number
  /** Its own console. */
  show(what: string): Promise<Record<string, unknown>[]>
  start(): Promise<void>
  stop(): Promise<void>
}

export interface PoolerOptions {
  /** Of the database, as anybody. */
  url: string
  /** Connections to the server, of each room. */
  size: number
}

export async function startPooler({ url, size }: PoolerOptions): Promise<Pooler> {
  const { host, port: serverPort, database } = new pg.Client({ connectionString: url })
  const port = await freePort()
  const password = randomBytes(24).toString('base64url')
  const folder = fs.mkdtempSync(join(fs.realpathSync(tmpdir()), 'openhcs-pooler-'))
  const files = {
    'pgbouncer.ini': `[databases]
${database} = host=${host} port=${serverPort}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${join(folder, 'userlist.txt')}
pool_mode = transaction
default_pool_size = ${size}
max_client_conn = 1000
query_wait_timeout = 2
${followsPrepared() ? 'max_prepared_statements = 200\n' : ''}server_login_retry = 1
admin_users = watcher
logfile = ${join(folder, 'pgbouncer.log')}
`,
    'userlist.txt': ['watcher', ...everything.map(({ name }) => roleOf(name))]
      .map((user) => `"${user}" "${password}"\n`)
      .join(''),
  }
  for (const [name, text] of Object.entries(files)) fs.writeFileSync(join(folder, name), text, { mode: 0o600 })
  const account = accountFor(host, folder)
  const at = (user: string, name = database ?? '') => `postgres://${user}:${password}@127.0.0.1:${port}/${name}`
  let child: ChildProcess | undefined
  const pooler: Pooler = {
    url: at(''),
    urlOf: (room) => at(roleOf(room)),
    pid: () => child?.pid ?? 0,
    show: (what) => ask(at('watcher', 'pgbouncer'), `show ${what}`),
    async start() {
      child = spawn(PGBOUNCER, [join(folder, 'pgbouncer.ini')], { cwd: '/', env: {}, stdio: 'ignore', ...account })
      for (let attempt = 1; ; attempt++) {
        const answers = await pooler.show('version').catch((error) => error as Error)
        if (!(answers instanceof Error)) return
        if (attempt === 1_200) throw answers
        await sleep(50)
      }
    },
    async stop() {
      if (!child || child.exitCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGKILL') // as when its machine is lost; its signals mean other things from 1.23 on
      await ended
    },
    async [Symbol.asyncDispose]() {
      await pooler.stop()
      fs.rmSync(folder, { recursive: true, force: true })
    },
  }
  await pooler.start()
  return pooler
}

/** It refuses to run as root, and a socket of PostgreSQL may be for its owner alone. */
function accountFor(host: string, folder: string): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const { uid, gid } = host.startsWith('/') ? fs.statSync(host) : { uid: 65_534, gid: 65_534 }
  for (const path of [folder, ...fs.readdirSync(folder).map((name) => join(folder, name))]) fs.chownSync(path, uid, gid)
  return { uid, gid }
}

async function ask(connectionString: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString })
  client.on('error', () => {})
  try {
    await client.connect()
    return (await client.query(text)).rows
  } finally {
    await client.end().catch(() => {})
  }
}
