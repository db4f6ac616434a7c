import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { system } from '#platform/auth.ts'
import { newId } from '#platform/ids.ts'
import { listKeys, rotateKeys } from '#platform/rotate-keys.ts'
import { type ForeignSystem, startForeignSystem } from '#tests/foreign-system.ts'
import { notifications } from '../service.ts'
import { openVillage } from '../testing.ts'

const HOUR = 3_600_000
/** Near the real time, since the package that verifies knows no other; and ahead of it, so that what is to wait is not due. */
const begin = Date.now() + 3 * 60_000

async function openWithSystem(env: Record<string, string> = { WEBHOOK_PRIVATE_HOSTS: '127.0.0.1' }) {
  const foreign = await startForeignSystem()
  const village = await openVillage({ env, now: new Date(begin).toISOString() })
  Object.assign(village.card, { start: '2041-03-03T09:00:00Z', end: '2041-03-03T09:30:00Z' })
  const administrator = await village.house.signedIn({ roles: ['administrator'] })
  const facts = { url: foreign.url, description: 'A diary', events: ['Appointment.booked', 'Appointment.cancelled'] }
  const { status, body: webhook } = await administrator.post('/v1/webhooks', facts)
  const path = `/v1/webhooks/${webhook.id}`
  const deliveries = async (query = '') => (await administrator.get(`${path}/deliveries${query}`)).body.items
  return {
    ...{ foreign, village, administrator, webhook, path, facts, status, deliveries },
    read: async () => (await administrator.get(path)).body,
    /** Lets what waits be tried, so many hours after the beginning. */
    async tryAgain(hours: number) {
      village.house.setNow(new Date(begin + hours * HOUR).toISOString())
      for (const { id } of await deliveries('?status=queued'))
        await village.house.house.tasks()['notifications:call-webhook']?.({ delivery: id }, {} as never)
    },
    async [Symbol.asyncDispose]() {
      await village[Symbol.asyncDispose]()
      await foreign[Symbol.asyncDispose]()
    },
  }
}

const verifies = (secret: string, { body, headers }: ForeignSystem['received'][number]): boolean => {
  try {
    new Webhook(secret).verify(body, headers as Record<string, string>)
    return true
  } catch {
    return false
  }
}

describe('a webhook', () => {
  it('is told which record it is about and no more, once, with a signature that the standard’s own package verifies', async () => {
    await using open = await openWithSystem()
    assert.equal(open.status, 201)
    assert.match(open.webhook.secret, /^whsec_[\w+/]{43}=$/)
    const { village, foreign } = open
    await village.happens('booked')
    await village.happens('rescheduled', { sequence: 1 })
    assert.equal(foreign.received.length, 1)
    const [one] = foreign.received
    assert.ok(one)
    const { timestamp, ...told } = JSON.parse(one.body)
    assert.deepEqual(told, { type: 'Appointment.booked', data: { resource: `Appointment/${village.card.id}` } })
    assert.equal(timestamp, new Date(begin).toISOString())
    assert.equal(verifies(open.webhook.secret, one), true)
    assert.equal(verifies(open.webhook.secret, { ...one, body: one.body.replace('booked', 'cancelled') }), false)
    const [delivery] = await open.deliveries()
    assert.deepEqual([delivery.status, delivery.id, delivery.tries], ['delivered', one.headers['webhook-id'], 1])
    assert.equal((await village.patient.get('/v1/notifications')).body.items.length, 2, 'people are told as before')
  })

  it('shows its secret once, keeps it sealed, and takes it along when keys change', async () => {
    await using open = await openWithSystem()
    const { house } = open.village
    const { secret } = open.webhook
    assert.equal(
      JSON.stringify([await open.read(), (await open.administrator.get('/v1/webhooks')).body]).includes('whsec'),
      false,
    )
    const stored = async () => (await house.owner.query('select secret from notifications.webhook')).rows[0].secret
    const before = await stored()
    assert.doesNotMatch(before, /whsec/)
    const context = () => house.house.context('notifications', { actor: system, traceId: newId(), doing: 'test' })
    const rooms = [{ room: 'notifications', sealed: notifications.sealed as never, context }]
    const send = (text: string, values?: unknown[]) => house.owner.query(text, values) as never
    await rotateKeys({ send, config: house.house.config, rooms, now: new Date(begin) })
    assert.notEqual(await stored(), before)
    assert.deepEqual(
      (await listKeys(send, rooms)).map(({ count }) => count),
      [1, 0],
    )
    await open.administrator.post(`${open.path}/test`)
    await house.work()
    assert.equal(verifies(secret, open.foreign.received[0] as never), true)
    const read = await notifications.metrics?.read(house.db('notifications'), new Date(begin))
    assert.deepEqual(
      read?.openhcs_webhook_deliveries?.map(({ labels, value }) => [labels?.status, value]),
      [
        ['queued', 0],
        ['delivered', 1],
        ['dead', 0],
      ],
    )
  })

  it('signs by the secret before too, until its time is over', async () => {
    await using open = await openWithSystem()
    const { administrator, path, foreign } = open
    const first = open.webhook.secret
    const rotated = await administrator.post(`${path}/secret`, { overlapHours: 1 })
    const second = rotated.body.secret
    assert.equal(rotated.status, 200)
    assert.notEqual(first, second)
    const signedBy = async () => {
      await administrator.post(`${path}/test`)
      await open.village.house.work()
      const last = foreign.received.at(-1)
      assert.ok(last)
      assert.equal(JSON.parse(last.body).type, 'Webhook.tested')
      return last
    }
    const one = await signedBy()
    assert.deepEqual([verifies(first, one), verifies(second, one)], [true, true])
    const third = (await administrator.post(`${path}/secret`, { overlapHours: 0 })).body.secret
    const two = await signedBy()
    assert.deepEqual([verifies(second, two), verifies(third, two)], [false, true])
    assert.equal(String(two.headers['webhook-signature']).split(' ').length, 1)
  })

  it('is tried again for a day, then dead and seen, and is replayed under the same id', async () => {
    await using open = await openWithSystem()
    const { foreign, administrator, path } = open
    foreign.status = 500
    await open.village.happens('booked')
    for (const hours of [0.01, 0.2, 1, 3.5, 9, 18, 28]) await open.tryAgain(hours)
    const [dead] = await open.deliveries('?status=dead')
    assert.deepEqual([dead?.status, dead?.reason, dead?.tries, foreign.received.length], ['dead', 'http-500', 8, 8])
    assert.equal(new Set(foreign.received.map(({ headers }) => headers['webhook-id'])).size, 1)
    assert.equal((await open.read()).failingSince, new Date(begin).toISOString())
    const { rows } = await open.village.house.owner.query(
      'select distinct code, count(*)::int from notifications.webhook_attempt group by 1',
    )
    assert.deepEqual(rows, [{ code: 'http-500', count: 8 }])
    await assert.rejects(open.village.house.owner.query('delete from notifications.webhook_attempt'), /written once/)

    foreign.status = 200
    const since = new Date(begin - HOUR).toISOString()
    assert.deepEqual((await administrator.post(`${path}/replay`, { since })).body, { queued: 1 })
    await open.tryAgain(30)
    const [again] = await open.deliveries()
    assert.deepEqual([again.status, again.id, (await open.read()).failingSince], ['delivered', dead.id, undefined])
    assert.deepEqual((await administrator.post(`${path}/replay`, { delivery: dead.id })).body, { queued: 1 })
    assert.equal((await administrator.post(`${path}/replay`, { delivery: newId() })).status, 404)
    assert.equal((await administrator.post(`${path}/replay`, {})).status, 422)
  })

  it('rests after two failures, so that others wait for nothing, and loses no try by it', async () => {
    await using open = await openWithSystem()
    open.foreign.status = 503
    await open.village.happens('booked')
    await open.village.happens('cancelled', { status: 'cancelled' })
    assert.equal(open.foreign.received.length, 2)
    for (let n = 0; n < 5; n++) await open.tryAgain(0)
    assert.equal(open.foreign.received.length, 2)
    assert.deepEqual(
      (await open.deliveries()).map(({ tries, reason }: { tries: number; reason: string }) => [tries, reason]),
      [
        [1, 'resting'],
        [1, 'resting'],
      ],
    )
  })

  it('is turned off after five days, or at once when it says that it is gone; administrators are told', async () => {
    await using open = await openWithSystem()
    const { foreign, administrator, path } = open
    foreign.status = 500
    await open.village.happens('booked')
    await open.tryAgain(121)
    const off = await open.read()
    assert.deepEqual([off.active, off.disabledAs], [false, 'failing'])
    const [told] = (await administrator.get('/v1/notifications')).body.items
    assert.match(told.text, /^127\.0\.0\.1 has taken no webhook for five days/)
    assert.equal((await administrator.post(`${path}/test`)).status, 422)
    await open.village.happens('cancelled', { status: 'cancelled' })
    assert.equal(foreign.received.length, 2)

    const on = await administrator.patch(path, { active: true }, { 'if-match': `"${off.version}"` })
    assert.deepEqual([on.status, on.body.disabledAs, on.body.failingSince], [200, undefined, undefined])
    foreign.status = 410
    await administrator.post(`${path}/test`)
    await open.tryAgain(122)
    assert.equal((await open.read()).disabledAs, 'gone')
    assert.equal((await administrator.get('/v1/notifications')).body.items.length, 2)
  })

  it('is not turned off by what an address answers that it has no more', async () => {
    await using open = await openWithSystem()
    const { foreign, administrator, path, village } = open
    await using moved = await startForeignSystem()
    foreign.status = 410
    foreign.meanwhile = () => administrator.patch(path, { url: moved.url }, { 'if-match': '"1"' })
    await administrator.post(`${path}/test`)
    await village.house.work()
    assert.deepEqual([(await open.read()).active, (await open.deliveries())[0].status], [true, 'queued'])
    await open.tryAgain(1)
    assert.deepEqual([moved.received.length, (await open.deliveries())[0].status], [1, 'delivered'])
  })

  it('reaches no inner address, and follows nowhere', async () => {
    await using open = await openWithSystem()
    const { foreign, administrator } = open
    foreign.status = 307
    foreign.location = `${foreign.url}/elsewhere`
    await administrator.post(`${open.path}/test`)
    await open.village.house.work()
    assert.deepEqual([foreign.received.length, (await open.deliveries())[0].reason], [1, 'http-307'])

    for (const url of ['https://127.0.0.2/', 'https://[::1]/', 'https://169.254.169.254/', 'https://localhost/']) {
      const { status, body } = await administrator.post('/v1/webhooks', { ...open.facts, url })
      assert.equal(status, 201, url)
      await administrator.post(`/v1/webhooks/${body.id}/test`)
      await open.village.house.work()
      const { items } = (await administrator.get(`/v1/webhooks/${body.id}/deliveries`)).body
      assert.equal(items[0].reason, 'address-refused', url)
    }
    for (const url of ['http://system.example/', 'https://user:pw@system.example/', 'ftp://system.example/'])
      assert.ok([400, 422].includes((await administrator.post('/v1/webhooks', { ...open.facts, url })).status), url)
  })

  it('is for administrators who have signed in', async () => {
    await using open = await openWithSystem()
    const { house, practitioner } = open.village
    for (const [who, status] of [
      [practitioner, 403],
      [house.anonymous, 401],
    ] as const) {
      assert.equal((await who.get('/v1/webhooks')).status, status)
      assert.equal((await who.post('/v1/webhooks', open.facts)).status, status)
      assert.equal((await who.post(`${open.path}/secret`, {})).status, status)
      assert.equal((await who.get(`${open.path}/deliveries`)).status, status)
    }
    for (const act of ['', '/deliveries'])
      assert.equal((await open.administrator.get(`/v1/webhooks/${newId()}${act}`)).status, 404)
    assert.equal((await open.administrator.patch(open.path, { active: false }, { 'if-match': '"9"' })).status, 412)
    await house.owner.query("update platform.session set scopes = '{user/*.cruds}' where account_id = $1", [
      open.administrator.account,
    ])
    assert.equal((await open.administrator.get(open.path)).status, 403)
    await house.owner.query('update platform.session set scopes = null')
    assert.equal((await open.administrator.delete(open.path)).status, 204)
    assert.equal((await open.administrator.delete(open.path)).status, 404)
  })

  it('are twenty at the most, however many are added at once', async () => {
    await using open = await openWithSystem()
    const all = await Promise.all(Array.from({ length: 21 }, () => open.administrator.post('/v1/webhooks', open.facts)))
    assert.equal(all.filter(({ status }) => status === 201).length, 19)
    assert.equal(all.filter(({ status }) => status === 422).length, 2)
  })
})
