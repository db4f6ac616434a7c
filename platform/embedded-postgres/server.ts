/** One server process: its settings, its start, its end. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { codeOf } from './drafts.ts'
import { childOptions, giveTo, type Place } from './place.ts'
import { readLock, startTimeoutMs } from './running.ts'

export interface ServerSettings {
  durable: boolean
  maxConnections: number
}

const stopTimeoutMs = 30_000
/** A unix socket's path may have 107 bytes (103 on macOS); PostgreSQL adds `/.s.PGSQL.5432`. */
const socketFolderMaxBytes = 85

export function prepareSocketFolder({ folder, account }: Place) {
  // A comma would begin a second folder, and blanks are written differently by each reader of connection strings.
  if (Buffer.byteLength(folder) <= socketFolderMaxBytes && !/[\s,"]/.test(folder)) return folder
  const key = createHash('sha256').update(folder).digest('hex').slice(0, 16)
  const path = join(fs.realpathSync(tmpdir()), `openhcs-${key}`)
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

export function spawnServer(place: Place, socketFolder: string, settings: ServerSettings) {
  const { O_WRONLY, O_CREAT, O_TRUNC, O_APPEND } = fs.constants
  const log = fs.openSync(join(place.folder, 'postgres.log'), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0o600)
  const args = Object.entries(parameters(socketFolder, settings)).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const child = spawn(join(place.native, 'bin/postgres'), ['-D', place.data, ...args], {
    ...childOptions(place),
    stdio: ['ignore', log, log],
    detached: true, // Ctrl-C in the terminal is for the application, which drains first and then stops the server.
  })
  child.on('error', () => {}) // e.g. a binary for another libc: becomesReady sees that it has no process id
  child.unref()
  fs.closeSync(log)
  return child
}

function parameters(socketFolder: string, { durable, maxConnections }: ServerSettings) {
  return {
    listen_addresses: '',
    port: 5432,
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
}

export async function becomesReady(child: ChildProcess, place: Place) {
  const deadline = Date.now() + startTimeoutMs
  while (child.pid !== undefined && !hasEnded(child)) {
    const lock = readLock(join(place.data, 'postmaster.pid'))
    if (lock?.pid === child.pid && lock.status === 'ready') return true
    if (Date.now() > deadline) throw new Error(`PostgreSQL is not ready in time:\n${logTail(place)}`)
    await sleep(5)
  }
  return false
}

export async function stopServer(child: ChildProcess, place: Place, socketFolder: string) {
  if (!hasEnded(child)) {
    child.ref()
    const ended = once(child, 'exit')
    child.kill('SIGINT') // PostgreSQL's fast shutdown: sessions are ended, everything is written
    const impatience = setTimeout(() => child.kill('SIGQUIT'), stopTimeoutMs)
    await ended
    clearTimeout(impatience)
  }
  if (socketFolder !== place.folder) fs.rmSync(socketFolder, { recursive: true, force: true })
}

function hasEnded(child: ChildProcess) {
  return child.exitCode !== null || child.signalCode !== null
}

export function logTail({ folder }: Place) {
  return fs.readFileSync(join(folder, 'postgres.log'), 'utf8').split('\n').slice(-12).join('\n').trim()
}
