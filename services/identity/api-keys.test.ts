import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import { type Client, openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'

const scopes = ['user/Appointment.rs', 'user/Practitioner.s']

/** What a session alone has not: a password that could be asked for. */
async function withAccount(house: TestHouse, client: Client): Promise<Client> {
  await house.owner.query(
    `insert into identity.account (id, user_name, user_name_key, name, language, password_hash, created_at, updated_at)
     values ($1::uuid, $1::text, $1::text, 'Somebody', 'en', 'none', now(), now())`,
    [client.account],
  )
  return client
}

async function openWithOwner(env: Record<string, string> = {}) {
  const house = await openTestHouse(everything, { env })
  after(() => house[Symbol.asyncDispose]())
  const owner = await withAccount(house, await house.signedIn({ self: { patient: newId() } }))
  const make = (body: object = {}) => owner.post('/v1/api-keys', { name: 'Nightly export', scopes, ...body })
  return { house, owner, make }
}

describe('POST /v1/api-keys', async () => {
  const { house, owner, make } = await openWithOwner()

  it('makes a key that is shown once, may do what its scopes and its owner’s roles both permit, and nothing else', async () => {
    const { status, body } = await make()
    assert.equal(status, 201, JSON.stringify(body))
    assert.match(body.key, /^ohcs_live_[0-9A-Za-z]{49}$/)
    const key = house.withToken(body.key)
    assert.equal((await key.get('/v1/appointments')).status, 200)
    const other = await key.post('/v1/appointments', {
      practitioner: newId(),
      patient: newId(),
      start: '2031-03-03T09:00:00Z',
    })
    assert.deepEqual([other.status, other.body.detail], [403, 'None of the scopes of this token permits this.'])
    for (const url of ['/v1/api-keys', '/v1/account', '/v1/sessions'])
      assert.equal((await key.get(url)).status, 403, url)
    assert.equal((await key.post('/v1/api-keys', { name: 'x', scopes })).status, 403)
    const wide = (await make({ scopes: ['user/*.cruds'] })).body.key
    assert.equal((await house.withToken(wide).get('/v1/licences')).status, 403, 'a scope adds nothing to the roles')
    assert.equal((await house.withToken(wide).get('/v1/appointments')).status, 200)
    assert.doesNotMatch(JSON.stringify((await owner.get('/v1/api-keys')).body), /ohcs_/)
    const { rows } = await house.owner.query('select s::text as row from platform.session s')
    assert.ok(rows.every(({ row }) => !row.includes(body.key)))
  })

  it('wants the password where one signed in a while ago', async () => {
    house.setNow('2031-03-01T08:11:00Z')
    const stale = await make()
    assert.deepEqual([stale.status, stale.body.errors[0].pointer], [422, '/body/password'])
    house.setNow('2031-03-01T08:00:00Z')
  })

  it('refuses scopes that it does not know, and more than twenty keys', async () => {
    for (const scope of [
      'Appointment.rs',
      'patient/Appointment.rs',
      'system/*.s',
      'user/Appointment.',
      'user/Appointment.sr',
      'openid',
    ])
      assert.equal((await make({ scopes: [scope] })).status, 400, scope)
    assert.equal((await make({ scopes: [] })).status, 400)
    const another = await withAccount(house, await house.signedIn())
    const all = await Promise.all(Array.from({ length: 25 }, () => another.post('/v1/api-keys', { name: 'x', scopes })))
    assert.equal(all.filter(({ status }) => status === 201).length, 20)
    assert.deepEqual([...new Set(all.map(({ status }) => status))].sort(), [201, 422])
  })

  it('knows a slip by the tail, without asking the database', async () => {
    const { key } = (await make()).body
    const slip = `${key.slice(0, 20)}${key[20] === 'a' ? 'b' : 'a'}${key.slice(21)}`
    const { result, statements } = await house.cost(() => house.withToken(slip).get('/v1/appointments'))
    assert.deepEqual([result.status, statements], [401, 0])
  })

  it('notes when a key was last used, at most once in five minutes', async () => {
    const { id, key } = (await make({ name: 'Noted' })).body
    const used = async () =>
      (await owner.get('/v1/api-keys')).body.items.find((one: { id: string }) => one.id === id).usedAt
    const ask = async () => (await house.cost(() => house.withToken(key).get('/v1/appointments'))).statements
    assert.equal(await used(), undefined)
    const first = await ask()
    assert.equal(await used(), '2031-03-01T08:00:00.000Z')
    house.setNow('2031-03-01T08:04:00Z')
    assert.equal(await ask(), first - 1)
    assert.equal(await used(), '2031-03-01T08:00:00.000Z')
    house.setNow('2031-03-01T08:06:00Z')
    await ask()
    assert.equal(await used(), '2031-03-01T08:06:00.000Z')
    house.setNow('2031-03-01T08:00:00Z')
  })

  it('says test where the installation is for trying out', async () => {
    const staging = await openWithOwner({ OPENHCS_STAGING: 'true' })
    assert.match((await staging.make()).body.key, /^ohcs_test_/)
    await house.owner.query('update platform.installation set demo = true')
    assert.match((await make()).body.key, /^ohcs_test_/)
  })
})

describe('POST /v1/api-keys/:id/rotate and DELETE', async () => {
  const { house, owner, make } = await openWithOwner()
  const works = async (key: string) => (await house.withToken(key).get('/v1/appointments')).status

  it('lets old and new work until the overlap ends', async () => {
    const old = (await make({ days: 30 })).body
    const { status, body } = await owner.post(`/v1/api-keys/${old.id}/rotate`, { overlapHours: 2 })
    assert.deepEqual([status, body.name, body.scopes, body.expiresAt], [201, old.name, old.scopes, old.expiresAt])
    assert.deepEqual([await works(old.key), await works(body.key)], [200, 200])
    house.setNow('2031-03-01T10:00:00Z')
    assert.deepEqual([await works(old.key), await works(body.key)], [401, 200])
    house.setNow('2031-04-01T10:00:00Z')
    assert.equal(await works(body.key), 401, 'expired')
    house.setNow('2031-03-01T08:00:00Z')
  })

  it('ends the old one at once without an overlap, and any by revoking it; nobody ends another’s', async () => {
    const old = (await make()).body
    const next = (await owner.post(`/v1/api-keys/${old.id}/rotate`, { overlapHours: 0 })).body
    assert.deepEqual([await works(old.key), await works(next.key)], [401, 200])
    assert.equal((await owner.post(`/v1/api-keys/${old.id}/rotate`, {})).status, 404)
    const stranger = await withAccount(house, await house.signedIn())
    assert.equal((await stranger.delete(`/v1/api-keys/${next.id}`)).status, 404)
    assert.equal((await stranger.post(`/v1/api-keys/${next.id}/rotate`, {})).status, 404)
    assert.equal((await house.anonymous.delete(`/v1/api-keys/${next.id}`)).status, 401)
    assert.equal((await owner.delete(`/v1/api-keys/${next.id}`)).status, 204)
    assert.equal(await works(next.key), 401)
    assert.equal((await owner.delete(`/v1/api-keys/${next.id}`)).status, 404)
    const { items } = (await owner.get('/v1/sessions')).body
    assert.equal(items.length, 1, 'keys are no sessions')
  })
})
