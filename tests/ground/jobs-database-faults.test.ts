import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { pipeline } from 'node:stream'
import { describe, it } from 'node:test'
import pg from 'pg'
import { addJob, jobsAt, keepWorking } from '#platform/jobs.ts'
import { relayAll } from '#platform/relay.ts'
import type { TestHouse } from '#platform/testing.ts'
import { inNotes, type JobsDatabase, openHouseApart, openJobsDatabase } from '../jobs-database.ts'
import { eventually } from '../journeys/people.ts'

/** A relay in a process of its own, which a test may kill. */
function startRelay({ house }: TestHouse, jobs: JobsDatabase): ChildProcess {
  const ends = { main: house.config.databaseUrl.reveal(), jobs: jobs.appUrl }
  const relay = new URL('../../platform/relay.ts', import.meta.url).href
  const program = `const { openRelay } = await import(${JSON.stringify(relay)})
    const { ended } = await openRelay(${JSON.stringify(ends)})
    console.log('open')
    await ended`
  return spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** The database servers see that it is gone, as after the loss of its machine. */
async function kill(child: ChildProcess, ...owners: pg.Client[]): Promise<void> {
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
  for (const owner of owners)
    await owner.query(
      `select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database() and application_name = 'openhcs relay'`,
    )
}

/** Also inside a transaction, which else would see who was there at its beginning. */
async function waitsForLock(owner: pg.Client): Promise<boolean> {
  await owner.query('select pg_stat_clear_snapshot()')
  const { rowCount } = await owner.query(
    `select from pg_stat_activity where datname = current_database() and application_name = 'openhcs relay' and wait_event_type = 'Lock'`,
  )
  return (rowCount ?? 0) > 0
}

const STOP = 4711

/** Whoever gets to this point in a transaction waits there for as long as the test holds the lock. */
const stopAt = (owner: pg.Client, table: string, when: 'after insert' | 'after delete') =>
  owner.query(`create function stop_here() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock(${STOP}); return null; end $$;
    create constraint trigger stop ${when} on ${table} deferrable initially deferred for each row execute function stop_here()`)

const points: Record<
  string,
  (house: TestHouse, jobs: JobsDatabase) => { owner: pg.Client; arrange(): Promise<unknown> }
> = {
  'while it takes requests': ({ owner }) => ({
    owner,
    arrange: async () => owner.query(`lock table platform.job_request`),
  }),
  'before the engine’s database commits': (_, { owner }) => ({
    owner,
    arrange: () => stopAt(owner, 'jobs.relayed', 'after insert'),
  }),
  'after that, before the house’s commits': ({ owner }) => ({
    owner,
    arrange: () => stopAt(owner, 'platform.job_request', 'after delete'),
  }),
}

describe('a relay that is killed', () => {
  for (const [point, at] of Object.entries(points))
    it(`${point} loses no job and makes none twice`, async () => {
      await using jobs = await openJobsDatabase()
      await using house = await openHouseApart(jobs)
      await inNotes(house, async (ctx) => {
        for (let n = 0; n < 20; n++) addJob(ctx, 'tidy', { n })
        for (let n = 0; n < 20; n++) addJob(ctx, 'remind', { n }, { key: `k${n % 5}` })
      })
      const { owner, arrange } = at(house, jobs)
      const locking = point.startsWith('while')
      if (!locking) await arrange()
      await owner.query('begin')
      if (locking) await arrange()
      else await owner.query(`select pg_advisory_xact_lock(${STOP})`)
      const relay = startRelay(house, jobs)
      await eventually('the relay is at that point', () => waitsForLock(owner))
      await kill(relay, house.owner, jobs.owner)
      await owner.query('rollback')
      await relayAll({ main: house.house.config.databaseUrl.reveal(), jobs: jobs.appUrl })
      const waiting = await jobs.jobs()
      assert.deepEqual(
        waiting.filter(({ key }) => !key).map(({ payload }) => payload.n),
        Array.from({ length: 20 }, (_, n) => n),
      )
      assert.deepEqual(
        waiting.filter(({ key }) => key).map(({ payload }) => payload.n),
        [15, 16, 17, 18, 19],
      )
    })
})

/** A database behind a way that can be cut. */
async function openGate(url: string) {
  const { host, port, user, password, database } = new pg.Client(url)
  const sockets = new Set<Socket>()
  let open = true
  const server = createServer((socket) => {
    if (!open) return socket.destroy()
    sockets.add(socket)
    const onward = connect(host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port })
    pipeline(socket, onward, socket, () => sockets.delete(socket))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const shut = () => {
    open = false
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: `postgresql://${user}:${password}@127.0.0.1:${(server.address() as AddressInfo).port}/${database}`,
    shut,
    open: () => {
      open = true
    },
    async [Symbol.asyncDispose]() {
      shut()
      server.close()
    },
  }
}

/** A worker, and what it did. */
async function working({ house }: TestHouse, at = jobsAt(house.config)) {
  const done: unknown[] = []
  const errors: string[] = []
  const tasks = {
    'notes:tidy': async (payload: unknown) => {
      await house.databases.get('notes')?.db.executeQuery({ sql: 'select 1', parameters: [] } as never)
      done.push((payload as { n: number }).n)
    },
  }
  const log = (level: string, message: string) => level === 'error' && errors.push(message)
  const worker = await keepWorking({ ...at, tasks, crontab: '', log })
  return { done, errors, [Symbol.asyncDispose]: () => worker.stop() }
}

const tidy = (house: TestHouse, n: number) => inNotes(house, async (ctx) => addJob(ctx, 'tidy', { n }))

describe('a worker', () => {
  it('is woken by a commit, and ends with nothing left open', async () => {
    await using jobs = await openJobsDatabase()
    await using house = await openHouseApart(jobs)
    {
      await using worker = await working(house)
      for (let n = 0; n < 5; n++) await tidy(house, n)
      await eventually('five are done', async () => worker.done.length === 5)
    }
    const open = `select from pg_stat_activity where datname = current_database() and application_name in ('openhcs relay', 'openhcs jobs')`
    await eventually('nobody is connected', async () => {
      const counts = await Promise.all([house.owner, jobs.owner].map((owner) => owner.query(open)))
      return counts.every(({ rowCount }) => rowCount === 0)
    })
  })

  for (const [away, setting] of [
    ['the engine’s database', 'JOBS_DATABASE_URL'],
    ['the house’s database', 'DATABASE_URL'],
  ] as const)
    it(`waits while ${away} is away and goes on by itself; none of its jobs is given up`, async () => {
      await using jobs = await openJobsDatabase()
      await using house = await openHouseApart(jobs)
      const { main, jobs: engine } = { main: house.house.config.databaseUrl.reveal(), jobs: jobs.appUrl }
      await using gate = await openGate(setting === 'DATABASE_URL' ? main : engine)
      const at = setting === 'DATABASE_URL' ? { url: engine, relayFrom: gate.url } : { url: gate.url, relayFrom: main }
      await using worker = await working(house, at)
      await tidy(house, 0)
      await eventually('the first is done', async () => worker.done.includes(0))
      // The engine does not look whether it could note that a job is done, and leaves the promise of it alone.
      const noted = async () => (await jobs.owner.query('select from graphile_worker._private_jobs')).rowCount === 0
      await eventually('and noted as done', noted)
      gate.shut()
      await eventually('the worker has seen it', async () => worker.errors.some((one) => /started again/.test(one)))
      const somebody = await house.signedIn()
      assert.equal((await somebody.post('/v1/notes', { text: 'milk' })).status, 201)
      for (let n = 1; n <= 10; n++) await tidy(house, n)
      await eventually('it tries again', async () => worker.errors.length > 2)
      assert.deepEqual(worker.done, [0])
      assert.equal((await house.owner.query('select from platform.job_request')).rowCount, 11)
      gate.open()
      await eventually('all are done', async () => worker.done.length === 11)
      const given = await jobs.owner.query('select from graphile_worker._private_jobs where attempts >= max_attempts')
      assert.equal(given.rowCount, 0)
    })
})
