import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { pace } from '#platform/event-stream.ts'
import { newId } from '#platform/ids.ts'
import { openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { initialsOf } from './shown.ts'
import { arrive, book, type Clinic, ok, openClinic } from './testing.ts'

const PATIENCE_MS = 20_000

interface Screen {
  status: number
  text(): string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into what they assert
  events(): { id: string; data: any }[]
  /** Waits for so many events. */
  received(count: number): Promise<void>
  seen(pattern: RegExp): Promise<void>
  ended: Promise<unknown>
  leave(): void
}

async function listen({ app }: TestHouse): Promise<number> {
  await app.listen({ port: 0, host: '127.0.0.1' })
  return (app.server.address() as AddressInfo).port
}

async function follow(port: number, path: string, headers: Record<string, string>): Promise<Screen> {
  const request = get({ port, host: '127.0.0.1', path, headers })
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
  const events = () =>
    [...text.slice(0, text.lastIndexOf('\n\n') + 2).matchAll(/^id: (\w+)\nevent: (?:board|day)\ndata: (.*)$/gm)].map(
      ([, id = '', data = '']) => ({ id, data: JSON.parse(data) }),
    )
  return {
    status: response.statusCode ?? 0,
    text: () => text,
    events,
    received: (count) => until(() => events().length >= count),
    seen: (pattern) => until(() => pattern.test(text)),
    ended,
    leave: () => request.destroy(),
  }
}

/** Another pace for one test. */
function atPace(test: TestContext, other: Partial<typeof pace>): void {
  const usual = { ...pace }
  Object.assign(pace, other)
  test.after(() => Object.assign(pace, usual))
}

const BOARD = '/v1/board/stream'
const newKey = async ({ desk, place }: Clinic, more: object = {}) =>
  ok(await desk.post('/v1/board-keys', { place, name: 'Ground floor', ...more }), 201)

/** Somebody with a name in registry, who is booked and has been checked in. */
async function named(clinic: Clinic, name: string, start: string) {
  const { house } = clinic
  const who = await book(clinic, start)
  await house.owner.query(
    `insert into registry.patient (id, name, birth_date, gender, language, zone, created_at, updated_at)
     values ($1, $2, '1990-01-01', 'female', 'en', 'UTC', now(), now())`,
    [who.patient, name],
  )
  return { ...who, entry: ok(await arrive(clinic.desk, who.visit)).entry }
}

describe('the screen of a waiting room', () => {
  it('shows numbers and never a name, and changes as people are called', async (test) => {
    atPace(test, { heartbeatMs: 600_000 }) // what changes wakes it, and nothing else
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const { entry } = await named(clinic, 'Saba Tesfaye', '2031-03-01T09:00:00Z')
    const { key } = await newKey(clinic)
    const screen = await follow(await listen(house), BOARD, { 'board-key': key })
    await screen.received(1)
    const [first] = screen.events()
    assert.deepEqual(first?.data, {
      place: 'Test Clinic',
      queues: [
        {
          letter: 'A',
          name: 'Dr Test Person',
          called: [],
          waiting: [{ label: 'A1' }],
          wait: first?.data.queues[0].wait,
        },
      ],
    })
    ok(await clinic.doctor.post(`/v1/queues/${entry.queue}/call-next`, {}))
    await screen.received(2)
    assert.deepEqual(screen.events()[1]?.data.queues[0].called, [{ label: 'A1', at: '2031-03-01T08:00:00.000Z' }])
    assert.doesNotMatch(screen.text(), new RegExp(`Saba|Tesfaye|${entry.id}|${entry.appointment}`))
    screen.leave()
  })

  it('shows initials where the key says so, and only its queues', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const { entry } = await named(clinic, 'Saba Tesfaye', '2031-03-01T09:00:00Z')
    ok(await clinic.desk.post('/v1/queue-entries', { queue: entry.queue, firstName: 'ómar' }), 201)
    ok(await clinic.desk.post('/v1/queue-entries', { queue: entry.queue }), 201)
    const port = await listen(house)
    const screen = await follow(port, BOARD, {
      'board-key': (await newKey(clinic, { shows: 'initials', queues: [entry.queue] })).key,
    })
    await screen.received(1)
    assert.deepEqual(screen.events()[0]?.data.queues[0].waiting, [
      { label: 'A1', initials: 'ST' },
      { label: 'A2', initials: 'Ó' },
      { label: 'A3' },
    ])
    assert.doesNotMatch(screen.text(), /Saba|Tesfaye|mar/)
    screen.leave()
    assert.deepEqual(['', 'Ana', 'Ana María de la Cruz', '王 小明'].map(initialsOf), ['', 'A', 'AC', '王小'])
  })

  it('sends who comes back what is different, and nothing when nothing is', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const { entry } = await named(clinic, 'Saba', '2031-03-01T09:00:00Z')
    const { key } = await newKey(clinic)
    const port = await listen(house)
    const first = await follow(port, BOARD, { 'board-key': key })
    await first.received(1)
    const id = first.events()[0]?.id ?? ''
    first.leave()
    const again = await follow(port, BOARD, { 'board-key': key, 'last-event-id': id })
    await again.seen(/: nothing new/)
    assert.deepEqual(again.events(), [])
    ok(await clinic.doctor.post(`/v1/queues/${entry.queue}/call-next`, {}))
    await again.received(1)
    again.leave()
    const late = await follow(port, BOARD, { 'board-key': key, 'last-event-id': id })
    await late.received(1)
    assert.equal(late.events()[0]?.id, again.events()[0]?.id)
    late.leave()
  })

  it('goes dark when its key is revoked, and opens for no other', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const { id, key } = await newKey(clinic)
    const port = await listen(house)
    const screen = await follow(port, BOARD, { 'board-key': key })
    await screen.received(1)
    assert.equal((await clinic.stranger.delete(`/v1/board-keys/${id}`)).status, 404)
    assert.equal((await clinic.desk.delete(`/v1/board-keys/${id}`)).status, 204)
    await screen.ended
    for (const headers of [{ 'board-key': key }, { 'board-key': 'x' }, {}] as Record<string, string>[])
      assert.equal((await house.anonymous.get(BOARD, headers)).status, 401)
    const { rows } = await house.owner.query('select key_hash from scheduling.board_key')
    assert.equal(rows[0].key_hash.length, 32)
    assert.ok(key.length >= 43 && !rows[0].key_hash.toString('latin1').includes(key))
  })

  it('is on twenty screens of a key, of which the oldest goes', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const { key } = await newKey(clinic)
    const port = await listen(house)
    const screens: Screen[] = []
    for (let i = 0; i < 21; i++) screens.push(await follow(port, BOARD, { 'board-key': key }))
    await screens[0]?.ended
    await screens[20]?.received(1)
    for (const screen of screens) screen.leave()
  })

  it('lets the server stop', async () => {
    await using house = await openTestHouse(everything)
    const { key } = await newKey(await openClinic(house))
    const screen = await follow(await listen(house), BOARD, { 'board-key': key })
    await house.app.close()
    await screen.ended
  })

  it('has keys that the desk of the place makes and sees, and nobody else', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const { id } = await newKey(clinic)
    const wanted = { place: clinic.place, name: 'Ground floor' }
    assert.equal((await clinic.stranger.post('/v1/board-keys', wanted)).status, 404)
    assert.equal((await clinic.doctor.post('/v1/board-keys', wanted)).status, 404)
    assert.equal((await house.anonymous.post('/v1/board-keys', wanted)).status, 401)
    assert.equal((await clinic.desk.post('/v1/board-keys', { ...wanted, queues: [newId()] })).status, 422)
    assert.equal((await clinic.desk.post('/v1/board-keys', { ...wanted, shows: 'names' })).status, 400)
    const { items } = ok(await clinic.desk.get(`/v1/places/${clinic.place}/board-keys`))
    assert.deepEqual([items.length, items[0].id, items[0].key], [1, id, undefined])
    assert.equal((await clinic.stranger.get(`/v1/places/${clinic.place}/board-keys`)).status, 404)
  })
})

describe('the live view of a day', () => {
  const path = ({ place }: Clinic) => `/v1/places/${place}/day/stream`
  const as = (token: string) => ({ authorization: `Bearer ${token}` })

  it('shows the desk and the practitioner names, and writes down whose', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const { patient } = await named(clinic, 'Saba Tesfaye', '2031-03-01T09:00:00Z')
    const port = await listen(house)
    for (const { token, account } of [clinic.desk, clinic.doctor]) {
      const view = await follow(port, path(clinic), as(token))
      await view.received(1)
      const [{ waiting }] = view.events()[0]?.data.queues ?? []
      assert.deepEqual(
        [waiting[0].label, waiting[0].name, waiting[0].wait],
        ['A1', 'Saba Tesfaye', { from: 0, until: 0 }],
      )
      view.leave()
      const { rows } = await house.owner.query(
        `select 1 from platform.audit_event where operation = 'streamDay' and account_id = $1 and subject = $2`,
        [account, `Patient/${patient}`],
      )
      assert.equal(rows.length, 1)
    }
  })

  it('is not there for others', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const { token } = await named(clinic, 'Saba', '2031-03-01T09:00:00Z')
    assert.equal((await house.anonymous.get(path(clinic))).status, 401)
    assert.equal((await house.withToken(token).get(path(clinic))).status, 403)
    assert.equal((await clinic.stranger.get(path(clinic))).status, 404)
    assert.equal((await (await house.signedIn({ self: { practitioner: newId() } })).get(path(clinic))).status, 404)
  })

  for (const [what, ended] of [
    ['the session', 'update platform.session set revoked_at = $2 where account_id = $1'],
    ['the work at the desk', 'update platform.membership set ended_at = $2 where account_id = $1'],
    [
      'the licence',
      `update platform.access_grant set revoked_at = $2 where account_id = $1 and relationship = 'licence'`,
    ],
  ] as const)
    it(`ends with ${what}, and shows nothing more`, async (test) => {
      atPace(test, { heartbeatMs: 50 })
      await using house = await openTestHouse(everything)
      const clinic = await openClinic(house)
      await named(clinic, 'Saba', '2031-03-01T09:00:00Z')
      const who = what === 'the licence' ? clinic.doctor : clinic.desk
      const view = await follow(await listen(house), path(clinic), as(who.token))
      await view.received(1)
      await house.owner.query(ended, [who.account, house.house.now()])
      await view.ended
      assert.equal(view.events().length, 1)
    })
})
