import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startHouse } from '../processes.ts'

describe('openhcs start', () => {
  it('serves without the rights of the owner where migrations are somebody else’s', async () => {
    await using house = await startHouse('together', { DATABASE_OWNER_URL: '', OPENHCS_MIGRATE: 'false' })
    assert.equal((await house.ask('GET', '/v1/specialities')).status, 200)
  })
})
