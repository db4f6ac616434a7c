import pg from 'pg'

/** Of the advisory locks that engines hold. */
const CLASS = 0x656e67

/** Dead engines: nobody holds the lock of their name any more. What they had in hand goes back, and whoever works is woken. */
const FREE_DEAD = `
  with dead as (delete from engine where pg_try_advisory_xact_lock(${CLASS}, hashtext(name)) returning name),
  freed as (
    update graphile_worker._private_jobs set locked_at = null, locked_by = null, run_at = greatest(run_at, now())
    where locked_by = any (array(select name from dead)) returning id)
  select pg_notify('jobs:insert', json_build_object('r', random(), 'count', count(*))::text) from freed having count(*) > 0`
const LOOK_EVERY_MS = 2_000

/** What a session of the engine is. */
export const ENGINE_SESSION = '-c role=openhcs_jobs -c search_path=platform,jobs -c statement_timeout=30000'

/** A machine that is lost closes no connection: the server asks after 10 seconds of silence, and gives up after 15 more. */
const KEEPALIVE = '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3'

export interface EngineLife {
  /** Settled when others may think that it is dead. */
  ended: Promise<void>
  /** This engine is at work from now on. */
  begin(name: string): Promise<void>
  stop(): Promise<void>
}

/**
 * A session by which others see that this process lives, and a look every two seconds whether others still do. A process that is killed leaves jobs locked; the engine itself waits four
 * hours for it. `others` are connections to look through, since a session may always take what it holds. Both are to the engine's database, where the table `engine` is in `platform`
 * or, where it is not the house's, in `jobs`.
 */
export async function openEngineLife(url: string, others: pg.Pool): Promise<EngineLife> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'openhcs jobs alive',
    options: `${ENGINE_SESSION} ${KEEPALIVE}`,
    keepAlive: true,
  })
  const ended = new Promise<void>((resolve) => client.on('error', () => resolve()).on('end', resolve))
  await client.connect()
  const look = () => others.query(FREE_DEAD).catch(() => {}) // it is looked again
  await look()
  const timer = setInterval(look, LOOK_EVERY_MS)
  return {
    ended,
    async begin(name) {
      await client.query(`select pg_advisory_lock(${CLASS}, hashtext($1))`, [name])
      await client.query('insert into engine (name) values ($1)', [name])
    },
    async stop() {
      clearInterval(timer)
      await client.end().catch(() => {})
    },
  }
}
