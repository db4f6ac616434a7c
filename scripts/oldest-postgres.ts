import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

/** The oldest that the house promises to run on. */
export const OLDEST = 15
const bin = `/usr/lib/postgresql/${OLDEST}/bin`
const PATH = '/usr/sbin:/usr/bin:/sbin:/bin'

/** Its programs, from Debian's packages; root gets them where they are missing. Undefined, and a line that says so, where they cannot be had. */
export function oldestPrograms(): string | undefined {
  if (fs.existsSync(join(bin, 'initdb'))) return bin
  if (process.getuid?.() === 0 && fs.existsSync('/usr/bin/apt-get')) install()
  if (fs.existsSync(join(bin, 'initdb'))) return bin
  process.stdout.write(`ℹ left out: PostgreSQL ${OLDEST}, which is not here (Debian: postgresql-${OLDEST})\n`)
  return undefined
}

function install(): void {
  // Debian's package would otherwise make a cluster of its own and start it.
  fs.mkdirSync('/etc/postgresql-common', { recursive: true })
  fs.writeFileSync('/etc/postgresql-common/createcluster.conf', 'create_main_cluster = false\n', { flag: 'a' })
  const options = { stdio: 'ignore' as const, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }
  try {
    execFileSync('apt-get', ['update'], options)
    execFileSync('apt-get', ['install', '-y', '--no-install-recommends', `postgresql-${OLDEST}`], options)
  } catch {
    // Another Debian, or no network: it is left out.
  }
}

export interface OldServer extends AsyncDisposable {
  ownerUrl: string
  appUrl: string
}

export interface OldServerOptions {
  /** Where to listen beside the socket; default: nowhere. */
  port?: number
  address?: string
  /** What to run it in: `ip netns exec database`. Root's. */
  within?: string[]
}

/** A server of that version in a temporary folder, on a socket of its own and, if wanted, on a port; gone afterwards. */
export async function startOldest(
  programs: string,
  { port, address = '127.0.0.1', within = [] }: OldServerOptions = {},
): Promise<OldServer> {
  const folder = fs.mkdtempSync(join(fs.realpathSync(tmpdir()), 'openhcs-oldest-'))
  const account = accountFor(folder)
  const run = { cwd: '/', env: { LC_ALL: 'C.UTF-8' }, ...account }
  const access = ['--username=openhcs_owner', '--auth=trust', '--encoding=UTF8', '--no-sync']
  execFileSync(join(programs, 'initdb'), ['--pgdata', join(folder, 'data'), ...access], { ...run, stdio: 'ignore' })
  const listen = port === undefined ? ['listen_addresses='] : [`listen_addresses=${address}`, `port=${port}`]
  const settings = [...listen, `unix_socket_directories=${folder}`, 'max_connections=400', 'fsync=off']
  fs.appendFileSync(join(folder, 'data/pg_hba.conf'), 'host all all samenet trust\n')
  const postgres = [join(programs, 'postgres'), '-D', join(folder, 'data'), ...settings.flatMap((one) => ['-c', one])]
  const asAccount = ['setpriv', `--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups']
  // What it runs in is entered by root, who then becomes the account.
  const [program = '', ...args] = within.length > 0 ? [...within, ...asAccount, ...postgres] : postgres
  const server = spawn(program, args, {
    ...(within.length > 0 ? { env: { ...run.env, PATH } } : run),
    cwd: '/',
    stdio: 'ignore',
  })
  const urlFor = (login: string, database: string) =>
    port === undefined
      ? `postgresql://${login}@/${database}?host=${encodeURIComponent(folder)}`
      : `postgresql://${login}@${address}:${port}/${database}`
  const stop = async () => {
    const ended = once(server, 'exit')
    if (server.exitCode === null && server.kill('SIGINT')) await ended
    fs.rmSync(folder, { recursive: true, force: true })
  }
  try {
    await prepare(urlFor('openhcs_owner', 'postgres'))
  } catch (error) {
    await stop()
    throw error
  }
  return {
    ownerUrl: urlFor('openhcs_owner', 'openhcs'),
    appUrl: urlFor('openhcs_app', 'openhcs'),
    [Symbol.asyncDispose]: stop,
  }
}

/** PostgreSQL refuses to run as root: the folder, and the server, are then `postgres`'s, whom its package made. */
function accountFor(folder: string): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const [, uid, gid] = /^postgres:[^:]*:(\d+):(\d+):/m.exec(fs.readFileSync('/etc/passwd', 'utf8')) ?? []
  fs.chownSync(folder, Number(uid), Number(gid))
  return { uid: Number(uid), gid: Number(gid) }
}

async function prepare(url: string): Promise<void> {
  const client = await connected(url)
  await client.query('create role openhcs_app login noinherit')
  await client.query('create database openhcs')
  await client.end()
}

async function connected(url: string): Promise<pg.Client> {
  for (let attempt = 1; ; attempt++) {
    const client = new pg.Client({ connectionString: url })
    try {
      await client.connect()
      return client
    } catch (error) {
      await client.end().catch(() => {})
      if (attempt === 200) throw error
      await sleep(50)
    }
  }
}
