import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import pg from 'pg'
import { startHouse } from '../processes.ts'

const number = { kind: 'national', country: 'GH', value: 'GHA-QVXJWK-000-4217' }
const password = 'salt-harbour-lantern'

describe('openhcs keys', () => {
  it('rotates under a service that runs, which reads and writes on', async () => {
    await using house = await startHouse('apart')
    await house.ask('POST', '/v1/accounts', { body: { userName: 'saba', name: 'Saba', password } })
    const { token } = (await house.ask('POST', '/v1/sessions', { body: { userName: 'saba', password } })).body
    const facts = { name: 'Saba', birthDate: '1987-06-05', gender: 'female', language: 'am', zone: 'UTC' }
    const patient = (await house.ask('POST', '/v1/patients', { token, body: facts })).body.id
    const path = `/v1/patients/${patient}/identifiers`
    const first = await house.ask('POST', path, { token, body: number })
    assert.equal(first.status, 201, JSON.stringify(first.body))
    const shown = async (id: string) =>
      (await house.ask('POST', `/v1/identifiers/${id}/reveal`, { token, body: { purpose: 'own-use' } })).body.value
    assert.equal(await shown(first.body.id), number.value)

    const rotated = await house.command(['keys', 'rotate'])
    assert.equal(rotated.code, 0, rotated.output)
    assert.match(
      rotated.output,
      /current {2}2 sealed texts\n.* retired .* 0 sealed texts/,
      'a number, and the key that signs id_tokens',
    )
    assert.equal(await shown(first.body.id), number.value, 'under a key that this process had not met')
    const second = await house.ask('POST', path, { token, body: { ...number, kind: 'tax' } })
    assert.equal(await shown(second.body.id), number.value)

    // One that was interrupted after its key was made is gone on with, and not begun anew.
    const owner = new pg.Client({ connectionString: house.databaseUrls.ownerUrl })
    await owner.connect()
    await owner.query('update platform.data_key set retired_at = null')
    await owner.end()
    assert.equal((await house.command(['keys', 'rotate'])).code, 0)
    const { output } = await house.command(['keys', 'list'])
    assert.match(output, /^k\w{12} {2}made \S+ {2}current {2}4 sealed texts\nk\w{12} .* retired .* 0 sealed texts\n$/)
    assert.doesNotMatch(output, /qvxjwk/i)
    assert.equal((await house.command(['keys'])).code, 1)
  })

  it('has another key sign after a rotation, lists them, and withdraws the one that it is told to', async () => {
    await using house = await startHouse('together')
    const owner = new pg.Client({ connectionString: house.databaseUrls.ownerUrl })
    await owner.connect()
    const kid = 'x'.repeat(43)
    await owner.query(
      `insert into platform.signing_key (kid, jwk, wrapped, created_at) values ($1, '{}', 'sealed', now())`,
      [kid],
    )
    assert.match((await house.command(['keys', 'list'])).output, new RegExp(`^${kid} {2}made \\S+ {2}signs$`, 'm'))
    assert.match(
      (await house.command(['keys', 'rotate'])).output,
      new RegExp(`^${kid} .* retired .* still counts$`, 'm'),
    )
    const unknown = await house.command(['keys', 'withdraw', 'y'.repeat(43)])
    assert.equal(unknown.code, 1)
    assert.match(unknown.output, /There is no such key that signs/)
    assert.match((await house.command(['keys', 'withdraw', kid])).output, new RegExp(`^${kid} .* withdrawn \\S+$`, 'm'))
    assert.equal((await owner.query('select wrapped from platform.signing_key')).rows[0].wrapped, null)
    await owner.end()
    assert.equal((await house.command(['keys', 'withdraw'])).code, 1)
  })

  it('opens what a former secret key wrapped, and wraps it by the present one', async () => {
    await using house = await startHouse('together')
    const moved = await house.command(['keys', 'rotate'])
    assert.equal(moved.code, 0, moved.output)
    const env = { OPENHCS_SECRET_KEY: '1'.repeat(64) }
    const lost = await house.command(['keys', 'rotate'], '', env)
    assert.equal(lost.code, 1)
    assert.match(lost.output, /was wrapped by another secret key/)
    const former = { ...env, OPENHCS_FORMER_SECRET_KEY: '0'.repeat(64) }
    assert.equal((await house.command(['keys', 'rotate'], '', former)).code, 0)
    assert.equal((await house.command(['keys', 'rotate'], '', env)).code, 0)
  })
})
