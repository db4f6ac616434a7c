import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { generateSync } from 'otplib'
import { from, openStreet, password } from './testing.ts'

const START = Date.parse('2031-03-01T08:00:00Z') / 1_000
const codeAt = (secret: string, seconds: number) => generateSync({ secret, epoch: START + seconds })

async function openWithFactor() {
  const street = await openStreet()
  const { house, newcomer, post, signIn } = street
  const enrol = async (userName: string) => {
    const person = await newcomer(userName)
    const { secret } = (await person.post('/v1/account/totp', {})).body
    const { body } = await person.post('/v1/account/totp/confirm', {
      code: generateSync({ secret, epoch: house.house.now().getTime() / 1_000 }),
    })
    return { ...person, secret: secret as string, codes: body.recoveryCodes as string[] }
  }
  /** The first step; its challenge. */
  const begin = async (userName: string): Promise<string> => (await signIn({ userName })).body.secondFactor?.challenge
  const finish = (challenge: string, code: string, headers?: Record<string, string>, more: object = {}) =>
    post('/v1/sessions/second-factor', { challenge, code, ...more }, headers)
  return { ...street, enrol, begin, finish }
}

describe('setting up a second factor', async () => {
  const { house, later, newcomer, rows, signIn } = await openWithFactor()

  it('is an offer until a code from the app confirms it', async () => {
    const amina = await newcomer('amina')
    const { status, body } = await amina.post('/v1/account/totp', {})
    assert.equal(status, 201)
    assert.match(body.uri, /^otpauth:\/\/totp\/OpenHCS:amina\?secret=/)
    assert.equal((await signIn({ userName: 'amina' })).status, 201, 'not asked for yet')
    const wrong = await amina.post('/v1/account/totp/confirm', { code: codeAt(body.secret, 300) })
    assert.deepEqual([wrong.status, wrong.body.errors[0].pointer], [422, '/body/code'])
    const other = house.withToken((await signIn({ userName: 'amina' })).body.token)
    const confirmed = await amina.post('/v1/account/totp/confirm', { code: codeAt(body.secret, 0) })
    assert.equal(confirmed.status, 200)
    assert.equal(new Set(confirmed.body.recoveryCodes).size, 10)
    assert.equal((await other.get('/v1/account')).status, 401, 'other sessions end')
    assert.deepEqual((await amina.get('/v1/account/totp')).body, {
      enabled: true,
      confirmedAt: '2031-03-01T08:00:00.000Z',
      recoveryCodesLeft: 10,
    })
    assert.equal((await amina.post('/v1/account/totp', {})).status, 409)
    assert.equal((await amina.post('/v1/account/totp/confirm', { code: codeAt(body.secret, 30) })).status, 422)
  })

  it('stores the secret sealed, with the name of its key, and codes as keyed hashes', async () => {
    const kofi = await newcomer('kofi')
    const { secret } = (await kofi.post('/v1/account/totp', {})).body
    const { recoveryCodes } = (await kofi.post('/v1/account/totp/confirm', { code: codeAt(secret, 0) })).body
    const [row] = await rows('select secret from identity.totp where account_id = $1', [kofi.id])
    assert.match(String(row?.secret), /^1\.k[0-9a-f]{12}\.[\w-]{60,}$/)
    const stored = JSON.stringify(await rows('select t::text, r::text from identity.totp t, identity.recovery_code r'))
    for (const text of [secret, ...recoveryCodes]) assert.ok(!stored.includes(text))
  })

  it('asks for the password when one signed in a while ago', async () => {
    const yaw = await newcomer('yaw')
    later(601)
    const without = await yaw.post('/v1/account/totp', {})
    assert.deepEqual([without.status, without.body.errors[0].pointer], [422, '/body/password'])
    assert.equal((await yaw.post('/v1/account/totp', { password: 'not this one' })).status, 422)
    assert.equal((await yaw.post('/v1/account/totp', { password })).status, 201)
  })

  it('asks to sign in', async () => {
    for (const path of ['', '/confirm', '/recovery-codes', '/remove'])
      assert.equal((await house.anonymous.post(`/v1/account/totp${path}`, { code: '123456' })).status, 401)
    assert.equal((await house.anonymous.get('/v1/account/totp')).status, 401)
  })
})

describe('signing in with a second factor', async () => {
  const { begin, enrol, finish, house, later, rows, signIn } = await openWithFactor()
  const amina = await enrol('amina')
  const works = async (token: string) => (await house.withToken(token).get('/v1/account')).status === 200

  it('gives a challenge for the password, and no session', async () => {
    const { status, body } = await signIn({ userName: 'amina' })
    assert.deepEqual([status, body.code, body.token], [401, 'login', undefined])
    assert.equal(body.secondFactor.expiresAt, '2031-03-01T08:05:00.000Z')
    assert.equal(await works(body.secondFactor.challenge), false)
    const wrong = await signIn({ userName: 'amina', password: 'wrong' })
    assert.equal(wrong.body.secondFactor, undefined)
  })

  it('opens with a code, once for each time step', async () => {
    const code = codeAt(amina.secret, 60)
    later(60)
    const { status, body } = await finish(await begin('amina'), code)
    assert.equal(status, 201)
    assert.ok(await works(body.token))
    assert.equal((await finish(await begin('amina'), code)).status, 401, 'the same step again')
    assert.equal((await finish(await begin('amina'), codeAt(amina.secret, 30))).status, 401, 'a step before')
  })

  it('lets one of five who send the same code at once', async () => {
    later(120)
    const challenges = await Promise.all(Array.from({ length: 4 }, () => begin('amina')))
    const answers = await Promise.all(challenges.map((challenge) => finish(challenge, codeAt(amina.secret, 120))))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 401, 401, 401])
  })

  it('takes a challenge once, for five minutes, unaltered, while the password is the same', async () => {
    const ama = await enrol('ama')
    const challenge = await begin('ama')
    later(180)
    assert.equal((await finish(challenge, codeAt(ama.secret, 180))).status, 201)
    later(240)
    assert.equal((await finish(challenge, codeAt(ama.secret, 240))).status, 401, 'again')
    const altered = `${challenge.slice(0, 20)}${challenge[20] === 'A' ? 'B' : 'A'}${challenge.slice(21)}`
    assert.equal((await finish(altered, codeAt(ama.secret, 240))).status, 401)
    const late = await begin('ama')
    later(240 + 301)
    assert.equal((await finish(late, codeAt(ama.secret, 541))).status, 401, 'late')
    const before = await begin('ama')
    const { token } = (await finish(await begin('ama'), codeAt(ama.secret, 541))).body
    const changed = await house
      .withToken(token)
      .post('/v1/account/password', { current: password, new: 'another-harbour-lantern' })
    assert.equal(changed.status, 204)
    later(601)
    assert.equal((await finish(before, codeAt(ama.secret, 601))).status, 401, 'of the password before')
  })

  it('opens with each recovery code once, however it is written', async () => {
    const abena = await enrol('abena')
    const [first = '', second = ''] = abena.codes
    assert.equal((await finish(await begin('abena'), first.toLowerCase().replaceAll('-', ' '))).status, 201)
    assert.equal((await finish(await begin('abena'), first)).status, 401)
    assert.equal((await finish(await begin('amina'), second)).status, 401, 'of another account')
    const left = await house.withToken((await finish(await begin('abena'), second)).body.token).get('/v1/account/totp')
    assert.equal(left.body.recoveryCodesLeft, 8)
    const traces = await rows("select reason from platform.audit_event where reason = 'recovery code used'")
    assert.equal(traces.length, 2)
  })

  it('counts guesses at codes for the account, and lets the owner’s device in all the same', async () => {
    later(1_000)
    const esi = await enrol('esi')
    later(1_030)
    const { deviceToken } = (await finish(await begin('esi'), codeAt(esi.secret, 1_030))).body
    let refused = 0
    for (let i = 0; i < 12; i++) {
      const { status } = await finish(await begin('esi'), '000000', from(`192.0.2.${i}`))
      if (status === 429) refused++
    }
    assert.equal(refused, 2)
    later(1_060)
    const code = codeAt(esi.secret, 1_060)
    assert.equal((await finish(await begin('esi'), code)).status, 429)
    assert.equal((await finish(await begin('esi'), code, undefined, { deviceToken })).status, 201)
  })
})

describe('changing a second factor', async () => {
  const { begin, enrol, finish, later, signIn } = await openWithFactor()
  const amina = await enrol('amina')

  it('needs a code for new recovery codes, and those before are void', async () => {
    later(60)
    assert.equal((await amina.post('/v1/account/totp/recovery-codes', { code: '000000' })).status, 422)
    const { body } = await amina.post('/v1/account/totp/recovery-codes', { code: codeAt(amina.secret, 60) })
    assert.equal(body.recoveryCodes.length, 10)
    assert.equal((await finish(await begin('amina'), String(amina.codes[0]))).status, 401)
    amina.codes = body.recoveryCodes
  })

  it('needs a code to remove it', async () => {
    assert.equal((await amina.post('/v1/account/totp/remove', { code: codeAt(amina.secret, 60) })).status, 422, 'used')
    assert.equal((await amina.post('/v1/account/totp/remove', { code: amina.codes[3] as string })).status, 204)
    assert.equal((await signIn({ userName: 'amina' })).status, 201)
    assert.equal((await amina.get('/v1/account/totp')).body.enabled, false)
  })
})
