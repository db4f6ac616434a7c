import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { addJob, dropJob } from '#platform/jobs.ts'
import { relayAll } from '#platform/relay.ts'
import { openTestHouse, type TestHouse } from '#platform/testing.ts'
import { inNotes, type JobsDatabase, openHouseApart, openJobsDatabase, waitingIn } from '../jobs-database.ts'
import { delivered, neighbour, notes } from './rooms.ts'

const relay = (house: TestHouse, jobs: JobsDatabase) =>
  relayAll({ main: house.house.config.databaseUrl.reveal(), jobs: jobs.appUrl })
const requests = async ({ owner }: TestHouse) =>
  (await owner.query('select identifier, key from platform.job_request order by id')).rows

describe('with the job engine in a database of its own, a transaction', () => {
  it('leaves its jobs as requests, at the price of before, and a worker does them', async () => {
    await using jobs = await openJobsDatabase()
    await using house = await openHouseApart(jobs)
    await using together = await openTestHouse([notes, neighbour])
    const write = async (place: TestHouse) => {
      const somebody = await place.signedIn()
      return place.cost(() => somebody.post('/v1/notes', { text: 'milk' }))
    }
    const { result, ...cost } = await write(house)
    const { result: _, ...before } = await write(together)
    assert.equal(result.status, 201)
    assert.deepEqual(cost, before)
    assert.deepEqual(await requests(house), [{ identifier: 'neighbour:event', key: null }])
    assert.deepEqual(await waitingIn(house.owner), [])
    await house.work()
    assert.ok(delivered.includes(result.body.id))
    assert.deepEqual([await requests(house), await jobs.jobs()], [[], []])
  })

  it('that is rolled back asks for nothing', async () => {
    await using jobs = await openJobsDatabase()
    await using house = await openHouseApart(jobs)
    const failed = inNotes(house, async (ctx) => {
      addJob(ctx, 'tidy', {})
      await ctx.db.executeQuery({ sql: 'select 1/0', parameters: [] } as never)
    })
    await assert.rejects(failed)
    assert.deepEqual(await requests(house), [])
  })

  it('is refused what the engine would refuse, so that nothing can stop the relay', async () => {
    await using jobs = await openJobsDatabase()
    await using house = await openHouseApart(jobs)
    for (const request of [{ key: '' }, { key: 'k'.repeat(513) }, { maxAttempts: 0 }])
      await assert.rejects(
        inNotes(house, async (ctx) => addJob(ctx, 'tidy', {}, request)),
        { code: '23514' },
      )
    await assert.rejects(
      inNotes(house, async (ctx) => addJob(ctx, 't'.repeat(128), {})),
      { code: '23514' },
    )
  })
})

describe('requests under a key', () => {
  it('replace what waits, drop it, and take effect in their order, across batches and within one', async () => {
    await using jobs = await openJobsDatabase()
    await using house = await openHouseApart(jobs)
    const ask = (key: string, n: number) =>
      inNotes(house, async (ctx) => addJob(ctx, 'remind', { n }, { key, runAt: new Date('2040-01-01') }))
    const drop = (key: string) => inNotes(house, async (ctx) => dropJob(ctx, key))
    await ask('replaced', 1)
    await ask('dropped', 1)
    await relay(house, jobs)
    await ask('replaced', 2)
    await drop('dropped')
    await ask('gone at once', 1)
    await drop('gone at once')
    await drop('dropped and asked anew')
    await ask('dropped and asked anew', 3)
    await inNotes(house, async (ctx) => {
      addJob(ctx, 'remind', { n: 4 }, { key: 'in one', runAt: new Date('2040-01-01') })
      dropJob(ctx, 'in one')
    })
    await relay(house, jobs)
    const waiting = (await jobs.jobs()).map(({ key, payload }) => [key, payload.n])
    assert.deepEqual(waiting.sort(), [
      ['dropped and asked anew', 3],
      ['in one', 4], // a drop in the same transaction comes first, as without a database of its own
      ['replaced', 2],
    ])
  })

  it('keep their order, and every other comes once, with four relays at once', async () => {
    await using jobs = await openJobsDatabase()
    await using house = await openHouseApart(jobs)
    await house.owner.query(
      `select platform.request_jobs(json_build_array(json_build_object('identifier', 'notes:remind', 'job_key', 'k' || n % 40, 'payload', json_build_object('n', n)),
         json_build_object('identifier', 'notes:tidy', 'payload', json_build_object('n', n)))) from generate_series(1, 4000) n`,
    )
    const moved = await Promise.all([1, 2, 3, 4].map(() => relay(house, jobs)))
    assert.equal(
      moved.reduce((sum, one) => sum + one) + (await relay(house, jobs)),
      8_000,
      'the rest: whoever found the keys taken left them to who had them',
    )
    const waiting = await jobs.jobs()
    const keyed = waiting.filter(({ key }) => key !== null)
    assert.deepEqual(
      keyed.map(({ payload }) => payload.n).sort(),
      Array.from({ length: 40 }, (_, i) => 3_961 + i),
    )
    const others = waiting.filter(({ key }) => key === null).map(({ payload }) => payload.n)
    assert.equal(others.length, 4_000)
    assert.equal(new Set(others).size, 4_000)
  })
})

describe('a request that is taken twice', () => {
  it('is one job, whether that one waits, has been done, or was dropped', async () => {
    await using jobs = await openJobsDatabase()
    await using house = await openHouseApart(jobs)
    await inNotes(house, async (ctx) => {
      addJob(ctx, 'tidy', {})
      addJob(ctx, 'remind', { n: 1 }, { key: 'k' })
    })
    // The house's transaction is lost after the other one was committed.
    await house.owner.query('begin')
    const { rows } = await house.owner.query('select requests from platform.take_job_requests(10)')
    await jobs.owner.query('select jobs.take($1)', [rows[0].requests])
    await house.owner.query('rollback')
    await jobs.owner.query(`delete from graphile_worker._private_jobs where key is null`) // done
    await jobs.owner.query(`select graphile_worker.remove_job('k')`)
    assert.equal(await relay(house, jobs), 2)
    assert.deepEqual(await jobs.jobs(), [])
  })

  it('is known by its time too: a database that was restored gives its ids again', async () => {
    await using jobs = await openJobsDatabase()
    await using house = await openHouseApart(jobs)
    const ask = () => inNotes(house, async (ctx) => addJob(ctx, 'tidy', {}))
    await ask()
    await relay(house, jobs)
    await house.owner.query('alter table platform.job_request alter column id restart')
    await ask()
    await relay(house, jobs)
    assert.equal((await jobs.jobs()).length, 2)
  })
})

describe('jobs in the house’s own engine, once there is another', () => {
  it('move there as they are: when, under which key, after how many attempts', async () => {
    await using jobs = await openJobsDatabase()
    await using house = await openHouseApart(jobs)
    await house.owner.query(
      `select graphile_worker.add_job('notes:tidy', '{"n":1}'), graphile_worker.add_job('notes:remind', '{"n":2}', run_at => '2040-01-01', job_key => 'k'),
         graphile_worker.add_job('notes:tidy', '{"n":3}', max_attempts => 5), graphile_worker.add_job('notes:tidy', '{"n":4}')`,
    )
    await house.owner.query(`update graphile_worker._private_jobs set attempts = 5, last_error = 'why' where payload->>'n' = '3';
      update graphile_worker._private_jobs set locked_at = now(), locked_by = 'old' where payload->>'n' = '4'`)
    await relay(house, jobs)
    const { rows } = await jobs.owner.query(
      `select payload->>'n' as n, key, attempts, max_attempts, last_error, run_at > now() as later from graphile_worker._private_jobs order by 1`,
    )
    assert.deepEqual(rows, [
      { n: '1', key: null, attempts: 0, max_attempts: 25, last_error: null, later: false },
      { n: '2', key: 'k', attempts: 0, max_attempts: 25, last_error: null, later: true },
      { n: '3', key: null, attempts: 5, max_attempts: 5, last_error: 'why', later: false },
    ])
    const left = await waitingIn(house.owner)
    assert.deepEqual(
      left.map(({ payload }) => payload.n),
      [4],
      'whoever works on it keeps it',
    )
  })

  it('are replaced or dropped under their key by who knows of the other, also in between', async () => {
    await using jobs = await openJobsDatabase()
    await using house = await openHouseApart(jobs)
    const before = (key: string) =>
      house.owner.query(
        `select graphile_worker.add_job('notes:remind', '{"n":1}', run_at => '2040-01-01', job_key => $1)`,
        [key],
      )
    await before('dropped')
    await before('replaced')
    await inNotes(house, async (ctx) => {
      dropJob(ctx, 'dropped')
      addJob(ctx, 'remind', { n: 2 }, { key: 'replaced', runAt: new Date('2040-01-01') })
    })
    await before('asked anew by a process that does not know')
    await relay(house, jobs)
    assert.deepEqual((await jobs.jobs()).map(({ key, payload }) => [key, payload.n]).sort(), [
      ['asked anew by a process that does not know', 1],
      ['replaced', 2],
    ])
  })
})
