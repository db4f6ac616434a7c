import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { jobsFinding } from '#platform/doctor/state.ts'
import { addJob, dropJob, jobsAt, runDueJobs } from '#platform/jobs.ts'
import { migrateJobsDatabase } from '#platform/migrate.ts'
import { relayAll } from '#platform/relay.ts'
import { returnJobs } from '#platform/return-jobs.ts'
import { emptyDatabase, openTestHouse, type TestHouse } from '#platform/testing.ts'
import { backUp, newSite, restoreInto } from '../backups.ts'
import { inNotes, type JobsDatabase, openHouseApart, openJobsDatabase, waitingIn } from '../jobs-database.ts'
import { neighbour, notes } from './rooms.ts'

const rooms = [notes, neighbour]
const LATER = new Date('2040-01-01')
const logins = ({ house }: TestHouse, jobs: JobsDatabase) => ({
  main: house.config.databaseUrl.reveal(),
  jobs: jobs.appUrl,
})
const owners = ({ house }: TestHouse, jobs: JobsDatabase) => ({
  main: house.config.databaseOwnerUrl.reveal(),
  jobs: jobs.ownerUrl,
})
const ask = (house: TestHouse, key: string | undefined, n: number) =>
  inNotes(house, async (ctx) => addJob(ctx, 'remind', { n }, { runAt: LATER, ...(key && { key }) }))
/** As if its process had ended: it connects again only when it is asked. */
const stopped = ({ owner }: TestHouse) =>
  owner.query(
    `select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database() and application_name like 'openhcs %'`,
  )
const keysAndPayloads = (waiting: Awaited<ReturnType<typeof waitingIn>>) =>
  waiting.map(({ key, payload }) => [key, payload.n]).sort()

describe('the metrics of a job engine in a database of its own', () => {
  const figure = (text: string, series: string): number | undefined => {
    const line = text.split('\n').find((one) => one.startsWith(`${series} `))
    return line === undefined ? undefined : Number(line.slice(series.length))
  }

  it('tell what waits there and what waits for the relay, which is due whenever its job is to run', async () => {
    await using jobs = await openJobsDatabase()
    await using house = await openHouseApart(jobs)
    await ask(house, undefined, 1)
    await relayAll(logins(house, jobs))
    await jobs.owner.query(`update graphile_worker._private_jobs set run_at = now() - interval '5 minutes'`)
    await ask(house, undefined, 2)
    await house.owner.query(`update platform.job_request set asked_at = now() - interval '7 minutes'`)
    const text = (await house.anonymous.get('/metrics')).body as string
    const minutes = (of: string) => Math.floor((figure(text, `openhcs_jobs_oldest_due_seconds{${of}}`) ?? 0) / 60)
    assert.equal(figure(text, 'openhcs_jobs_due{room="notes",task="remind"}'), 1)
    assert.equal(minutes('room="notes",task="remind"'), 5)
    assert.equal(figure(text, 'openhcs_jobs_due{room="jobs",task="relay"}'), 1)
    assert.equal(minutes('room="jobs",task="relay"'), 7)
    assert.equal(figure(text, 'openhcs_database_up{room="jobs"}'), 1)
  })

  it('tell of the relay, and that the database does not answer, while it is away', async () => {
    await using jobs = await openJobsDatabase()
    await using house = await openHouseApart(jobs, { JOBS_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nowhere' })
    await ask(house, undefined, 1)
    const text = (await house.anonymous.get('/metrics')).body as string
    assert.equal(figure(text, 'openhcs_jobs_due{room="jobs",task="relay"}'), 1)
    assert.equal(figure(text, 'openhcs_database_up{room="jobs"}'), 0)
    assert.equal(figure(text, 'openhcs_database_up{room="notes"}'), 1)
  })
})

describe('doctor, of a job engine in a database of its own', () => {
  const examined = async ({ house, owner }: TestHouse, config = house.config) =>
    jobsFinding({ config, services: rooms, owner, now: new Date() })

  it('finds a relay that is stuck, jobs that are late there, and a database that is away or empty', async () => {
    await using jobs = await openJobsDatabase()
    await using house = await openHouseApart(jobs)
    assert.equal((await examined(house)).verdict, 'good')
    await ask(house, undefined, 1)
    await house.owner.query(`update platform.job_request set asked_at = now() - interval '40 minutes'`)
    assert.match((await examined(house)).says, /1 requests wait for the relay to JOBS_DATABASE_URL, the oldest for 40/)
    await relayAll(logins(house, jobs))
    await jobs.owner.query(`update graphile_worker._private_jobs set run_at = now() - interval '50 minutes'`)
    assert.match((await examined(house)).says, /oldest job that is due has waited 50/)
    const away = await openHouseApart(jobs, { JOBS_DATABASE_OWNER_URL: 'postgres://nobody@127.0.0.1:1/nowhere' })
    assert.match((await examined(away)).says, /JOBS_DATABASE_OWNER_URL cannot be reached: ECONNREFUSED/)
    await away[Symbol.asyncDispose]()
    const empty = await emptyDatabase()
    const unready = await openHouseApart(jobs, { JOBS_DATABASE_OWNER_URL: empty.ownerUrl })
    assert.match((await examined(unready)).says, /JOBS_DATABASE_URL is empty/)
    await unready[Symbol.asyncDispose]()
    await empty.drop()
  })

  it('finds requests that nobody will move, since the setting is gone', async () => {
    await using house = await openTestHouse(rooms)
    await house.owner.query(`select platform.request_jobs('[{"identifier":"notes:tidy"}]')`)
    const { verdict, says } = await examined(house)
    assert.deepEqual([verdict, /1 requests wait .* JOBS_DATABASE_URL is not set/.test(says)], ['bad', true])
  })
})

describe('openhcs jobs return', () => {
  it('brings everything back, with what was on its way, and does no harm when it is repeated', async () => {
    await using jobs = await openJobsDatabase()
    await using house = await openHouseApart(jobs)
    await ask(house, 'kept', 1)
    await ask(house, 'dropped', 1)
    await ask(house, undefined, 2)
    await relayAll(logins(house, jobs))
    await inNotes(house, async (ctx) => dropJob(ctx, 'dropped'))
    await ask(house, 'kept', 3)
    const back = () => returnJobs(logins(house, jobs), owners(house, jobs))
    await assert.rejects(back, /while nothing else runs, and these are connected: openhcs notes\. Stop every process/)
    await stopped(house)
    assert.equal(await back(), 2)
    const waiting = await waitingIn(house.owner)
    assert.deepEqual(
      waiting.map(({ payload }) => payload.n),
      [2, 3],
    )
    assert.equal(await back(), 2)
    assert.deepEqual(await waitingIn(house.owner), waiting)
    assert.deepEqual(await jobs.jobs(), [])
  })

  it('copies none twice when it was stopped between the two commits', async () => {
    await using jobs = await openJobsDatabase()
    await using house = await openHouseApart(jobs)
    await ask(house, undefined, 1)
    await ask(house, 'k', 2)
    await relayAll(logins(house, jobs))
    await stopped(house)
    const before = await jobs.owner.query('select * from graphile_worker._private_jobs')
    await returnJobs(logins(house, jobs), owners(house, jobs))
    for (const { is_available: _, ...row } of before.rows)
      await jobs.owner.query(
        `insert into graphile_worker._private_jobs (id, task_id, key, payload, run_at) overriding system value values ($1, $2, $3, $4, $5)`,
        [row.id, row.task_id, row.key, row.payload, row.run_at],
      )
    await returnJobs(logins(house, jobs), owners(house, jobs))
    assert.deepEqual((await waitingIn(house.owner)).map(({ payload }) => payload.n).sort(), [1, 2])
  })
})

describe('a backup of a house whose job engine is in a database of its own', () => {
  it('has its jobs and what was on its way, and is restored with or without another database', async () => {
    await using jobs = await openJobsDatabase()
    await using house = await openHouseApart(jobs)
    await ask(house, 'waits', 1)
    await ask(house, 'dropped', 1)
    await ask(house, 'replaced', 1)
    await relayAll(logins(house, jobs))
    await inNotes(house, async (ctx) => dropJob(ctx, 'dropped'))
    await ask(house, 'replaced', 2)
    const home = await mkdtemp(join(tmpdir(), 'openhcs-backup-'))
    const { bytes } = await backUp(house.house.config.databaseOwnerUrl.reveal(), home, { jobsOwnerUrl: jobs.ownerUrl })
    await rm(home, { recursive: true })
    await using site = await newSite()
    await restoreInto(site, rooms, bytes)
    const restored = (await site.query(`select key, payload->>'n' as n from graphile_worker._private_jobs order by 1`))
      .rows
    assert.deepEqual(restored, [
      { key: 'replaced', n: '2' },
      { key: 'waits', n: '1' },
    ])
    assert.equal((await site.query('select from platform.job_request')).rowCount, 0)
    await using fresh = await openJobsDatabase()
    await relayAll({ main: site.urls.appUrl, jobs: fresh.appUrl })
    assert.deepEqual(keysAndPayloads(await fresh.jobs()), [
      ['replaced', 2],
      ['waits', 1],
    ])
  })

  it('misses no request that is moved meanwhile, and refuses while jobs are in the house’s own engine', async () => {
    await using jobs = await openJobsDatabase()
    await using house = await openHouseApart(jobs)
    const home = await mkdtemp(join(tmpdir(), 'openhcs-backup-'))
    const moving = new AbortController()
    const move = async () => {
      for (let n = 0; !moving.signal.aborted && n < 10_000; n++) {
        await ask(house, undefined, n)
        await relayAll(logins(house, jobs))
      }
    }
    const moved = move()
    const asked = async () =>
      (await house.owner.query('select last_value::int as n from platform.job_request_id_seq')).rows[0].n
    for (let round = 0; round < 5; round++) {
      const before = await asked()
      const { report } = await backUp(house.house.config.databaseOwnerUrl.reveal(), home, {
        jobsOwnerUrl: jobs.ownerUrl,
      })
      const rows = (name: string) => report.tables.find((table) => table.name === name)?.rows ?? 0
      const there = rows('graphile_worker._private_jobs') + rows('platform.job_request')
      assert.ok(there >= before - 1, `${there} of ${before}`) // the last may not have been committed
    }
    moving.abort()
    await moved
    await house.owner.query(`select graphile_worker.add_job('notes:tidy', '{}')`)
    await assert.rejects(
      backUp(house.house.config.databaseOwnerUrl.reveal(), home, { jobsOwnerUrl: jobs.ownerUrl }),
      /Jobs are in the engine of the house’s database although there is another/,
    )
    await rm(home, { recursive: true })
  })
})

describe('the crontab', () => {
  it('and what handlers ask for run where the engine is', async () => {
    await using jobs = await openJobsDatabase()
    await using house = await openHouseApart(jobs)
    const done: string[] = []
    const tasks = {
      'notes:first': async () => {
        done.push('first')
        await inNotes(house, async (ctx) => addJob(ctx, 'second', {}))
      },
      'notes:second': async () => void done.push('second'),
    }
    await inNotes(house, async (ctx) => addJob(ctx, 'first', {}))
    await runDueJobs({ ...jobsAt(house.house.config), tasks, log() {} })
    assert.deepEqual(done, ['first', 'second'])
    await migrateJobsDatabase(jobs) // again: nothing to do
  })
})
