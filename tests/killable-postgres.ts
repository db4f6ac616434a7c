import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#platform/embedded-postgres.ts'
import { migrate } from '#platform/migrate.ts'
import { everything } from '#services.ts'

/** A durable server of its own, which the test may kill. */
export async function openKillablePostgres() {
  const home = mkdtempSync(join(realpathSync(tmpdir()), 'openhcs-killed-'))
  chmodSync(home, 0o711) // else root's server, which runs as somebody else, would have to be put elsewhere
  let server = await startEmbeddedPostgres({ home })
  await migrate({ ownerUrl: server.ownerUrl, appUrl: server.appUrl, services: everything })
  return {
    env: { DATABASE_URL: server.appUrl, DATABASE_OWNER_URL: server.ownerUrl },
    ownerUrl: server.ownerUrl,
    async kill() {
      signalAll(server, 'SIGKILL')
      await server.stop()
    },
    async start() {
      server = await startEmbeddedPostgres({ home })
    },
    async [Symbol.asyncDispose]() {
      await server.stop()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

export const pidOf = ({ dataDirectory }: EmbeddedPostgres): number =>
  Number(readFileSync(join(dataDirectory, 'postmaster.pid'), 'utf8').split('\n', 1)[0])

/** The server with everything that it has forked, at once. What it forked may end by itself as soon as the server is gone. */
export function signalAll(server: EmbeddedPostgres, signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
  const postmaster = pidOf(server)
  const forked = execFileSync('ps', ['-o', 'pid=', '--ppid', String(postmaster)], { encoding: 'utf8' })
  for (const pid of [postmaster, ...forked.split('\n').filter(Boolean).map(Number)])
    try {
      process.kill(pid, signal)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
}
