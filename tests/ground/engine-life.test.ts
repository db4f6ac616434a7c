import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import pg from 'pg'
import { openEngineLife } from '#platform/engine-life.ts'
import { keepWorking } from '#platform/jobs.ts'
import { openTestHouse } from '#platform/testing.ts'
import { openJobsDatabase } from '../jobs-database.ts'
import { eventually } from '../journeys/people.ts'
import { neighbour, notes } from './rooms.ts'

const JOBS = `select locked_by from graphile_worker._private_jobs order by id`

/** Jobs that each of these has in hand. */
const inHand = async (owner: pg.Client, ...names: string[]) => {
  for (const name of names) {
    await owner.query(`select graphile_worker.add_job('notes:nobody')`)
    await owner.query(
      `update graphile_worker._private_jobs set locked_at = now(), locked_by = $1 where id = (select max(id) from graphile_worker._private_jobs)`,
      [name],
    )
  }
}

async function holders(owner: pg.Client): Promise<(string | null)[]> {
  return (await owner.query<{ locked_by: string | null }>(JOBS)).rows.map((row) => row.locked_by)
}

async function passesOn(owner: pg.Client, url: string): Promise<void> {
  const pool = new pg.Pool({
    connectionString: url,
    max: 2,
    options: '-c role=openhcs_jobs -c search_path=platform,jobs',
  })
  const [living, dying] = [await openEngineLife(url, pool), await openEngineLife(url, pool)]
  try {
    await Promise.all([living.begin('pool-living'), dying.begin('pool-dying')])
    await inHand(owner, 'pool-living', 'pool-dying', 'pool-unknown')
    await dying.stop()
    await eventually('the dead one’s job is free', async () => (await holders(owner)).includes(null))
    assert.deepEqual(await holders(owner), ['pool-living', null, 'pool-unknown'])
  } finally {
    await Promise.all([living.stop(), dying.stop()])
    await pool.end()
  }
}

describe('a job engine whose process is gone', () => {
  it('gives back what it had in hand, and one that lives keeps it', async () => {
    await using house = await openTestHouse([notes, neighbour])
    await passesOn(house.owner, house.house.config.databaseUrl.reveal())
  })

  it('does so in a database of its own', async () => {
    await using jobs = await openJobsDatabase()
    await passesOn(jobs.owner, jobs.appUrl)
  })
})

describe('a job engine', () => {
  it('whose session is cut, so that others take it for dead, begins anew under another name', async () => {
    await using house = await openTestHouse([notes, neighbour])
    const { owner } = house
    const names = async () =>
      (await owner.query<{ name: string }>('select name from platform.engine order by 1')).rows.map((row) => row.name)
    const said: string[] = []
    const url = house.house.config.databaseUrl.reveal()
    const working = await keepWorking({
      ...{ url, tasks: { 'notes:nobody': async () => {} }, crontab: '' },
      log: (_level, message) => said.push(message),
    })
    try {
      const first = await eventually('it is known', async () => (await names())[0])
      await owner.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'openhcs jobs alive' and datname = current_database()`,
      )
      await eventually('another is known', async () => {
        const now = await names()
        return now.length === 1 && now[0] !== first
      })
      assert.ok(said.some((message) => message.includes('started again')))
      await owner.query(`select graphile_worker.add_job('notes:nobody')`)
      await eventually('it works', async () => (await holders(owner)).length === 0)
    } finally {
      await working.stop()
    }
    const open = `select from pg_stat_activity where application_name like 'openhcs jobs%' and datname = current_database()`
    await eventually('nothing is left open', async () => (await owner.query(open)).rowCount === 0)
  })
})
