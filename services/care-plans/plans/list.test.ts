import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'

describe('GET /v1/patients/{id}/care-plans', () => {
  it('is empty before there is a plan, and is for nobody who does not see the record', async () => {
    await using house = await openTestHouse(everything)
    const [saba, other] = [await house.signedIn(), await house.signedIn()]
    const facts = { name: 'Saba Tesfaye', birthDate: '1987-06-05', gender: 'female', language: 'en', zone: 'UTC' }
    const { id } = (await saba.post('/v1/patients', facts)).body
    assert.deepEqual((await saba.get(`/v1/patients/${id}/care-plans`)).body, { items: [] })
    await other.post('/v1/patients', facts)
    assert.equal((await other.get(`/v1/patients/${id}/care-plans`)).status, 404)
    assert.equal((await house.anonymous.get(`/v1/patients/${id}/care-plans`)).status, 401)
  })
})
