import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, get, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { EventSource } from 'eventsource'
import { pace, Stream } from '#platform/event-stream.ts'
import { openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { openCalendar } from '../../tests/calendar.ts'
import { openVillage, type Village } from './testing.ts'

const PATIENCE_MS = 10_000

interface Followed {
  status: number
  headers: IncomingMessage['headers']
  events: { id: number; data: { seq: number; title: string } }[]
  text(): string
  /** Waits for so many events. */
  received(count: number): Promise<void>
  /** Waits until the text matches. */
  seen(pattern: RegExp): Promise<void>
  ended: Promise<unknown>
  leave(): void
}

async function listen({ house }: Pick<Village, 'house'>): Promise<number> {
  await house.app.listen({ port: 0, host: '127.0.0.1' })
  return (house.app.server.address() as AddressInfo).port
}

async function follow(
  port: number,
  token: string,
  headers: Record<string, string> = {},
  query = '',
): Promise<Followed> {
  const request = get({
    port,
    host: '127.0.0.1',
    path: `/v1/notifications/stream${query}`,
    headers: { authorization: `Bearer ${token}`, ...headers },
  })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  let text = ''
  const news = new EventTarget()
  response.setEncoding('utf8').on('data', (chunk) => {
    text += chunk
    news.dispatchEvent(new Event('news'))
  })
  response.on('error', () => {})
  const ended = once(response, 'close', { signal: AbortSignal.timeout(PATIENCE_MS) })
  ended.catch(() => {})
  const until = async (condition: () => boolean) => {
    const signal = AbortSignal.timeout(PATIENCE_MS)
    while (!condition()) await once(news, 'news', { signal })
  }
  const followed: Followed = {
    status: response.statusCode ?? 0,
    headers: response.headers,
    get events() {
      const whole = text.slice(0, text.lastIndexOf('\n\n') + 2)
      return [...whole.matchAll(/^id: (\d+)\nevent: notification\ndata: (.*)$/gm)].map(([, id, data = '']) => ({
        id: Number(id),
        data: JSON.parse(data),
      }))
    },
    text: () => text,
    received: (count) => until(() => followed.events.length >= count),
    seen: (pattern) => until(() => pattern.test(text)),
    ended,
    leave: () => request.destroy(),
  }
  return followed
}

/** Another pace for one test. */
function atPace(test: TestContext, other: Partial<typeof pace>): void {
  const usual = { ...pace }
  Object.assign(pace, other)
  test.after(() => Object.assign(pace, usual))
}

const ids = ({ events }: Followed) => events.map(({ id }) => id)

describe('GET /v1/notifications/stream', () => {
  it('pushes what comes, as it comes', async () => {
    await using village = await openVillage()
    const port = await listen(village)
    const stream = await follow(port, village.patient.token)
    assert.equal(stream.status, 200)
    assert.match(String(stream.headers['content-type']), /^text\/event-stream/)
    assert.match(String(stream.headers['cache-control']), /no-store/)
    assert.equal(stream.headers['x-frame-options'], 'DENY')
    await stream.seen(/: nothing new/)

    await village.happens('booked')
    await stream.received(1)

    const [event] = stream.events
    const { items } = (await village.patient.get('/v1/notifications')).body
    assert.deepEqual(event, { id: 1, data: items[0] })
    stream.leave()
  })

  it('gives a client that comes back exactly what it missed, in order', async () => {
    await using village = await openVillage()
    const port = await listen(village)
    for (let sequence = 0; sequence < 5; sequence++) await village.happens('rescheduled', { sequence })

    const byHeader = await follow(port, village.patient.token, { 'last-event-id': '2' })
    const byQuery = await follow(port, village.patient.token, {}, '?after=4')
    await Promise.all([byHeader.received(3), byQuery.received(1)])
    await village.happens('rescheduled', { sequence: 6 })
    await Promise.all([byHeader.received(4), byQuery.received(2)])

    assert.deepEqual(ids(byHeader), [3, 4, 5, 6])
    assert.deepEqual(ids(byQuery), [5, 6])
    byHeader.leave()
    byQuery.leave()
  })

  it('shows nothing of what came before to a client that asks for nothing', async () => {
    await using village = await openVillage()
    const port = await listen(village)
    await village.happens('booked')
    const stream = await follow(port, village.patient.token)
    await stream.seen(/: nothing new/)
    await village.happens('rescheduled', { sequence: 1 })
    await stream.received(1)
    assert.deepEqual(ids(stream), [2])
    stream.leave()
  })

  it('works with a browser’s EventSource, which comes back by itself', async (test) => {
    atPace(test, { retryMs: 50 })
    await using village = await openVillage()
    const port = await listen(village)
    const source = new EventSource(`http://127.0.0.1:${port}/v1/notifications/stream`, {
      fetch: (url, init) =>
        fetch(url, { ...init, headers: { ...init.headers, authorization: `Bearer ${village.patient.token}` } }),
    })
    try {
      await once(source, 'open', { signal: AbortSignal.timeout(PATIENCE_MS) })
      const message = once(source, 'notification', { signal: AbortSignal.timeout(PATIENCE_MS) })
      await village.happens('booked')
      const [first] = (await message) as [MessageEvent]
      assert.equal(first.lastEventId, '1')
      village.house.app.server.closeAllConnections()
      const next = once(source, 'notification', { signal: AbortSignal.timeout(PATIENCE_MS) })
      await village.happens('rescheduled', { sequence: 1 })
      const [second] = (await next) as [MessageEvent]
      assert.equal(second.lastEventId, '2')
    } finally {
      source.close()
    }
  })

  it('gives a session that was revoked nothing more, and ends', async () => {
    await using village = await openVillage()
    const port = await listen(village)
    const stream = await follow(port, village.patient.token)
    await stream.seen(/: nothing new/)
    await village.house.owner.query('update platform.session set revoked_at = $2 where account_id = $1', [
      village.patient.account,
      village.house.house.now(),
    ])

    await village.happens('booked')
    await stream.ended

    assert.deepEqual(stream.events, [])
  })

  it('ends with the session even when nothing happens', async (test) => {
    atPace(test, { heartbeatMs: 20 })
    await using village = await openVillage()
    const port = await listen(village)
    const stream = await follow(port, village.patient.token)
    await stream.seen(/(: nothing new\n\n.*){3}/s)
    village.house.setNow('2033-01-01T00:00:00Z') // past the session's end
    await stream.ended
  })

  it('lets the server stop', async () => {
    await using village = await openVillage()
    const port = await listen(village)
    const streams = await Promise.all([1, 2, 3].map(() => follow(port, village.patient.token)))
    await village.house.app.close()
    await Promise.all(streams.map(({ ended }) => ended))
  })

  it('keeps five streams of an account, and ends the oldest', async () => {
    await using village = await openVillage()
    const port = await listen(village)
    const streams: Followed[] = []
    for (let i = 0; i < 6; i++) streams.push(await follow(port, village.patient.token))
    await streams[0]?.ended
    assert.match(streams[0]?.text() ?? '', /retry: 60000/)
    await village.happens('booked')
    await Promise.all(streams.slice(1).map((stream) => stream.received(1)))
    for (const stream of streams) stream.leave()
  })

  it('catches up after the connection that listens was lost', async () => {
    await using village = await openVillage()
    const port = await listen(village)
    const stream = await follow(port, village.patient.token)
    await stream.seen(/: nothing new/)
    const { rowCount } = await village.house.owner.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'openhcs notifications listening' and datname = current_database()`,
    )
    assert.equal(rowCount, 1)
    await village.happens('booked')
    await stream.received(1)
    assert.deepEqual(ids(stream), [1])
    stream.leave()
  })

  it('refuses whoever is not signed in, and ids that are none', async () => {
    await using village = await openVillage()
    const { patient } = village
    assert.equal((await village.house.anonymous.get('/v1/notifications/stream')).status, 401)
    for (const id of ['x', '-1', '1.5', '9'.repeat(30)]) {
      const { status, body } = await patient.get('/v1/notifications/stream', { 'last-event-id': id })
      assert.deepEqual([status, body.code, body.errors?.[0]?.pointer], [400, 'invalid', '/headers/last-event-id'])
    }
    assert.equal((await patient.get('/v1/notifications/stream?after=-1')).status, 400)
  })

  it('treats an id that it never gave as the newest', async () => {
    await using village = await openVillage()
    const port = await listen(village)
    const stream = await follow(port, village.patient.token, { 'last-event-id': '999' })
    await stream.seen(/: nothing new/)
    await village.happens('booked')
    await stream.received(1)
    stream.leave()
  })
})

describe('the numbers of an inbox', () => {
  it('have no gaps that fill later: deliveries at once are shown in order', async () => {
    await using village = await openVillage()
    const port = await listen(village)
    const stream = await follow(port, village.patient.token)
    const { id: appointment, patient, practitioner } = village.card
    const deliver = village.house.house.tasks()['notifications:event']
    const deliveries = Array.from({ length: 40 }, (_, i) =>
      deliver?.(
        { id: `d${i}`, event: 'Appointment.booked', payload: { appointment, patient, practitioner } },
        {} as never,
      ),
    )
    await Promise.all(deliveries)
    await stream.received(40)
    assert.deepEqual(
      ids(stream),
      Array.from({ length: 40 }, (_, i) => i + 1),
    )
    stream.leave()
  })
})

describe('an open stream of somebody who is taken out of use', () => {
  it('brings nothing more of the patients they care for, and brings it again when they are back', async () => {
    await using house = await openTestHouse(everything)
    const [root, saba, hana] = [
      await house.signedIn({ roles: ['administrator'] }),
      await house.signedIn(),
      await house.signedIn(),
    ]
    const facts = { name: 'Saba', birthDate: '1987-06-05', gender: 'female', language: 'am', zone: 'UTC' }
    const patient = (await saba.post('/v1/patients', facts)).body.id
    const caregiver = (await hana.post('/v1/caregivers', { name: 'Hana', language: 'en' })).body.id
    const mandate = await saba.post('/v1/mandates', { patient, caregiver, powers: ['receive-messages'] })
    assert.equal((await hana.post(`/v1/mandates/${mandate.body.id}/accept`)).status, 200)
    const practitioner = await openCalendar(house)
    await house.work()
    const stream = await follow(await listen({ house }), hana.token ?? '')
    await stream.seen(/retry/)
    const book = async (start: string) => {
      const { status, body } = await saba.post('/v1/appointments', { practitioner, patient, start })
      assert.equal(status, 201)
      await house.work()
      return body.id as string
    }
    const use = async (active: boolean, at: number) => {
      const path = `/v1/caregivers/${caregiver}`
      assert.equal((await root.patch(path, { active }, { 'if-match': `"${at}"` })).status, 200)
    }
    await book('2031-03-03T09:00:00Z')
    await stream.received(1)

    await use(false, 1)
    const second = await book('2031-03-03T10:00:00Z')
    await use(true, 2)
    const cancel = `/v1/appointments/${second}/cancel`
    assert.equal((await saba.post(cancel, { reason: 'pat' }, { 'if-match': '"1"' })).status, 200)
    await house.work()

    await stream.received(2)
    assert.deepEqual(
      stream.events.map(({ data }) => data.title),
      ['Appointment booked', 'Appointment cancelled'],
    )
    stream.leave()
  })
})

describe('a client that does not read', () => {
  it('is dropped', async () => {
    const result = Promise.withResolvers<number>()
    const server = createServer(async (_request, response) => {
      const stream = new Stream('account', response)
      let sent = 0
      while (sent < 10_000 && (await stream.send('x'.repeat(100_000), 100))) sent++
      result.resolve(sent)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').pause()
    socket.on('error', () => {})
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')

    assert.ok((await result.promise) < 10_000)
    socket.destroy()
    server.close()
  })
})
