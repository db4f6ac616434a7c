import { execFileSync } from 'node:child_process'
import { appendFileSync, chmodSync, closeSync, mkdtempSync, openSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { startEmbeddedPostgres } from '#platform/embedded-postgres.ts'
import { eventually } from './journeys/people.ts'
import { pidOf, signalAll } from './killable-postgres.ts'

/** Two PostgreSQL servers: a primary, and a replica that streams from it and answers reads. */
export interface Replicated extends AsyncDisposable {
  readonly urls: { app: string; owner: string; reader: string }
  /** Receives, and shows nothing of it until it goes on. */
  pause(): Promise<void>
  resume(): Promise<void>
  /** Until the replica has everything that the primary has committed by now. */
  caughtUp(): Promise<void>
  /** As by a power cut. */
  kill(): Promise<void>
  start(): Promise<void>
  /** The process stands still: it accepts connections and answers nobody. */
  hang(): void
  wake(): void
}

const SETTINGS = { durable: false, maxConnections: 100 }

/** The replica begins as a copy of the primary's files: PostgreSQL's own tool for that, pg_basebackup, is not in the package. */
export async function startReplicated(): Promise<Replicated> {
  const home = mkdtempSync(join(realpathSync(tmpdir()), 'openhcs-replicated-'))
  chmodSync(home, 0o711) // else root's servers, which run as somebody else, would have to be put elsewhere
  await (await startEmbeddedPostgres({ home, ...SETTINGS })).stop()
  execFileSync('cp', ['-a', join(home, 'postgres'), join(home, 'replica')]) // Node's own copy would not keep whose files they are
  const primary = await startEmbeddedPostgres({ home, ...SETTINGS })
  follow(join(home, 'replica/data'), primary.ownerUrl)
  const start = () => startEmbeddedPostgres({ home, name: 'replica', ...SETTINGS })
  let replica = await start()
  return {
    urls: { app: primary.appUrl, owner: primary.ownerUrl, reader: replica.appUrl },
    async caughtUp() {
      const [now] = await ask(primary.ownerUrl, 'select pg_current_wal_insert_lsn() as lsn')
      const has = `select pg_last_wal_replay_lsn() >= '${now?.lsn}' as yes`
      await eventually('the replica has caught up', async () => (await ask(replica.ownerUrl, has))[0]?.yes)
    },
    async pause() {
      await ask(replica.ownerUrl, 'select pg_wal_replay_pause()')
      const isPaused = `select pg_get_wal_replay_pause_state() = 'paused' as yes`
      await eventually('the replica pauses', async () => (await ask(replica.ownerUrl, isPaused))[0]?.yes)
    },
    async resume() {
      await ask(replica.ownerUrl, 'select pg_wal_replay_resume()')
    },
    async kill() {
      process.kill(pidOf(replica), 'SIGQUIT')
      await replica.stop()
    },
    async start() {
      replica = await start()
    },
    hang: () => signalAll(replica, 'SIGSTOP'),
    wake: () => signalAll(replica, 'SIGCONT'),
    async [Symbol.asyncDispose]() {
      await replica.stop()
      await primary.stop()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

function follow(data: string, primaryUrl: string): void {
  const url = new URL(primaryUrl.replace('@/', '@x/'))
  const where = `host=${url.searchParams.get('host')} port=5432 user=${url.username} password=${url.password}`
  appendFileSync(join(data, 'postgresql.auto.conf'), `primary_conninfo = '${where}'\n`)
  closeSync(openSync(join(data, 'standby.signal'), 'w'))
}

async function ask(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}
