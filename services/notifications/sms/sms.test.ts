import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { describe, it } from 'node:test'
import { languages } from '#platform/language.ts'
import { openAfricasTalking } from '#tests/africas-talking.ts'
import { openGateway } from '#tests/sms-gateway.ts'
import { passwordChanged } from '../../identity/contract.ts'
import { openVillage, type Village } from '../testing.ts'
import { sample } from '../words/sample.ts'
import { textFor } from './prepare.ts'
import { segmentsOf } from './segments.ts'

const phone = '+12025550147'
const token = 'let-us-in'
const rows = async ({ house }: Village, sql: string) => (await house.owner.query(sql)).rows
const deliveries = (village: Village) =>
  rows(
    village,
    `select status, reason, provider, reference from notifications.delivery where channel = 'sms' order by template, created_at`,
  )

/** Abena and her son have one phone, and no mailbox; the practitioner has neither. */
async function openFamily(more: Record<string, string> = {}) {
  const gateway = await openGateway()
  const village = await openVillage({ env: { SMS_GATEWAY_URL: gateway.url, SMS_GATEWAY_TOKEN: token, ...more } })
  const { contacts } = village.world
  contacts.delete(village.practitioner.account)
  contacts.set(village.patient.account, {
    account: village.patient.account,
    name: 'Abena Owusu',
    phone,
    language: 'en',
  })
  contacts.set(village.caregiver.account, {
    account: village.caregiver.account,
    name: 'Kofi Owusu',
    phone,
    language: 'en',
  })
  const call = async (kind: 'reports' | 'messages', content: object, by = token) => {
    const payload = JSON.stringify(content)
    const signature = `sha256=${createHmac('sha256', by).update(payload).digest('hex')}`
    const { statusCode } = await village.house.app.inject({
      method: 'POST',
      url: `/v1/text-callbacks/gateway/${kind}`,
      headers: { 'content-type': 'application/json', 'x-openhcs-signature': signature },
      payload,
    })
    return statusCode
  }
  let texts = 0
  return {
    gateway,
    village,
    call,
    write: (text: string, at?: string) =>
      call('messages', { id: `in-${++texts}`, from: phone, text, ...(at && { at }) }),
    async [Symbol.asyncDispose]() {
      await village[Symbol.asyncDispose]()
      await gateway[Symbol.asyncDispose]()
    },
  }
}

const titles = async (client: Village['patient']) =>
  (await client.get('/v1/notifications')).body.items.map(({ title }: { title: string }) => title)

/** One link, as long as a real one: to what can be done about the visit. */
const link = `http://openhcs.test/links/${'x'.repeat(71)}`

describe('a text about an appointment', () => {
  it('says when, and neither who, with whom, where nor why', async () => {
    await using open = await openFamily()
    await open.village.happens('booked')
    const texts = open.gateway.messages.map(({ text }) => text).sort()
    assert.deepEqual(texts, [
      `Somebody you care for has an appointment on Mon 3 Mar, 09:00 (Greenwich Mean Time).\nSTOP ends these texts.\n${link}`,
      `You have an appointment on Mon 3 Mar, 09:00 (Greenwich Mean Time).\nSTOP ends these texts.\n${link}`,
    ])
    assert.doesNotMatch(texts.join(), /Abena|Owusu|Boateng|Ridge/)
  })

  for (const language of languages)
    it(`has room for the link in ${language}`, () => {
      const to = {
        site: 'https://clinic.example.org',
        link: link.replace('http://openhcs.test', 'https://clinic.example.org'),
      }
      const params = sample({ zone: 'Africa/Dar_es_Salaam' })
      for (const change of ['booked', 'rescheduled', 'reminder'])
        for (const part of ['patient', 'caregiver']) {
          const text = textFor({ template: `appointment-${change}.${part}`, params, zone: null }, language, to)
          assert.ok(text.endsWith(`\n${to.link}`), text)
          assert.ok(segmentsOf(text) <= 4)
        }
    })

  it('goes to whoever has no mailbox that reaches them, at a phone they have proved', async () => {
    await using open = await openFamily()
    const { village, gateway } = open
    const { account } = village.patient
    const abena = { account, name: 'Abena Owusu', phone, email: 'abena@people.example', language: 'en' }
    village.world.contacts.set(account, abena)
    village.world.contacts.delete(village.caregiver.account)
    await village.happens('booked')
    assert.equal(gateway.messages.length, 0)

    village.world.contacts.set(account, { ...abena, proved: [] })
    await village.happens('rescheduled', { sequence: 1 })
    assert.deepEqual(
      (await deliveries(village)).map(({ reason }) => reason),
      ['unproved-address'],
    )
  })

  it('has the id of its delivery, the same at each try', async () => {
    await using open = await openFamily()
    const { village, gateway } = open
    village.world.contacts.delete(village.caregiver.account)
    gateway.status = 429
    await village.happens('booked')
    gateway.status = 200
    await village.hurry()
    await village.house.work()
    const ids = gateway.messages.map((message) => (message as unknown as { id: string }).id)
    assert.equal(ids.length, 2)
    assert.equal(new Set(ids).size, 1)
    assert.deepEqual(await deliveries(village), [
      { status: 'sent', reason: null, provider: 'gateway', reference: ids[0] },
    ])
  })

  it('goes by the next provider where the first fails, and to nobody twice', async () => {
    await using africasTalking = await openAfricasTalking()
    await using open = await openFamily({ SMS_PROVIDERS: africasTalking.url })
    open.gateway.status = 503
    await open.village.happens('booked')
    assert.equal(africasTalking.messages.length, 2)
    const [{ message: _, ...form } = {}] = africasTalking.messages
    assert.deepEqual(form, {
      username: 'clinic',
      to: phone,
      from: 'CLINIC',
      path: '/version1/messaging',
      apiKey: 'their key',
    })
    assert.deepEqual(
      (await deliveries(open.village)).map(({ status, provider, reference }) => [status, provider, reference]).sort(),
      [
        ['sent', 'africastalking', 'ATXid_1'],
        ['sent', 'africastalking', 'ATXid_2'],
      ],
    )
  })

  for (const [statusCode, expected] of [
    [403, 'failed'],
    [405, 'queued'],
    [500, 'queued'],
  ] as const)
    it(`is ${expected} when the provider answers ${statusCode}`, async () => {
      await using africasTalking = await openAfricasTalking()
      await using open = await openFamily({ SMS_GATEWAY_URL: '', SMS_PROVIDERS: africasTalking.url })
      africasTalking.statusCode = statusCode
      open.village.world.contacts.delete(open.village.caregiver.account)
      await open.village.happens('booked')
      assert.deepEqual(
        (await deliveries(open.village)).map(({ status, reason }) => [status, reason]),
        [[expected, `africastalking ${statusCode}`]],
      )
    })
})

describe('POST /v1/text-callbacks/:provider/reports', () => {
  it('is believed in any order, however often, and also before it is written down that the text was taken', async () => {
    await using open = await openFamily()
    const { village, call } = open
    village.world.contacts.delete(village.caregiver.account)
    await village.happens('booked')
    const [{ reference: id }] = await deliveries(village)
    const status = async () => (await deliveries(village)).map(({ status, reason }) => [status, reason])
    assert.equal(await call('reports', { id, status: 'failed', code: 'absent' }), 204)
    assert.deepEqual(await status(), [['failed', 'absent']])
    for (const each of ['delivered', 'failed', 'delivered'])
      assert.equal(await call('reports', { id, status: each }), 204)
    assert.deepEqual(await status(), [['delivered', null]])

    await village.house.owner.query(
      `update notifications.delivery set status = 'queued', provider = null, reference = null, sent_at = null`,
    )
    await village.house.house
      .tasks()
      ['notifications:deliver']?.(
        { delivery: (await rows(village, 'select id from notifications.delivery'))[0].id },
        {} as never,
      )
    assert.deepEqual(await status(), [['delivered', null]])
  })

  it('of the last time says nothing of a text that is sent again', async () => {
    await using open = await openFamily()
    const { village, gateway, call } = open
    village.world.contacts.delete(village.caregiver.account)
    await village.happens('booked')
    const [{ reference: id }] = await deliveries(village)
    await call('reports', { id, status: 'failed', code: 'absent' })
    const ada = await village.house.signedIn({ roles: ['administrator'] })
    assert.equal((await ada.post(`/v1/deliveries/${id}/replay`)).status, 200)
    await village.house.work()
    assert.deepEqual([(await deliveries(village))[0].status, gateway.messages.length], ['sent', 2])
  })

  it('is not believed without the secret, and takes what it does not understand', async () => {
    await using open = await openFamily()
    const { village, call } = open
    await village.happens('booked')
    const [{ reference: id }] = await deliveries(village)
    assert.equal(await call('reports', { id, status: 'delivered' }, 'guessed'), 404)
    assert.deepEqual((await deliveries(village))[0].status, 'sent')
    for (const odd of [
      {},
      { id: 7, status: 'delivered' },
      { id: 'a\0b', status: 'delivered' },
      { id, status: 'on its way' },
    ])
      assert.equal(await call('reports', odd), 204)
    assert.equal((await village.house.anonymous.post('/v1/text-callbacks/nobody/reports', {})).status, 400)
  })

  it('comes from Africa’s Talking as a form, to an address with our key', async () => {
    await using africasTalking = await openAfricasTalking()
    await using open = await openFamily({ SMS_GATEWAY_URL: '', SMS_PROVIDERS: africasTalking.url })
    open.village.world.contacts.delete(open.village.caregiver.account)
    await open.village.happens('booked')
    const report = async (key: string) =>
      (
        await open.village.house.app.inject({
          method: 'POST',
          url: `/v1/text-callbacks/africastalking/reports?key=${key}`,
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          payload: 'id=ATXid_1&status=Success&phoneNumber=%2B12025550147',
        })
      ).statusCode
    assert.equal(await report('guessed'), 404)
    assert.equal(await report('our-key'), 204)
    assert.deepEqual((await deliveries(open.village))[0].status, 'delivered')
  })
})

describe('STOP', () => {
  it('silences the phone for all who share it, tells each of them in the app, and not what must be heard', async () => {
    await using open = await openFamily()
    const { village, gateway, write } = open
    assert.equal(await write(' Stop. '), 204)
    assert.match(gateway.messages.at(-1)?.text ?? '', /START brings them back/)
    for (const person of [village.patient, village.caregiver])
      assert.deepEqual(await titles(person), ['Texts to your phone were ended'])
    assert.deepEqual(await titles(village.practitioner), [])

    await village.happens('booked')
    assert.deepEqual(
      (await deliveries(village)).map(({ status, reason }) => [status, reason]),
      Array(2).fill(['skipped', 'stopped']),
    )
    assert.equal((await titles(village.patient))[0], 'Appointment booked')
    await village.announce(passwordChanged, { account: village.patient.account })
    await village.house.work()
    assert.match(gateway.messages.at(-1)?.text ?? '', /^Your password was changed/)
    assert.equal(gateway.messages.length, 2)
  })

  it('said twice, or delivered twice, is heard once', async () => {
    await using open = await openFamily()
    const { village, gateway, call, write } = open
    const twice = { id: 'same', from: phone, text: 'STOP' }
    const answers = await Promise.all([call('messages', twice), call('messages', twice)])
    assert.ok(
      answers.includes(204) && answers.every((status) => status === 204 || status === 409),
      'one may be told to come again',
    )
    assert.equal(await call('messages', twice), 204)
    await write('STOP')
    assert.equal(gateway.messages.length, 1)
    assert.deepEqual(await titles(village.patient), ['Texts to your phone were ended'])
  })

  it('is undone by START, which opens nothing that STOP had not closed', async () => {
    await using open = await openFamily()
    const { village, gateway, write } = open
    await write('START')
    assert.equal(gateway.messages.length, 0)
    await write('STOP')
    village.house.setNow('2031-02-20T09:00:00Z')
    await write('start')
    assert.match(gateway.messages.at(-1)?.text ?? '', /come to this phone again/)
    assert.deepEqual(await titles(village.caregiver), [
      'Texts to your phone begin again',
      'Texts to your phone were ended',
    ])
    await village.happens('booked')
    assert.equal(gateway.messages.length, 4)
  })

  it('holds when an earlier START comes later, and when both were said at once', async () => {
    await using open = await openFamily()
    const { village, write } = open
    await write('STOP', '2031-02-20T07:00:00Z')
    await write('START', '2031-02-20T06:59:59Z')
    await write('START', '2031-02-20T07:00:00Z')
    await village.happens('booked')
    assert.deepEqual(
      (await deliveries(village)).map(({ reason }) => reason),
      ['stopped', 'stopped'],
    )
  })

  it('is one word: what else people write is followed by nothing and kept nowhere', async () => {
    await using open = await openFamily()
    const { village, gateway, write } = open
    for (const text of ['please do not stop', 'CANCEL', 'stop it', 'Canarytext', ''])
      assert.equal(await write(text), 204)
    assert.equal(gateway.messages.length, 0)
    assert.deepEqual(await titles(village.patient), [])
  })

  for (const word of ['ARRÊT', 'arret!', 'Parar', 'አቁም', 'إيقاف', 'SIMAMA', 'Ｓｔｏｐ'])
    it(`is also ${word}`, async () => {
      await using open = await openFamily()
      await open.write(word)
      assert.deepEqual(await titles(open.village.patient), ['Texts to your phone were ended'])
    })

  it('keeps no number', async () => {
    await using open = await openFamily()
    await open.write('STOP')
    assert.doesNotMatch(
      JSON.stringify(await rows(open.village, 'select w::text from notifications.phone_wish w')),
      /2025550147/,
    )
  })
})

describe('HELP', () => {
  it('is answered once a day, so that two machines do not talk for ever', async () => {
    await using open = await openFamily()
    const { village, gateway, write } = open
    for (let i = 0; i < 3; i++) await write('HELP')
    assert.equal(gateway.messages.length, 1)
    village.house.setNow('2031-02-21T08:00:00Z')
    await write('HELP')
    assert.equal(gateway.messages.length, 2)
  })
})
