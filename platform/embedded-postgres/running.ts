/** Is a server running on this data already, and if not, is anything in the way of a new one? */
import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { codeOf, draftOf, isAlive } from './drafts.ts'
import { type Place, urlFor } from './place.ts'

/** Crash recovery included; a server that was killed replays its log before it answers. */
export const startTimeoutMs = 60_000

/** The socket folder of a server that already serves this data, once it answers. */
export async function findRunning(place: Place) {
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
export function readLock(path: string) {
  try {
    const text = fs.readFileSync(path, 'utf8')
    const lines = text.split('\n').map((line) => line.trim())
    return { text, pid: Number(lines[0]), socketFolder: lines[4] ?? '', status: lines[7] ?? '' }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/**
 * PostgreSQL removes the locks of a dead process itself, but takes any living process of its own user for a server.
 * After a restart of the machine process ids are given out anew, so that may be anyone.
 */
export function removeStaleLocks(place: Place, socketFolder: string) {
  for (const path of [join(place.data, 'postmaster.pid'), join(socketFolder, '.s.PGSQL.5432.lock')]) {
    const lock = readLock(path)
    if (lock && isAlive(lock.pid) && !servesData(lock.pid, place)) removeLock(path, lock.text)
  }
}

function removeLock(path: string, expected: string) {
  const aside = draftOf(path)
  try {
    fs.renameSync(path, aside)
    // Somebody may have replaced it since it was read; then the new one goes back.
    if (fs.readFileSync(aside, 'utf8') !== expected) fs.linkSync(aside, path)
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
