import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import pg from 'pg'
import { newId } from '#platform/ids.ts'
import { type RunningHouse, startHouse } from '../processes.ts'

/** Ends every connection of the house to its database, also those inside a transaction. */
async function cut({ databaseUrls }: RunningHouse): Promise<void> {
  const owner = new pg.Client({ connectionString: databaseUrls.ownerUrl })
  await owner.connect()
  await owner.query(
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  )
  await owner.end()
}

describe('a house whose connections are cut in the middle of transactions', () => {
  it('lives on: its clients get 503 or their answer, and it serves and runs jobs again by itself', async () => {
    await using house = await startHouse('together', { RATE_LIMIT_PER_MINUTE: '1000000', LOG_LEVEL: 'silent' })
    const sign = async (userName: string) => {
      const body = { userName, name: 'Test Person', password: 'fictional and long enough' }
      assert.equal((await house.ask('POST', '/v1/accounts', { body })).status, 201)
      return (await house.ask('POST', '/v1/sessions', { body: { userName, password: body.password } })).body
        .token as string
    }
    const token = await sign('somebody')
    const statuses = new Map<number, number>()
    const busy = Promise.all(
      Array.from({ length: 8 }, async () => {
        for (let i = 0; i < 25; i++) {
          const { status } = await house.ask('GET', `/v1/appointments/${newId()}`, { token })
          statuses.set(status, (statuses.get(status) ?? 0) + 1)
          const written = await house.ask('PATCH', '/v1/account', {
            token,
            body: { name: `Test ${i}` },
            headers: { 'if-match': '"1"' },
          })
          statuses.set(written.status, (statuses.get(written.status) ?? 0) + 1)
        }
      }),
    )
    for (let round = 0; round < 4; round++) {
      await new Promise((next) => setTimeout(next, 100))
      await cut(house)
    }
    await busy
    assert.deepEqual(
      [...statuses.keys()].filter((status) => ![200, 403, 412, 503].includes(status)),
      [],
      JSON.stringify([...statuses]),
    )
    assert.ok(house.processes.every(({ exitCode }) => exitCode === null))
    assert.equal((await house.ask('GET', '/v1/account', { token })).status, 200)
  })
})
