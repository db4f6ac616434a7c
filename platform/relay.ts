import pg from 'pg'

// Moves what transactions ask of the job engine from the house's database to that of the engine. A batch is deleted there and added here, and the house's
// transaction commits last: whoever dies in between leaves requests that are taken again, and the engine's database knows those it has
// (jobs-migrations/0001_relay.sql). Whatever fails ends the relay; its connections go, and with them what was not committed.

export interface Ends {
  /** The house's database. */
  main: string
  /** The engine's. */
  jobs: string
}

export interface Relay {
  /** Resolved by `close`; rejected when either database was lost. */
  readonly ended: Promise<void>
  close(): Promise<void>
}

const BATCH = 1_000
/** For a request whose waking was lost with the process that committed it. */
const LOOK_MS = 1_000
const FORGET_MS = 60_000

const GATHER = `select platform.gather_jobs(${BATCH})`
const TAKE = `select requests, count from platform.take_job_requests(${BATCH})`
/** Ids are drawn before a transaction commits: one below the lowest that waits is not there any more. A relay that hangs is gone within ten minutes. */
const FORGET = `delete from jobs.relayed where at < now() - interval '10 minutes' and id < coalesce($1::bigint, 9223372036854775807)`

interface Clients {
  main: pg.Client
  jobs: pg.Client
}

export async function openRelay(ends: Ends): Promise<Relay> {
  const clients = await connect(ends)
  const nap = napper(LOOK_MS)
  let closed = false
  let lost = false
  clients.main.on('notification', nap.end)
  for (const client of [clients.main, clients.jobs])
    client.on('end', () => {
      lost = true
      nap.end()
    })
  const work = async () => {
    try {
      await clients.main.query('listen "jobs:insert"')
      let forgotten = performance.now()
      while (!closed) {
        if (lost) throw new Error('The connection of the relay to a database was lost')
        await moveAll(clients, () => closed)
        if (performance.now() - forgotten > FORGET_MS) {
          await forget(clients)
          forgotten = performance.now()
        }
        if (!closed) await nap.begin()
      }
    } finally {
      await disconnect(clients)
    }
  }
  const ended = work()
  ended.catch(() => {})
  return {
    ended,
    async close() {
      closed = true
      nap.end()
      await ended.catch(() => {})
    },
  }
}

/** Once, until nothing is left. Says how many requests it moved; for tests and one-off commands. */
export async function relayAll(ends: Ends): Promise<number> {
  const clients = await connect(ends)
  try {
    return await moveAll(clients, () => false)
  } finally {
    await disconnect(clients)
  }
}

async function moveAll(clients: Clients, enough: () => boolean): Promise<number> {
  await clients.main.query(GATHER)
  let all = 0
  for (let moved = BATCH; moved > 0 && !enough(); all += moved) moved = await moveBatch(clients)
  return all
}

async function moveBatch({ main, jobs }: Clients): Promise<number> {
  await main.query('begin')
  const { rows } = await main.query<{ requests: string | null; count: number }>(TAKE)
  const [{ requests, count } = { requests: null, count: 0 }] = rows
  if (requests !== null) await jobs.query('select jobs.take($1)', [requests])
  await main.query('commit')
  return count
}

async function forget({ main, jobs }: Clients): Promise<void> {
  const { rows } = await main.query('select min(id) as id from platform.job_request')
  await jobs.query(FORGET, [rows[0].id])
}

async function connect({ main, jobs }: Ends): Promise<Clients> {
  const clients = { jobs: clientOf(jobs), main: clientOf(main) }
  try {
    await clients.jobs.connect()
    await clients.main.connect()
    return clients
  } catch (error) {
    await disconnect(clients)
    throw error
  }
}

const disconnect = ({ main, jobs }: Clients) => Promise.allSettled([main.end(), jobs.end()])

/** A batch takes milliseconds. A server that hangs is given up before anybody waits for what it holds. */
const clientOf = (connectionString: string) =>
  new pg.Client({
    connectionString,
    application_name: 'openhcs relay',
    options: '-c role=openhcs_jobs -c statement_timeout=10000 -c idle_in_transaction_session_timeout=15000',
    connectionTimeoutMillis: 5_000,
    query_timeout: 12_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  }).on('error', () => {}) // what is asked of it next fails

/** A pause that somebody can end, also before it begins. */
function napper(milliseconds: number): { begin(): Promise<void>; end(): void } {
  let woken = false
  let wake: (() => void) | undefined
  return {
    async begin() {
      if (!woken) {
        const { promise, resolve } = Promise.withResolvers<void>()
        const timer = setTimeout(resolve, milliseconds)
        wake = resolve
        await promise
        clearTimeout(timer)
      }
      woken = false
      wake = undefined
    },
    end() {
      woken = true
      wake?.()
    },
  }
}
