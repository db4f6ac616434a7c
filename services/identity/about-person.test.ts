import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { strFromU8, unzipSync } from 'fflate'
import { generateSync } from 'otplib'
import type { Client, TestHouse } from '#platform/testing.ts'
import { Authenticator } from '#tests/authenticator.ts'
import { openWithApp } from './oauth/testing.ts'
import { openStreet, password } from './sign-in/testing.ts'

async function copyOf(house: TestHouse, who: Client) {
  const { status, body } = await who.post('/v1/exports', {})
  assert.equal(status, 201, JSON.stringify(body))
  await house.work()
  const headers = { authorization: `Bearer ${who.token}` }
  const { rawPayload } = await house.app.inject({ url: `/v1/exports/${body.id}/file`, headers })
  const text = strFromU8(unzipSync(new Uint8Array(rawPayload))['everything.json'] as Uint8Array)
  return { text, identity: JSON.parse(text).identity as Record<string, Record<string, unknown>[]> }
}

describe('a copy of everything about who has an account', async () => {
  const { house, newcomer, rows } = await openStreet()

  it('says what guards it and what was let in, by names and dates', async () => {
    const saba = await newcomer('saba', { phone: '+12025550147' })
    const device = new Authenticator('http://openhcs.test')
    const options = (await saba.post('/v1/account/passkeys/options', {})).body
    const made = await saba.post('/v1/account/passkeys', { name: 'Blue phone', credential: device.create(options, {}) })
    assert.equal(made.status, 201, JSON.stringify(made.body))
    const { secret } = (await saba.post('/v1/account/totp', {})).body
    const code = generateSync({ secret, epoch: house.house.now().getTime() / 1_000 })
    const { recoveryCodes } = (await saba.post('/v1/account/totp/confirm', { code })).body
    const key = await saba.post('/v1/api-keys', { name: 'Nightly', scopes: ['user/Appointment.rs'], password })
    assert.equal(key.status, 201, JSON.stringify(key.body))
    await rows(`insert into identity.verified_contact values ('phone', '+12025550147', $1, '2031-03-01T08:00:00Z')`, [
      saba.id,
    ])

    const { identity, text } = await copyOf(house, saba)
    assert.equal(identity.Passkeys?.[0]?.name, 'Blue phone')
    assert.ok(identity.Passkeys?.[0]?.created_at)
    assert.deepEqual(identity['Second factor'], [{ since: house.house.now().toISOString(), recovery_codes_left: 10 }])
    assert.deepEqual(identity['Proven phones and e-mail addresses'], [
      { kind: 'phone', address: '+12025550147', verified_at: '2031-03-01T08:00:00.000Z' },
    ])
    assert.deepEqual([identity['API keys']?.length, identity['API keys']?.[0]?.name], [1, 'Nightly'])
    assert.ok(identity['Signed in']?.every(({ kind }) => kind === 'session'))
    for (const hidden of [secret, key.body.key, saba.token, ...recoveryCodes]) assert.ok(!text.includes(hidden))
    const [stored] = await rows(
      `select p.credential_id, encode(p.public_key, 'hex') as public_key, encode(s.token_hash, 'hex') as token_hash, t.secret
       from identity.passkey p join identity.totp t using (account_id) join platform.session s using (account_id)`,
    )
    for (const hidden of Object.values(stored ?? {})) assert.ok(!text.includes(String(hidden)))
    assert.equal(Object.keys(stored ?? {}).length, 4)
  })

  it('has of a second factor that was never confirmed nothing', async () => {
    const kofi = await newcomer('kofi')
    assert.equal((await kofi.post('/v1/account/totp', {})).status, 201)
    assert.deepEqual((await copyOf(house, kofi)).identity['Second factor'], [])
  })
})

describe('a copy of everything about who let an app in', async () => {
  const { house, person: who, codeWith, redeem, mother } = await openWithApp()

  it('names it, with what it may and for whom, also after it was sent away', async () => {
    const { body: tokens } = await redeem(String((await codeWith()).get('code')))
    const [{ id }] = (await who.get('/v1/apps')).body.items
    assert.equal((await who.delete(`/v1/apps/${id}`)).status, 204)
    const { identity, text } = await copyOf(house, who)
    const [app] = identity['Apps let in'] ?? []
    assert.deepEqual([app?.app, app?.patient], ['App', mother])
    assert.ok(app?.created_at && app.revoked_at)
    for (const hidden of [tokens.access_token, tokens.refresh_token]) assert.ok(hidden && !text.includes(hidden))
  })
})
