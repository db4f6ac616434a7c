import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { openTestHouse } from '#platform/testing.ts'
import { registry } from '../registry/service.ts'
import { identity } from './service.ts'

const password = 'salt-harbour-lantern'
const amina = { userName: 'Amina.Okello', password, name: 'Amina Okello' }
const byPhone = { phone: '+233 20 123 4567', password, name: 'Kofi' }
const pointers = (body: { errors?: { pointer: string }[] }) => body.errors?.map(({ pointer }) => pointer)

describe('POST /v1/accounts', async () => {
  const house = await openTestHouse([identity, registry], { env: { TRUST_PROXY: '127.0.0.1' } })
  after(() => house[Symbol.asyncDispose]())
  let address = 0
  const signUp = (body: object) =>
    house.anonymous.post('/v1/accounts', body, { 'x-forwarded-for': `203.0.113.${++address}` })

  it('makes an account without any role, and shows no password', async () => {
    const made = await signUp({ ...amina, email: 'amina@example.org', language: 'sw' })
    assert.equal(made.status, 201)
    assert.equal(made.headers.etag, '"1"')
    const { id, ...rest } = made.body
    assert.match(id, /^[0-9a-f-]{36}$/)
    const { password: _secret, ...shown } = amina
    assert.deepEqual(rest, { ...shown, email: 'amina@example.org', language: 'sw', version: 1 })
    const { rows } = await house.owner.query('select password_hash from identity.account where id = $1', [id])
    assert.match(rows[0].password_hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  })

  it('takes a user name once, whatever its case or width', async () => {
    await signUp({ ...amina, userName: 'camhz' })
    for (const userName of ['amina.okello', 'AMINA.OKELLO', 'ａｍｉｎａ.okello', 'ca㎒']) {
      const again = await signUp({ ...amina, userName })
      assert.equal(again.status, 409)
      assert.equal(again.body.code, 'duplicate')
    }
  })

  it('lets one of two simultaneous sign-ups have the user name', async () => {
    const twice = { ...amina, userName: 'race' }
    const answers = await Promise.all([signUp(twice), signUp(twice), signUp(twice)])
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409, 409])
  })

  it('answers alike for a phone number that has an account and one that has none', async () => {
    const first = await signUp(byPhone)
    const second = await signUp({ ...byPhone, password: 'another-lantern-harbour' })
    assert.deepEqual([first.status, second.status], [201, 201])
    assert.deepEqual([first.body.phone, second.body.phone], ['+233201234567', '+233201234567'])
    assert.notEqual(first.body.id, second.body.id)
  })

  it('refuses number and password that name an account already, without naming it', async () => {
    const again = await signUp({ ...byPhone, name: 'Somebody else' })
    assert.equal(again.status, 422)
    assert.deepEqual(pointers(again.body), ['/body/password'])
  })

  it('counts a sign-up by phone as a guess at its password', async () => {
    const from = { 'x-forwarded-for': '198.51.100.7' }
    for (let i = 0; i < 10; i++)
      await house.anonymous.post(
        '/v1/accounts',
        { ...byPhone, phone: '+12025550101', password: `guess-number-${i}` },
        from,
      )
    const next = await house.anonymous.post('/v1/accounts', { ...byPhone, phone: '+12025550101' }, from)
    assert.equal(next.status, 429)
    assert.equal(next.headers['retry-after'], '900')
  })

  it('needs a user name or a phone number', async () => {
    const { status, body } = await signUp({ password, name: 'Nobody' })
    assert.equal(status, 422)
    assert.deepEqual(pointers(body), ['/body'])
  })

  it('refuses what is not a user name, a phone number or an e-mail address', async () => {
    for (const [change, pointer] of [
      [{ userName: 'a' }, '/body/userName'],
      [{ userName: 'no spaces' }, '/body/userName'],
      [{ userName: '%' }, '/body/userName'],
      [{ userName: 'pаypal' }, '/body/userName'], // with a Cyrillic а
      [{ userName: 7 }, '/body/userName'],
      [{ phone: '+1' }, '/body/phone'],
      [{ phone: `+1 2${'3'.repeat(20)}` }, '/body/phone'],
      [{ phone: '0201234567' }, '/body/phone'],
      [{ email: 'a@b@c' }, '/body/email'],
      [{ email: 'a\r\nBcc: x@y.z' }, '/body/email'],
      [{ name: '' }, '/body/name'],
      [{ name: ' ' }, '/body/name'],
      [{ language: 'Klingon language' }, '/body/language'],
      [{ password: 'short' }, '/body/password'],
      [{ password: 'x'.repeat(129) }, '/body/password'],
    ] as const) {
      const { status, body } = await signUp({ ...amina, userName: 'somebody', ...change })
      assert.equal(status, 400, JSON.stringify(change))
      assert.deepEqual([...new Set(pointers(body))], [pointer], JSON.stringify(change))
    }
  })

  it('refuses passwords that others would try first', async () => {
    for (const password of ['1234567890', 'PASSWORD123', 'aaaaaaaaaaaa', 'some.body.1', 'Some.Body1!'])
      assert.equal((await signUp({ ...amina, userName: 'some.body', password })).status, 422, password)
  })

  it('gives no role to whoever asks for one', async () => {
    for (const extra of [{ role: 'administrator' }, { roles: ['administrator'] }, { demo: false }, { id: '1' }]) {
      const { status, body } = await signUp({ ...amina, userName: 'pusher', ...extra })
      assert.equal(status, 400)
      assert.deepEqual(pointers(body), [`/body/${Object.keys(extra)[0]}`])
    }
  })

  it('refuses NUL and half surrogates', async () => {
    assert.equal((await signUp({ ...amina, name: 'A\u0000B' })).status, 400)
    assert.equal((await signUp({ ...amina, password: '\ud800'.repeat(12) })).status, 400)
  })
})

describe('own account', async () => {
  const house = await openTestHouse([identity, registry])
  after(() => house[Symbol.asyncDispose]())
  await house.anonymous.post('/v1/accounts', amina)
  const signIn = async (given = password) =>
    house.anonymous.post('/v1/sessions', { userName: 'amina.okello', password: given })
  const me = house.withToken((await signIn()).body.token)

  it('GET shows it, with roles and records', async () => {
    const { status, body } = await me.get('/v1/account')
    assert.equal(status, 200)
    assert.equal(body.userName, 'Amina.Okello')
    assert.deepEqual([body.roles, body.self], [[], {}])
  })

  it('asks to sign in', async () => {
    for (const { status } of [
      await house.anonymous.get('/v1/account'),
      await house.anonymous.patch('/v1/account', { name: 'x' }, { 'if-match': '"1"' }),
      await house.anonymous.post('/v1/account/password', { current: password, new: password }),
      await house.anonymous.delete('/v1/account', { 'if-match': '"1"' }),
    ])
      assert.equal(status, 401)
  })

  it('PATCH changes it, once for each version', async () => {
    assert.equal((await me.patch('/v1/account', { name: 'A' })).status, 428)
    assert.equal((await me.patch('/v1/account', {}, { 'if-match': '"1"' })).status, 400)
    assert.equal((await me.patch('/v1/account', { userName: 'x' }, { 'if-match': '"1"' })).status, 400)
    const changes = ['ti', 'fr'].map((language) =>
      me.patch('/v1/account', { language, email: 'a@example.org' }, { 'if-match': '"1"' }),
    )
    assert.deepEqual((await Promise.all(changes)).map(({ status }) => status).sort(), [200, 412])
    const { body } = await me.patch('/v1/account', { email: null }, { 'if-match': '"2"' })
    assert.equal(body.email, undefined)
    assert.equal(body.version, 3)
  })

  it('PATCH gives another mailbox to its owner alone', async () => {
    const left = house.withToken((await signIn()).body.token)
    house.setNow('2031-03-01T08:11:00Z')
    const change = async (body: object) => left.patch('/v1/account', body, { 'if-match': '"3"' })
    const refused = [
      await change({ email: 'thief@example.org' }),
      await change({ email: 'thief@example.org', password: 'not the password' }),
    ]
    for (const { status, body } of refused) assert.deepEqual([status, pointers(body)], [422, ['/body/password']])
    assert.equal((await change({ email: 'own@example.org', password })).body.email, 'own@example.org')
    const same = { email: 'own@example.org', name: 'Amina Okello' }
    assert.equal((await left.patch('/v1/account', same, { 'if-match': '"4"' })).status, 200, 'nothing new about it')
    house.setNow('2031-03-01T08:00:00Z')
  })

  it('POST password needs the present one, and ends the other sessions', async () => {
    const other = house.withToken((await signIn()).body.token)
    const refused = await me.post('/v1/account/password', { current: 'not the password', new: 'new-harbour-lantern' })
    assert.equal(refused.status, 422)
    assert.deepEqual(pointers(refused.body), ['/body/current'])
    const changed = await me.post('/v1/account/password', { current: password, new: 'new-harbour-lantern' })
    assert.equal(changed.status, 204)
    assert.equal((await other.get('/v1/account')).status, 401)
    assert.equal((await me.get('/v1/account')).status, 200)
    assert.equal((await signIn()).status, 401)
    assert.equal((await signIn('new-harbour-lantern')).status, 201)
  })

  it('DELETE closes it: sessions end, nobody signs in, the row stays', async () => {
    assert.equal((await me.delete('/v1/account')).status, 428)
    assert.equal((await me.delete('/v1/account', { 'if-match': '"1"' })).status, 412)
    assert.equal((await me.delete('/v1/account', { 'if-match': '"5"' })).status, 204)
    assert.equal((await me.get('/v1/account')).status, 401)
    assert.equal((await signIn('new-harbour-lantern')).status, 401)
    const { rows } = await house.owner.query('select name, disabled_at is not null as closed from identity.account')
    assert.deepEqual(rows, [{ name: 'Amina Okello', closed: true }])
  })

  it('leaves a trace of every read and change', async () => {
    const { rows } = await house.owner.query(
      "select operation, action, count(*)::int from platform.audit_event where entity like 'Account/%' group by 1, 2 order by 1",
    )
    assert.deepEqual(
      rows.map(({ operation, action, count }) => `${operation} ${action} ${count}`),
      ['changePassword U 1', 'createAccount C 1', 'deleteAccount D 1', 'readAccount R 2', 'updateAccount U 4'],
    )
  })
})
