import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { system } from '#platform/auth.ts'
import { newId } from '#platform/ids.ts'
import type { Client } from '#platform/testing.ts'
import { openGateway } from '#tests/sms-gateway.ts'
import { openSmtp } from '#tests/smtp.ts'
import { notifications } from '../../notifications/service.ts'
import { readContacts } from '../contract.ts'
import { from, openStreet, password } from './testing.ts'

const phone = '+12025550147'
const email = 'amina@example.org'
const wrongOf = (code: string) => code.replace(/.$/, (digit) => String((Number(digit) + 1) % 10))

async function openWithMessages(env: Record<string, string> = {}) {
  const [smtp, gateway] = [await openSmtp(), await openGateway()]
  const street = await openStreet(
    { SMTP_URL: smtp.url, SMS_GATEWAY_URL: gateway.url, SMS_GATEWAY_TOKEN: 'let-us-in', ...env },
    [notifications],
  )
  after(async () => {
    await smtp.close()
    await gateway[Symbol.asyncDispose]()
  })
  const codeIn = (text: string | undefined) =>
    /\b(?:\d, ){5}\d|\b\d{6}\b/.exec(text ?? '')?.[0].replaceAll(', ', '') ?? 'none'
  /** The code of the next message, which `act` brings about. */
  const codeBy = async <R>(act: () => Promise<R>): Promise<{ answer: R; code: string }> => {
    const [mails, texts] = [smtp.mails.length, gateway.messages.length]
    const answer = await act()
    await Promise.any([smtp.received(mails + 1), gateway.received(texts + 1)])
    return { answer, code: codeIn(gateway.messages[texts]?.text ?? smtp.mails[mails]?.text) }
  }
  const prove = async (person: Client, kind: 'phone' | 'email') => {
    const { answer, code } = await codeBy(() => person.post('/v1/account/contacts/codes', { kind }))
    return person.post('/v1/account/contacts/confirm', { challenge: answer.body.challenge, code })
  }
  const ask = (body: object, headers?: Record<string, string>) => street.post('/v1/codes', body, headers)
  const enter = (challenge: string, code: string, more: object = {}, headers?: Record<string, string>) =>
    street.post('/v1/sessions/code', { challenge, code, ...more }, headers)
  return { ...street, smtp, gateway, codeBy, prove, ask, enter }
}

describe('proving an address', async () => {
  const { codeBy, gateway, house, newcomer, prove, rows, smtp } = await openWithMessages()
  const amina = await newcomer('amina', { phone, email })

  it('sends a code to the mailbox and the phone of the account, at once and without a job', async () => {
    assert.deepEqual((await amina.get('/v1/account')).body.verified, [])
    assert.equal((await prove(amina, 'email')).status, 204)
    assert.equal((await prove(amina, 'phone')).status, 204)
    assert.deepEqual((await amina.get('/v1/account')).body.verified, ['phone', 'email'])
    assert.equal(smtp.to(email).length, 1)
    assert.doesNotMatch(String(smtp.mails[0]?.subject), /\d/)
    const [message] = gateway.messages
    assert.deepEqual([message?.channel, message?.to, message?.authorization], ['sms', phone, 'Bearer let-us-in'])
    assert.match(String(message?.text), /@openhcs\.test #\d{6}$/)
    assert.equal((await rows('select from graphile_worker._private_jobs')).length, 0)
  })

  it('takes a code once, and no other account’s', async () => {
    const stranger = await newcomer('stranger', { email: 'stranger@example.org' })
    const { answer, code } = await codeBy(() => amina.post('/v1/account/contacts/codes', { kind: 'email' }))
    const confirm = (who: Client) =>
      who.post('/v1/account/contacts/confirm', { challenge: answer.body.challenge, code })
    assert.equal((await confirm(stranger)).status, 422)
    assert.deepEqual(
      (await Promise.all([confirm(amina), confirm(amina)])).map(({ status }) => status).sort(),
      [204, 422],
    )
    assert.equal((await house.anonymous.post('/v1/account/contacts/codes', { kind: 'email' })).status, 401)
    assert.equal(
      (await house.anonymous.post('/v1/account/contacts/confirm', { challenge: stranger.id, code })).status,
      401,
    )
  })

  it('says when it could not be sent, or there is no address', async () => {
    const nameless = await newcomer('nameless', { email: 'nobody@example.org' })
    assert.equal((await nameless.post('/v1/account/contacts/codes', { kind: 'phone' })).status, 422)
    smtp.mood = 'reject'
    assert.equal((await nameless.post('/v1/account/contacts/codes', { kind: 'email' })).status, 503)
    smtp.mood = 'accept'
  })

  it('is void once the account names another address', async () => {
    const mover = await newcomer('mover', { email: 'old@example.org' })
    await prove(mover, 'email')
    await mover.patch('/v1/account', { email: 'new@example.org' }, { 'if-match': '"1"' })
    assert.deepEqual((await mover.get('/v1/account')).body.verified, [])
  })
})

describe('signing in with a code', async () => {
  const { ask, codeBy, enter, gateway, house, later, newcomer, prove, rows, signIn, smtp } = await openWithMessages()
  const amina = await newcomer('amina', { phone, email })
  await prove(amina, 'email')
  await prove(amina, 'phone')
  const proved = async (userName: string) => {
    const person = await newcomer(userName, { email: `${userName}@example.org` })
    await prove(person, 'email')
    return person
  }

  it('opens with the code that came by mail, by text, and by voice', async () => {
    for (const body of [{ email: 'AMINA@example.org' }, { phone: '+1 (202) 555-0147' }, { phone, voice: true }]) {
      const { answer, code } = await codeBy(() => ask(body))
      assert.equal(answer.status, 202)
      assert.equal(answer.body.expiresAt, '2031-03-01T08:10:00.000Z')
      const { status, body: session } = await enter(answer.body.challenge, code)
      assert.equal(status, 201, JSON.stringify(body))
      assert.equal(session.account.id, amina.id)
      assert.equal((await house.withToken(session.token).get('/v1/account')).status, 200)
      assert.equal((await enter(answer.body.challenge, code)).status, 401, 'again')
    }
    assert.equal(gateway.messages.at(-1)?.channel, 'voice')
    assert.match(String(gateway.messages.at(-1)?.text), /\d, \d, \d, \d, \d, \d\./)
  })

  it('lets somebody who forgot the password replace it at once, ends all else, and tells the owner', async () => {
    const mina = await proved('mina')
    const byCode = async () => {
      const { answer, code } = await codeBy(() => ask({ email: 'mina@example.org' }))
      return house.withToken((await enter(answer.body.challenge, code)).body.token)
    }
    const change = { new: 'another-harbour-lantern' }
    const withPassword = await mina.post('/v1/account/password', change)
    assert.deepEqual([withPassword.status, withPassword.body.errors[0].pointer], [422, '/body/current'])
    const late = await byCode()
    later(601)
    assert.equal((await late.post('/v1/account/password', change)).status, 422)
    const me = await byCode()
    assert.equal((await me.post('/v1/account/password', { ...change, current: 'not this one' })).status, 422)
    const key = (await me.post('/v1/api-keys', { name: 'All', scopes: ['user/*.cruds'] })).body.key
    assert.equal((await house.withToken(key).post('/v1/account/password', change)).status, 403)
    const both = await Promise.all(
      ['first', 'second'].map((one) => me.post('/v1/account/password', { new: `${one}-lantern-harbour` })),
    )
    assert.deepEqual(both.map(({ status }) => status).sort(), [204, 422])
    assert.equal((await late.get('/v1/account')).status, 401)
    assert.equal((await me.get('/v1/account')).status, 200)
    assert.equal((await signIn({ userName: 'mina' })).status, 401, 'the old one')
    const won = both[0]?.status === 204 ? 'first' : 'second'
    assert.equal((await signIn({ userName: 'mina', password: `${won}-lantern-harbour` })).status, 201)
    await house.work()
    const [told] = (await me.get('/v1/notifications')).body.items
    assert.equal(told.template, 'password-changed.person')
    assert.deepEqual(await rows("select reason from platform.audit_event where operation = 'changePassword'"), [
      { reason: 'password, without the one before' },
    ])
    later(0)
  })

  it('answers alike, at the same cost, for an address that nobody has, and sends nothing there', async () => {
    const quiet = await openStreet()
    const person = await quiet.newcomer('quiet', { email: 'quiet@example.org' })
    await quiet.rows(
      "insert into identity.verified_contact values ('email', 'quiet@example.org', $1, '2031-03-01T08:00:00Z')",
      [person.id],
    )
    const cost = async (email: string) => {
      const { result, statements } = await quiet.house.cost(() => quiet.post('/v1/codes', { email }))
      return { status: result.status, members: Object.keys(result.body), expires: result.body.expiresAt, statements }
    }
    assert.deepEqual(await cost('quiet@example.org'), await cost('nobody@example.org'))
    const before = smtp.mails.length
    const { challenge } = (await ask({ email: 'nobody@example.org' })).body
    assert.equal((await enter(challenge, '000000')).status, 401)
    await codeBy(() => ask({ email })) // had anything been sent before, it would be counted here
    assert.equal(smtp.mails.length, before + 1)
  })

  it('sends nothing to an address that was only typed in', async () => {
    const before = smtp.mails.length
    await newcomer('typed', { email: 'typed@example.org' })
    assert.equal((await ask({ email: 'typed@example.org' })).status, 202)
    await proved('ama')
    assert.equal(smtp.mails.length, before + 1)
  })

  it('writes to the address of the account, not to one that folds to it', async () => {
    await proved('abena')
    await codeBy(() => ask({ email: 'ABENA@Example.org' }))
    assert.equal(smtp.to('abena@example.org').length, 2)
    assert.ok(smtp.attempts.every(({ to }) => !to.includes('ABENA@Example.org')))
  })

  it('gives five tries, counted also when they come at once', async () => {
    await proved('kofi')
    const { answer, code } = await codeBy(() => ask({ email: 'kofi@example.org' }))
    const { challenge } = answer.body
    const tries = await Promise.all(Array.from({ length: 5 }, () => enter(challenge, wrongOf(code))))
    assert.deepEqual([...new Set(tries.map(({ status }) => status))], [401])
    assert.equal((await enter(challenge, code)).status, 401)
    const [row] = await rows('select tries from identity.one_time_code where id = $1', [challenge])
    assert.equal(row?.tries, 5)
  })

  it('works for ten minutes, once, and for what it was asked for', async () => {
    const yaw = await proved('yaw')
    const first = await codeBy(() => ask({ email: 'yaw@example.org' }))
    later(601)
    assert.equal((await enter(first.answer.body.challenge, first.code)).status, 401, 'late')
    const second = await codeBy(() => ask({ email: 'yaw@example.org' }))
    const twice = [1, 2].map(() => enter(second.answer.body.challenge, second.code))
    assert.deepEqual((await Promise.all(twice)).map(({ status }) => status).sort(), [201, 401])
    const third = await codeBy(() => yaw.post('/v1/account/contacts/codes', { kind: 'email', password }))
    const without = await yaw.post('/v1/account/contacts/codes', { kind: 'email' })
    assert.deepEqual([without.status, without.body.errors[0].pointer], [422, '/body/password'])
    assert.equal((await enter(third.answer.body.challenge, third.code)).status, 401, 'asked for to prove')
    later(0)
  })

  it('is asked for a few times only: from one network, from everywhere, and in a day', async () => {
    const asks = async (count: number, address = (i: number) => `192.0.2.${i}`, target = 'many@example.org') => {
      const answers = []
      for (let i = 0; i < count; i++) answers.push((await ask({ email: target }, from(address(i)))).status)
      return answers.indexOf(429)
    }
    assert.equal(await asks(7), 5)
    later(901)
    assert.equal(await asks(7, (i) => `192.0.2.${i + 50}`), 5)
    later(1_802)
    assert.equal(await asks(1), 0, 'ten in a day')
    assert.equal(await asks(7, () => '198.51.100.7', 'many-2@example.org'), 5)
    later(0)
  })

  it('can be asked for by its owner, where a stranger has used up what there is', async () => {
    await proved('esi')
    const home = from('198.51.100.60')
    const first = await codeBy(() => ask({ email: 'esi@example.org' }, home))
    const { deviceToken } = (await enter(first.answer.body.challenge, first.code, {}, home)).body
    for (let i = 0; i < 6; i++) await ask({ email: 'esi@example.org' }, from(`203.0.113.${i}`))
    assert.equal((await ask({ email: 'esi@example.org' })).status, 429)
    assert.equal((await ask({ email: 'esi@example.org' }, home)).status, 202, 'from home')
    assert.equal((await ask({ email: 'esi@example.org', deviceToken })).status, 202, 'on the own device')
    assert.equal((await signIn({ userName: 'esi' })).status, 201, 'with the password')
  })

  it('belongs to the account that proved the address last', async () => {
    const shared = '+12025550148'
    const [first, second] = [
      await newcomer('first', { phone: shared }),
      await newcomer('second', { phone: shared, password: 'a harbour of my own' }),
    ]
    await prove(first, 'phone')
    await prove(second, 'phone')
    assert.deepEqual((await first.get('/v1/account')).body.verified, [])
    const { answer, code } = await codeBy(() => ask({ phone: shared }))
    assert.equal((await enter(answer.body.challenge, code)).body.account.id, second.id)
    const ctx = house.house.context('notifications', { actor: system, traceId: newId(), doing: 'test' })
    const { items } = await ctx.call(readContacts, { body: { accounts: [first.id, second.id] } })
    assert.deepEqual(
      items.map(({ proved }) => proved),
      [['phone'], ['phone']],
      'a family is written to at the one phone it has',
    )
  })

  it('wants one address, and codes of six digits', async () => {
    for (const [body, status] of [
      [{}, 422],
      [{ phone, email }, 422],
      [{ phone: '12' }, 400],
      [{ email: 'a@b@c' }, 400],
      [{ email, role: 'administrator' }, 400],
    ] as const)
      assert.equal((await ask(body)).status, status, JSON.stringify(body))
    for (const code of ['12345', '1234567', 'abcdef', '１２３４５６'])
      assert.equal((await enter(amina.id, code)).status, 400, code)
    assert.equal((await enter(amina.id, '123456')).status, 401)
  })

  it('leaves no code in a table, and is gone with the account', async () => {
    const { code } = await codeBy(() => ask({ email }))
    const stored = JSON.stringify(await rows('select c::text from identity.one_time_code c'))
    assert.ok(!new RegExp(`\\b${code}\\b`).test(stored.replace(/[0-9a-f-]{36}/g, '')))
    await amina.delete('/v1/account', { 'if-match': '"1"' })
    assert.equal((await rows('select from identity.verified_contact where account_id = $1', [amina.id])).length, 0)
  })
})

describe('the gateway', async () => {
  const { codeBy, gateway, newcomer } = await openWithMessages({ SMS_COUNTRIES: 'US, GH' })
  const amina = await newcomer('amina', { phone })
  const ask = (who: Client) => who.post('/v1/account/contacts/codes', { kind: 'phone' })

  it('is believed when it refuses, and its redirects are not followed', async () => {
    for (const status of [500, 400, 302]) {
      gateway.status = status
      assert.equal((await ask(amina)).status, 503, String(status))
    }
    assert.equal(gateway.followed, 0)
    gateway.status = 200
    assert.match((await codeBy(() => ask(amina))).code, /^\d{6}$/)
  })

  it('is given numbers of the countries that were chosen', async () => {
    const before = gateway.messages.length
    const afar = await newcomer('afar', { phone: '+447700900123' })
    assert.equal((await ask(afar)).status, 503)
    assert.equal(gateway.messages.length, before)
  })
})
