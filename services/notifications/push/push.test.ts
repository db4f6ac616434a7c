import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { importJWK, jwtVerify } from 'jose'
import { system } from '#platform/auth.ts'
import { newId } from '#platform/ids.ts'
import { listKeys, rotateKeys } from '#platform/rotate-keys.ts'
import { openPushService, type Pushed } from '#tests/push-service.ts'
import { openSmtp } from '#tests/smtp.ts'
import { passwordChanged } from '../../identity/contract.ts'
import { notifications } from '../service.ts'
import { openVillage, type Village } from '../testing.ts'

const rows = async ({ house }: Village, sql: string) => (await house.owner.query(sql)).rows
const deliveries = (village: Village) =>
  rows(village, `select status, reason, provider from notifications.delivery where channel = 'push' order by template`)
const hasBrowsers = async (village: Village) =>
  Number((await rows(village, 'select count(*) from notifications.push_subscription'))[0].count)

/** A patient whose browser asked to be told; nobody else is written to. */
async function openClinic(env: Record<string, string> = {}) {
  const service = await openPushService()
  const village = await openVillage({ env: { ...service.env, ...env } })
  const { contacts } = village.world
  const { account } = village.patient
  for (const one of [village.practitioner, village.caregiver]) contacts.delete(one.account)
  contacts.set(account, { account, name: 'Abena Owusu', language: 'en' })
  const browser = service.browser('/abena')
  const answer = await village.patient.post('/v1/push-subscriptions', browser.subscription)
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  return {
    ...{ service, village, browser, id: answer.body.id as string },
    async [Symbol.asyncDispose]() {
      await village[Symbol.asyncDispose]()
      await service[Symbol.asyncDispose]()
    },
  }
}

/** As a push service looks at it: signed by whom the browser was subscribed to, for this service and for now. */
async function signerOf({ headers }: Pushed, publicKey: string, audience: string, currentDate: Date) {
  const [, token = '', k] = /^vapid t=([\w.-]+), k=([\w-]+)$/.exec(headers.authorization ?? '') ?? []
  assert.equal(k, publicKey)
  const point = Buffer.from(publicKey, 'base64url')
  const [x, y] = [point.toString('base64url', 1, 33), point.toString('base64url', 33)]
  const key = await importJWK({ kty: 'EC', crv: 'P-256', x, y }, 'ES256')
  const { payload } = await jwtVerify(token, key, { audience, currentDate, algorithms: ['ES256'] })
  assert.ok(Number(payload.exp) - currentDate.getTime() / 1_000 <= 86_400)
  return payload.sub
}

describe('a browser', () => {
  it('is counted before a message of people goes, and told of it', async () => {
    await using clinic = await openClinic()
    const { village, service } = clinic
    await village.treat()
    const message = {
      audience: 'patient',
      patient: village.patientId,
      category: 'general',
      text: 'The results are there.',
    }
    const { status, body } = await village.practitioner.post('/v1/messages', message)
    assert.equal(status, 201, JSON.stringify(body))
    assert.deepEqual(body.counted, { patients: 1, unreached: 0, people: 2, email: 0, sms: 0, push: 1 })
    await village.house.work()
    assert.equal(service.pushed.length, 1)
  })

  it('is told when, and neither who, with whom, where nor why; sealed for it, and signed by us', async () => {
    await using clinic = await openClinic()
    const { service, village, browser } = clinic
    await village.happens('booked')
    const [pushed] = service.pushed
    assert.ok(pushed)
    assert.equal(pushed.path, '/abena')
    const { headers, body } = pushed
    assert.deepEqual(
      [headers['content-encoding'], headers.urgency, headers.ttl],
      ['aes128gcm', 'normal', String((11 * 24 + 1) * 3_600)],
    )
    assert.match(String(headers.topic), /^[\w-]{32}$/)
    assert.equal(body.length, 86 + 1_024 + 17)
    const { web_push, notification } = browser.read(pushed)
    assert.deepEqual(
      [web_push, notification],
      [
        8030,
        {
          title: 'Appointment booked',
          body: 'You have an appointment on Mon 3 Mar, 09:00 (Greenwich Mean Time).',
          ...{ lang: 'en', dir: 'ltr', tag: headers.topic, navigate: 'http://openhcs.test' },
        },
      ],
    )
    assert.doesNotMatch(JSON.stringify(notification), /Abena|Owusu|Boateng|Ridge/)
    const { publicKey } = (await village.patient.get('/v1/push-key')).body
    assert.equal(
      await signerOf(pushed, publicKey, service.origin, new Date('2031-02-20T08:00:00Z')),
      'mailto:ops@openhcs.test',
    )
    assert.deepEqual(await deliveries(village), [{ status: 'sent', reason: null, provider: 'push 127.0.0.1' }])
  })

  it('is told of a change in the place of what it changes, and at once what must be heard', async () => {
    await using clinic = await openClinic()
    const { service, village } = clinic
    await village.happens('booked')
    await village.happens('rescheduled', { sequence: 1 })
    await village.announce(passwordChanged, { account: village.patient.account })
    await village.house.work()
    const [booked, moved, password] = service.pushed.map(({ headers }) => headers)
    assert.equal(booked?.topic, moved?.topic)
    assert.notEqual(moved?.topic, password?.topic)
    assert.deepEqual([password?.urgency, password?.ttl], ['high', '86400'])
  })

  it('is told beside the mail, and not of what its reader has turned off', async () => {
    await using smtp = await openSmtp()
    await using clinic = await openClinic({ SMTP_URL: smtp.url })
    const { service, village } = clinic
    const { account } = village.patient
    village.world.contacts.set(account, { account, name: 'Abena', email: 'abena@people.example', language: 'sw' })
    const wishes = [{ category: 'appointments', channel: 'push', wish: 'off' }]
    await village.happens('booked')
    assert.deepEqual([smtp.mails.length, service.pushed.length], [1, 1])
    await village.patient.put('/v1/notification-preferences', { wishes }, { 'if-match': '"1"' })
    await village.happens('rescheduled', { sequence: 1 })
    assert.deepEqual([smtp.mails.length, service.pushed.length], [2, 1])
    assert.deepEqual(
      (await deliveries(village)).map(({ reason }) => reason),
      [null, 'not-wanted'],
    )
  })

  it('is told nothing more once its session has been ended, and is forgotten', async () => {
    await using clinic = await openClinic()
    const { service, village } = clinic
    await village.house.owner.query('update platform.session set revoked_at = $1 where account_id = $2', [
      village.house.house.now(),
      village.patient.account,
    ])
    await village.happens('booked')
    assert.equal(service.pushed.length, 0)
    await village.house.house.tasks()['notifications:forget']?.({}, {} as never)
    assert.equal(await hasBrowsers(village), 0)
  })

  it('that has gone to somebody else is theirs alone', async () => {
    await using clinic = await openClinic()
    const { service, village, browser } = clinic
    assert.equal((await village.stranger.post('/v1/push-subscriptions', browser.subscription)).status, 201)
    assert.deepEqual((await village.patient.get('/v1/push-subscriptions')).body.items, [])
    await village.happens('booked')
    assert.equal(service.pushed.length, 0)
  })
})

const contextOf = ({ house }: Village) =>
  house.house.context('notifications', { actor: system, traceId: newId(), doing: 'test' })

describe('what is kept of a browser', () => {
  it('goes along when keys change, with the key by which we sign', async () => {
    await using clinic = await openClinic()
    const { service, village, browser } = clinic
    const { publicKey } = (await village.patient.get('/v1/push-key')).body
    const { house } = village
    const send = (text: string, values?: unknown[]) => house.owner.query(text, values) as never
    const rooms = [{ room: 'notifications', sealed: notifications.sealed as never, context: () => contextOf(village) }]
    await rotateKeys({ send, config: house.house.config, rooms, now: house.house.now() })
    assert.deepEqual(
      (await listKeys(send, rooms)).map(({ count }) => count),
      [2, 0],
    )
    await village.happens('booked')
    const [pushed] = service.pushed
    assert.ok(pushed)
    assert.equal(browser.read(pushed).web_push, 8030)
    await signerOf(pushed, publicKey, service.origin, house.house.now())
  })

  it('is in the copy of one’s data without its secrets, with what it was told, and is erased', async () => {
    await using clinic = await openClinic()
    const { village, browser } = clinic
    const { account } = village.patient
    await village.happens('booked')
    const ctx = contextOf(village) as never
    const { data } = (await notifications.aboutPerson?.(ctx, { account, names: [] })) ?? {}
    assert.deepEqual(
      data?.['Browsers that are told']?.map(({ host }) => host),
      ['127.0.0.1'],
    )
    assert.doesNotMatch(JSON.stringify(data), new RegExp(browser.subscription.keys.auth))
    const [sent] = data?.['Messages sent'] ?? []
    assert.deepEqual(
      [sent?.channel, sent?.title, sent?.text],
      ['push', 'Appointment booked', 'You have an appointment on Mon 3 Mar, 09:00 (Greenwich Mean Time).'],
    )
    const traces = await notifications.erase?.(ctx, { account, names: [] })
    assert.ok(traces?.some(({ what, count }) => what === 'browsers that were told' && count === 1))
    assert.equal(await hasBrowsers(village), 0)
  })

  it('is counted by what became of it', async () => {
    await using clinic = await openClinic()
    const { service, village } = clinic
    service.status = 410
    await village.happens('booked')
    const { house } = village
    const read = await notifications.metrics?.read(house.db('notifications'), house.house.now())
    const of = (name: string) =>
      Object.fromEntries((read?.[name] ?? []).map(({ labels, value }) => [labels?.status, value]))
    assert.deepEqual(of('openhcs_push_deliveries'), { queued: 0, sent: 0, failed: 1, skipped: 0, dead: 0 })
    assert.deepEqual(of('openhcs_webhook_deliveries'), { queued: 0, delivered: 0, dead: 0 })
  })
})

describe('what a push service answers', () => {
  for (const [status, expected, left] of [
    [404, ['failed', 'push 404'], 0],
    [410, ['failed', 'push 410'], 0],
    [413, ['failed', 'push 413'], 1],
    [400, ['failed', 'push 400'], 1],
    [401, ['queued', 'push 401'], 1],
    [403, ['queued', 'push 403'], 1],
    [429, ['queued', 'push 429'], 1],
    [500, ['queued', 'push 500'], 1],
    [302, ['queued', 'push 302'], 1],
    [200, ['queued', 'push too-large'], 1],
  ] as const)
    it(`(${status}) leaves it ${expected[0]}, and ${left} browser`, async () => {
      await using clinic = await openClinic()
      const { service, village } = clinic
      service.status = status
      await village.happens('booked')
      const [{ status: now, reason }] = await deliveries(village)
      assert.deepEqual([now, reason], expected)
      assert.deepEqual([service.pushed.length, await hasBrowsers(village)], [1, left])
    })

  for (const [said, seconds] of [
    ['120', 120],
    ['Thu, 20 Feb 2031 08:10:00 GMT', 600],
    ['999999999', 21_600],
  ] as const)
    it(`(429, ${said}) is waited for, within bounds`, async () => {
      await using clinic = await openClinic()
      const { service, village } = clinic
      Object.assign(service, { status: 429, retryAfter: said })
      await village.happens('booked')
      const [{ run_at }] = await rows(
        village,
        `select run_at from graphile_worker.jobs where task_identifier = 'notifications:deliver'`,
      )
      assert.equal(run_at.getTime(), Date.parse('2031-02-20T08:00:00Z') + seconds * 1_000)
    })

  it('of one browser counts where the other has gone', async () => {
    await using clinic = await openClinic()
    const { service, village } = clinic
    await village.patient.post('/v1/push-subscriptions', service.browser('/second').subscription)
    service.statusOf.set('/second', 410).set('/abena', 503)
    await village.happens('booked')
    assert.equal((await deliveries(village))[0].status, 'queued')
    service.statusOf.delete('/abena')
    await village.hurry()
    await village.house.work()
    assert.deepEqual(await deliveries(village), [{ status: 'sent', reason: null, provider: 'push 127.0.0.1' }])
    assert.deepEqual(service.pushed.map(({ path }) => path).sort(), ['/abena', '/abena', '/second'])
  })
})

describe('POST /v1/push-subscriptions', () => {
  it('seals where a browser is and what opens its messages, shows neither, and keeps ten of an account', async () => {
    await using clinic = await openClinic()
    const { service, village, browser, id } = clinic
    const { items } = (await village.patient.get('/v1/push-subscriptions')).body
    assert.deepEqual(items, [{ id, host: '127.0.0.1', createdAt: '2031-02-20T08:00:00.000Z' }])
    const kept = JSON.stringify(await rows(village, 'select s::text from notifications.push_subscription s'))
    for (const secret of ['/abena', ...Object.values(browser.subscription.keys)]) assert.ok(!kept.includes(secret))
    village.house.setNow('2031-02-20T08:01:00Z')
    for (let n = 0; n < 10; n++)
      await village.patient.post('/v1/push-subscriptions', service.browser(`/${n}`).subscription)
    const ids = (await village.patient.get('/v1/push-subscriptions')).body.items.map((one: { id: string }) => one.id)
    assert.deepEqual([ids.length, ids.includes(id)], [10, false])
  })

  it('of one browser by two at once leaves one reader', async () => {
    await using clinic = await openClinic()
    const { service, village } = clinic
    const { subscription } = service.browser('/shared')
    const answers = await Promise.all(
      [village.patient, village.caregiver, village.stranger].map((who) =>
        who.post('/v1/push-subscriptions', subscription),
      ),
    )
    assert.deepEqual(
      answers.map(({ status }) => status),
      [201, 201, 201],
    )
    assert.equal(await hasBrowsers(village), 2)
  })

  it('takes no address but of a push service that is named, and no keys that are none', async () => {
    await using clinic = await openClinic()
    const { service, village } = clinic
    const { subscription } = service.browser('/x')
    const { keys } = subscription
    for (const endpoint of [
      'http://127.0.0.2/x',
      'https://localhost/x',
      'https://push.example/x',
      'https://a.push.example.evil.test/x',
      'http://a.push.example/x',
      'https://user@a.push.example/x',
      'https://169.254.169.254/latest',
    ]) {
      const { status, body } = await village.patient.post('/v1/push-subscriptions', { ...subscription, endpoint })
      assert.deepEqual([status, body.errors?.[0]?.pointer], [422, '/body/endpoint'], endpoint)
    }
    const twisted = Buffer.from(keys.p256dh, 'base64url').fill(7, 40).toString('base64url')
    for (const wrong of [
      { ...keys, auth: Buffer.alloc(17).toString('base64url') },
      { ...keys, p256dh: twisted },
      { ...keys, p256dh: keys.p256dh.slice(0, 40) },
    ])
      assert.equal((await village.patient.post('/v1/push-subscriptions', { ...subscription, keys: wrong })).status, 422)
    assert.equal(
      (await village.patient.post('/v1/push-subscriptions', { ...subscription, endpoint: 'https://a.push.example/x' }))
        .status,
      201,
    )
    assert.equal((await village.patient.post('/v1/push-subscriptions', { endpoint: 1 })).status, 400)
    assert.equal((await village.house.anonymous.post('/v1/push-subscriptions', subscription)).status, 401)
  })

  it('is not there where nobody says who runs this', async () => {
    await using clinic = await openClinic()
    await using village = await openVillage()
    assert.equal((await village.patient.get('/v1/push-key')).status, 404)
    const { subscription } = clinic.service.browser('/x')
    assert.equal((await village.patient.post('/v1/push-subscriptions', subscription)).status, 404)
  })
})

describe('DELETE /v1/push-subscriptions/:id', () => {
  it('ends it, for its own account alone', async () => {
    await using clinic = await openClinic()
    const { service, village, id } = clinic
    assert.equal((await village.stranger.delete(`/v1/push-subscriptions/${id}`)).status, 404)
    assert.equal((await village.patient.delete(`/v1/push-subscriptions/${id}`)).status, 204)
    assert.equal((await village.patient.delete(`/v1/push-subscriptions/${id}`)).status, 404)
    await village.happens('booked')
    assert.equal(service.pushed.length, 0)
  })
})

describe('GET /v1/push-key', () => {
  it('is one for all and for good, also when they ask at once, and its other half is sealed', async () => {
    await using service = await openPushService()
    await using village = await openVillage({ env: service.env })
    const keys = await Promise.all(
      [village.patient, village.stranger, village.caregiver].map((who) => who.get('/v1/push-key')),
    )
    const all = new Set(keys.map(({ body }) => body.publicKey))
    assert.equal(all.size, 1)
    assert.equal(Buffer.from([...all][0], 'base64url').length, 65)
    const [row] = await rows(village, 'select private_key, key_name from notifications.push_key')
    assert.match(row.private_key, /^1\.k[0-9a-f]{12}\./)
    assert.equal((await village.house.anonymous.get('/v1/push-key')).status, 401)
  })
})
