import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { system } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { openTestHouse } from '#platform/testing.ts'
import { registry } from '../registry/service.ts'
import { readContacts } from './contract.ts'
import { createAdministrator } from './create-administrator.ts'
import type { Tables } from './database.ts'
import { identity } from './service.ts'

const password = 'salt-harbour-lantern'

async function openWithAdministrator() {
  const house = await openTestHouse([identity, registry], { env: { TRUST_PROXY: '127.0.0.1' } })
  after(() => house[Symbol.asyncDispose]())
  const errand = { actor: system, traceId: 'a-command', doing: 'createAdministrator' }
  const ctx = house.house.context('identity', errand) as Context<Tables>
  let address = 0
  const post = (url: string, body: object) =>
    house.anonymous.post(url, body, { 'x-forwarded-for': `203.0.113.${++address}` })
  const signIn = async (userName: string) =>
    house.withToken((await post('/v1/sessions', { userName, password })).body.token)
  const person = async (userName: string, more: object = {}) =>
    (await post('/v1/accounts', { userName, password, name: userName, ...more })).body.id as string
  const root = await createAdministrator(ctx, { userName: 'root', password, name: 'First' })
  return { house, ctx, root: { ...root, ...(await signIn('root')) }, signIn, person }
}

describe('createAdministrator', async () => {
  const { ctx, house, root } = await openWithAdministrator()

  it('makes the first administrator', async () => {
    assert.deepEqual((await root.get('/v1/account')).body.roles, ['administrator'])
  })

  it('says why it cannot', async () => {
    const again = (change: object) => createAdministrator(ctx, { userName: 'Root', password, name: 'x', ...change })
    await assert.rejects(again({}), { code: 'duplicate' })
    await assert.rejects(again({ userName: 'other', password: 'password123' }), { code: 'business-rule' })
  })

  it('leaves a trace', async () => {
    const { rows } = await house.owner.query(
      "select entity from platform.audit_event where operation = 'createAdministrator'",
    )
    assert.deepEqual(
      rows.map(({ entity }) => entity),
      [`Account/${root.id}`, 'Role/administrator'],
    )
  })
})

describe('/v1/accounts/:id/roles', async () => {
  const { house, root, signIn, person } = await openWithAdministrator()
  const roles = (id: string) => `/v1/accounts/${id}/roles`
  const administrator = { role: 'administrator' }
  const amina = await person('amina')
  const aminaSignedIn = await signIn('amina')

  it('is for administrators', async () => {
    assert.equal((await house.anonymous.post(roles(amina), administrator)).status, 401)
    assert.equal((await aminaSignedIn.post(roles(amina), administrator)).status, 403)
    assert.equal((await aminaSignedIn.delete(`${roles(root.id)}/administrator`)).status, 403)
    assert.equal((await aminaSignedIn.post('/v1/accounts/search', { userName: 'root' })).status, 403)
    assert.equal((await house.anonymous.post('/v1/accounts/search', { userName: 'root' })).status, 401)
  })

  it('grants and revokes, effective on the next request', async () => {
    const key = { 'idempotency-key': 'once' }
    const granted = await root.post(roles(amina), administrator, key)
    assert.equal(granted.status, 201)
    assert.deepEqual((await root.post(roles(amina), administrator, key)).body, granted.body)
    assert.equal((await root.post(roles(amina), administrator)).status, 409)
    assert.equal((await aminaSignedIn.post('/v1/accounts/search', { userName: 'root' })).status, 200)
    assert.equal((await root.delete(`${roles(amina)}/administrator`)).status, 204)
    assert.equal((await aminaSignedIn.post('/v1/accounts/search', { userName: 'root' })).status, 403)
    assert.equal((await root.delete(`${roles(amina)}/administrator`)).status, 404)
    assert.equal((await root.post(roles(amina), administrator)).status, 201)
    assert.equal((await root.delete(`${roles(amina)}/administrator`)).status, 204)
  })

  it('grants no role that follows from records', async () => {
    for (const role of ['practitioner', 'patient', 'caregiver', 'donor'])
      assert.equal((await root.post(roles(amina), { role })).status, 422, role)
    assert.equal((await root.post(roles(amina), { role: 'king' })).status, 400)
  })

  it('answers 404 for accounts that are not there', async () => {
    const nobody = '018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f'
    assert.equal((await root.post(roles(nobody), administrator)).status, 404)
    assert.equal((await root.delete(`${roles(nobody)}/administrator`)).status, 404)
    assert.equal((await root.post(roles('x'), administrator)).status, 400)
  })

  it('keeps the last administrator', async () => {
    const refused = await root.delete(`${roles(root.id)}/administrator`)
    assert.equal(refused.status, 422)
    assert.equal((await root.delete('/v1/account', { 'if-match': '"1"' })).status, 422)
    assert.equal((await root.post('/v1/accounts/search', { userName: 'root' })).status, 200)
  })

  it('keeps one of two who remove each other at the same moment', async () => {
    await root.post(roles(amina), administrator)
    // The first administrator's row is held until both requests have looked, or stand in line to look.
    await house.owner.query('begin')
    await house.owner.query('select 1 from platform.role_grant where account_id = $1 for update', [root.id])
    const first = aminaSignedIn.delete(`${roles(root.id)}/administrator`)
    await queued(1)
    const second = root.delete(`${roles(amina)}/administrator`)
    await Promise.race([second, queued(2)])
    await house.owner.query('rollback')
    const statuses = (await Promise.all([first, second])).map(({ status }) => status)
    const { rows } = await house.owner.query('select 1 from platform.role_grant where revoked_at is null')
    assert.equal(rows.length, 1)
    assert.deepEqual(statuses.sort(), [204, 422])
  })

  /** Resolves when so many connections wait for a lock. Inside a transaction the view would not change by itself. */
  async function queued(count: number): Promise<void> {
    const waiting = `select count(*)::int as n from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock' and application_name = 'openhcs identity'`
    const look = async () => {
      await house.owner.query('select pg_stat_clear_snapshot()')
      return (await house.owner.query(waiting)).rows[0].n as number
    }
    while ((await look()) < count);
  }
})

describe('POST /v1/accounts/search', async () => {
  const { house, root, person } = await openWithAdministrator()
  const phone = '+12025550147'
  const [first, second] = [
    await person('amina', { phone }),
    await person('hana', { phone, password: 'another-lantern' }),
  ]

  it('finds by exactly one of user name and phone', async () => {
    const { body } = await root.post('/v1/accounts/search', { userName: 'AMINA' })
    const [{ createdAt, ...entry }] = body.items
    assert.deepEqual(entry, { id: first, userName: 'amina', phone, name: 'amina', granted: [], closed: false })
    assert.ok(createdAt)
    const byPhone = await root.post('/v1/accounts/search?limit=1', { phone })
    assert.equal(byPhone.body.items[0].id, first)
    const next = await root.post(`/v1/accounts/search?cursor=${byPhone.body.next}`, { phone })
    assert.deepEqual(
      next.body.items.map(({ id }: { id: string }) => id),
      [second],
    )
    assert.deepEqual((await root.post('/v1/accounts/search', { userName: 'ami' })).body.items, [])
    for (const wrong of [{}, { userName: 'a', phone }, { phone: '12' }, { userName: '' }])
      assert.equal((await root.post('/v1/accounts/search', wrong)).status, 400, JSON.stringify(wrong))
    assert.equal((await root.get(`/v1/accounts?phone=${encodeURIComponent(phone)}`)).status, 404, 'not in a URL')
  })

  it('records whose account was looked at', async () => {
    const { rows } = await house.owner.query(
      "select distinct subject from platform.audit_event where operation = 'searchAccounts'",
    )
    assert.deepEqual(rows.map(({ subject }) => subject).sort(), [`Account/${first}`, `Account/${second}`].sort())
  })
})

describe('readContacts, for other rooms', async () => {
  const { house, ctx, person } = await openWithAdministrator()
  const amina = await person('amina', { email: 'amina@example.org', phone: '+12025550147', language: 'am' })

  it('says where to write to accounts that are open', async () => {
    const unknown = '018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f'
    const { items } = await ctx.call(readContacts, { body: { accounts: [amina, unknown] } })
    const where = { email: 'amina@example.org', phone: '+12025550147', proved: [] }
    const contact = { account: amina, name: 'amina', ...where, language: 'am' }
    assert.deepEqual(items, [contact])
    await house.owner.query('update identity.account set disabled_at = now() where id = $1', [amina])
    assert.deepEqual(await ctx.call(readContacts, { body: { accounts: [amina] } }), { items: [] })
    assert.deepEqual(await ctx.call(readContacts, { body: { accounts: [] } }), { items: [] })
  })

  it('has no door for people', async () => {
    assert.equal((await house.anonymous.post('/v1/contacts', { accounts: [] })).status, 404)
  })
})
