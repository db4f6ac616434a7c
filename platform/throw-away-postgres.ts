import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isAlive } from './embedded-postgres/drafts.ts'
import { readLock } from './embedded-postgres/running.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts'

const prefix = 'openhcs-throw-away-'

/** A server for a run of tests or a generator: empty, fast, not durable, and gone with its files when it is stopped. */
export async function startThrowAwayPostgres({ maxConnections = 100 } = {}): Promise<EmbeddedPostgres> {
  await removeAbandonedPostgres()
  const home = fs.mkdtempSync(join(fs.realpathSync(tmpdir()), `${prefix}${process.pid}-`))
  fs.chmodSync(home, 0o711) // else root's server, which runs as somebody else, would have to be put elsewhere
  const server = await startEmbeddedPostgres({ home, durable: false, maxConnections })
  const stop = async () => {
    await server.stop()
    fs.rmSync(home, { recursive: true, force: true })
  }
  return { ...server, stop, [Symbol.asyncDispose]: stop }
}

/** Servers whose starter is gone: a run that was killed, or ended with Ctrl-C, leaves its own behind. */
export async function removeAbandonedPostgres() {
  for (const name of fs.readdirSync(tmpdir())) {
    const owner = name.startsWith(prefix) ? Number.parseInt(name.slice(prefix.length), 10) : 0
    if (!owner || isAlive(owner)) continue
    const home = join(tmpdir(), name)
    try {
      await endServer(join(home, 'postgres/data/postmaster.pid'))
      fs.rmSync(home, { recursive: true, force: true })
    } catch {
      // Another user's: not ours to clear away.
    }
  }
}

async function endServer(lockFile: string) {
  const lock = readLock(lockFile)
  if (!lock || !isAlive(lock.pid)) return
  process.kill(lock.pid, 'SIGQUIT')
  for (let tries = 0; tries < 100 && isAlive(lock.pid); tries++) await sleep(20)
}
