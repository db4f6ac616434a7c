import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Client } from '#platform/testing.ts'
import { Authenticator, type Foul } from '#tests/authenticator.ts'
import { from, openStreet, password } from './testing.ts'

const ORIGIN = 'http://openhcs.test'

async function openWithKeys() {
  const street = await openStreet()
  const { newcomer, post } = street
  const register = async (person: Client, device: Authenticator, foul: Foul = {}) => {
    const { body: options } = await person.post('/v1/account/passkeys/options', {})
    return person.post('/v1/account/passkeys', { name: 'Phone', credential: device.create(options, foul) })
  }
  const holder = async (userName: string) => {
    const person = await newcomer(userName)
    const device = new Authenticator(ORIGIN)
    const { body } = await register(person, device)
    return { ...person, device, passkey: body.id as string }
  }
  const options = async () => (await post('/v1/sessions/passkey/options', {})).body as { challenge: string }
  const present = (credential: object, more: object = {}, headers?: Record<string, string>) =>
    post('/v1/sessions/passkey', { credential, ...more }, headers)
  return { ...street, register, holder, options, present }
}

describe('registering a passkey', async () => {
  const { holder, house, later, newcomer, register } = await openWithKeys()

  it('asks for a discoverable key, a verified user and no certificate', async () => {
    const amina = await newcomer('amina')
    const { status, body } = await amina.post('/v1/account/passkeys/options', {})
    assert.equal(status, 200)
    assert.deepEqual(body.rp, { id: 'openhcs.test', name: 'OpenHCS' })
    assert.deepEqual(body.authenticatorSelection, {
      residentKey: 'required',
      requireResidentKey: true,
      userVerification: 'required',
    })
    assert.deepEqual([body.attestation, body.user.name], ['none', 'amina'])
    assert.ok(body.pubKeyCredParams.some(({ alg }: { alg: number }) => alg === -7))
  })

  it('lists, names and deletes one’s own, and nobody else’s', async () => {
    const [kofi, stranger] = [await holder('kofi'), await newcomer('stranger')]
    const second = await register(kofi, new Authenticator(ORIGIN))
    const { body } = await kofi.get('/v1/account/passkeys?limit=1')
    assert.equal(body.items[0].id, second.body.id)
    assert.equal((await kofi.get(`/v1/account/passkeys?limit=1&cursor=${body.next}`)).body.items[0].id, kofi.passkey)
    const name = (who: Client, version: string) =>
      who.patch(`/v1/account/passkeys/${kofi.passkey}`, { name: 'Ring' }, { 'if-match': version })
    assert.equal((await name(stranger, '"1"')).status, 404)
    assert.equal((await kofi.patch(`/v1/account/passkeys/${kofi.passkey}`, { name: 'x' })).status, 428)
    const both = await Promise.all([name(kofi, '"1"'), name(kofi, '"1"')])
    assert.deepEqual(both.map(({ status }) => status).sort(), [200, 412])
    assert.equal((await stranger.delete(`/v1/account/passkeys/${kofi.passkey}`)).status, 404)
    assert.equal((await kofi.delete(`/v1/account/passkeys/${kofi.passkey}`)).status, 204)
    assert.equal((await kofi.delete(`/v1/account/passkeys/${kofi.passkey}`)).status, 404)
    for (const path of ['', `/${kofi.passkey}`])
      assert.equal((await house.anonymous.delete(`/v1/account/passkeys${path || '/x'}`)).status, 401)
    assert.equal((await house.anonymous.get('/v1/account/passkeys')).status, 401)
  })

  const fouls: [string, Foul][] = [
    ['another origin', { origin: 'http://openhcs.test.evil.example' }],
    ['a sub-domain', { origin: 'http://x.openhcs.test' }],
    ['another scheme', { origin: 'https://openhcs.test' }],
    ['another host', { rpId: 'evil.example' }],
    ['a challenge of its own', { challenge: Buffer.alloc(54).toString('base64url') }],
    ['no verified user', { userVerified: false }],
    ['nobody present', { userPresent: false }],
    ['the other ceremony', { type: 'webauthn.get' }],
    ['a certificate to look at', { format: 'fido-u2f' }],
    ['an unknown format', { format: 'tpm' }],
  ]
  for (const [what, foul] of fouls)
    it(`refuses ${what}`, async () => {
      const person = await newcomer(`r-${fouls.findIndex(([name]) => name === what)}-name`)
      const { status, body } = await register(person, new Authenticator(ORIGIN), foul)
      assert.deepEqual([status, body.errors?.[0].pointer], [422, '/body/credential'])
      assert.equal((await person.get('/v1/account/passkeys')).body.items.length, 0)
    })

  it('takes a challenge once, within five minutes, and only of the same account', async () => {
    const [ama, yaw] = [await newcomer('ama'), await newcomer('yaw')]
    const ask = async (who: Client) => (await who.post('/v1/account/passkeys/options', {})).body
    const give = (who: Client, credential: object) => who.post('/v1/account/passkeys', { name: 'x', credential })
    const device = new Authenticator(ORIGIN)
    const options = await ask(ama)
    assert.equal((await give(yaw, device.create(options))).status, 422, 'of another account')
    const twice = [device.create(options), device.create(options)].map((credential) => give(ama, credential))
    assert.deepEqual((await Promise.all(twice)).map(({ status }) => status).sort(), [201, 422])
    const late = await ask(ama)
    later(301)
    assert.equal((await give(ama, device.create(late))).status, 422, 'late')
    later(0)
  })

  it('refuses a key that another account registered', async () => {
    const [esi, mallory] = [await holder('esi'), await newcomer('mallory')]
    const { body: options } = await mallory.post('/v1/account/passkeys/options', {})
    const [key] = esi.device.keys
    const device = new Authenticator(ORIGIN)
    const made = device.create(options)
    const [own] = device.keys
    assert.ok(key && own)
    // The bytes of the key's id lie in the attestation: exchanged there, as whoever saw the victim's id could.
    const attestation = Buffer.from(made.response.attestationObject, 'base64url')
    key.id.copy(attestation, attestation.indexOf(own.id))
    const id = key.id.toString('base64url')
    const response = { ...made.response, attestationObject: attestation.toString('base64url') }
    const { status } = await mallory.post('/v1/account/passkeys', {
      name: 'x',
      credential: { ...made, id, rawId: id, response },
    })
    assert.equal(status, 409)
  })

  it('asks for the password when one signed in a while ago', async () => {
    const efua = await newcomer('efua')
    later(601)
    assert.equal((await efua.post('/v1/account/passkeys/options', {})).status, 422)
    assert.equal((await efua.post('/v1/account/passkeys/options', { password: 'wrong' })).status, 422)
    assert.equal((await efua.post('/v1/account/passkeys/options', { password })).status, 200)
    later(0)
  })
})

describe('signing in with a passkey', async () => {
  const { holder, house, later, newcomer, options, present, register, rows } = await openWithKeys()
  const amina = await holder('amina')
  const bodyOf = ({ body: { traceId: _traceId, ...body } }: { body: Record<string, unknown> }) => JSON.stringify(body)

  it('opens without a name and without a second factor', async () => {
    const { status, body } = await present(amina.device.get(await options()), { device: 'Phone' })
    assert.equal(status, 201)
    assert.equal(body.account.id, amina.id)
    assert.equal((await house.withToken(body.token).get('/v1/account')).status, 200)
    const [key] = (await amina.get('/v1/account/passkeys')).body.items
    assert.equal(key.lastUsedAt, '2031-03-01T08:00:00.000Z')
    const [trace] = await rows('select reason from platform.audit_event where entity = $1', [`Session/${body.id}`])
    assert.equal(trace?.reason, 'passkey')
  })

  const fouls: [string, Foul][] = [
    ['another origin', { origin: 'https://evil.example' }],
    ['a suffix of our origin', { origin: 'http://openhcs.test.evil.example' }],
    ['another host', { rpId: 'evil.example' }],
    ['a challenge of its own', { challenge: Buffer.from('a challenge of its own').toString('base64url') }],
    ['no verified user', { userVerified: false }],
    ['nobody present', { userPresent: false }],
    ['the other ceremony', { type: 'webauthn.create' }],
    ['another key', { foreignKey: true }],
    ['another user handle', { userHandle: Buffer.alloc(16).toString('base64url') }],
    ['an unknown credential', { credentialId: Buffer.alloc(32).toString('base64url') }],
  ]
  it('refuses whatever is foul, always in the same words', async () => {
    const answers = []
    for (const [what, foul] of fouls) {
      const answer = await present(amina.device.get(await options(), foul), {}, from('2001:db8::1'))
      assert.equal(answer.status, 401, what)
      answers.push(bodyOf(answer))
    }
    assert.equal(new Set(answers).size, 1)
  })

  it('refuses the credential of another account under one’s own handle, and the other way round', async () => {
    const mallory = await holder('mallory')
    const [own, victims] = [mallory.device.keys[0], amina.device.keys[0]]
    assert.ok(own && victims)
    const asVictim = { credentialId: victims.id.toString('base64url'), userHandle: victims.userHandle }
    for (const foul of [asVictim, { userHandle: victims.userHandle }, { credentialId: asVictim.credentialId }])
      assert.equal((await present(mallory.device.get(await options(), foul))).status, 401, JSON.stringify(foul))
  })

  it('takes an answer once, also of two at the same moment, within five minutes, to a challenge for signing in', async () => {
    const kofi = await holder('kofi')
    const answer = kofi.device.get(await options())
    const twice = await Promise.all([present(answer), present(answer)])
    assert.deepEqual(twice.map(({ status }) => status).sort(), [201, 401])
    assert.equal((await present(answer)).status, 401, 'replayed')
    const late = await options()
    later(301)
    assert.equal((await present(kofi.device.get(late))).status, 401, 'late')
    later(0)
    const { body } = await kofi.post('/v1/account/passkeys/options', {})
    assert.equal((await present(kofi.device.get(body))).status, 401, 'a challenge to register')
  })

  it('refuses a counter that does not rise: the key was copied', async () => {
    const ama = await holder('ama')
    assert.equal((await present(ama.device.get(await options(), { counter: 7 }))).status, 201)
    for (const counter of [7, 6, 0])
      assert.equal((await present(ama.device.get(await options(), { counter }))).status, 401, String(counter))
    assert.equal((await present(ama.device.get(await options(), { counter: 8 }))).status, 201)
  })

  it('takes authenticators without a counter', async () => {
    const yaw = await newcomer('yaw')
    const device = new Authenticator(ORIGIN)
    await register(yaw, device)
    for (const round of [1, 2])
      assert.equal((await present(device.get(await options(), { counter: 0 }))).status, 201, String(round))
  })

  it('is over with the key, and with the account', async () => {
    const [esi, abena] = [await holder('esi'), await holder('abena')]
    await esi.delete(`/v1/account/passkeys/${esi.passkey}`)
    assert.equal((await present(esi.device.get(await options()))).status, 401)
    await abena.delete('/v1/account', { 'if-match': '"1"' })
    assert.equal((await present(abena.device.get(await options()))).status, 401)
  })

  it('counts failures for each key and network, and lets the owner’s device in all the same', async () => {
    const efua = await holder('efua')
    const { deviceToken } = (await present(efua.device.get(await options()))).body
    const foul = async (i: number) =>
      (await present(efua.device.get(await options(), { foreignKey: true }), {}, from(`192.0.2.${i}`))).status
    const here = []
    for (let i = 0; i < 12; i++) here.push(await foul(1))
    assert.equal(here.indexOf(429), 10)
    for (let i = 0; i < 41; i++) await foul(2 + Math.floor(i / 10))
    assert.equal((await present(efua.device.get(await options()))).status, 429)
    assert.equal((await present(efua.device.get(await options()), { deviceToken })).status, 201)
  })

  it('refuses what is no credential', async () => {
    const good = amina.device.get(await options())
    for (const credential of [{}, { ...good, id: 'a b' }, { ...good, type: 'password' }, { ...good, role: 'x' }])
      assert.equal((await present(credential)).status, 400)
    const garbled = { ...good, response: { ...good.response, authenticatorData: 'AAAA', clientDataJSON: 'AAAA' } }
    assert.equal((await present(garbled)).status, 401)
  })
})
