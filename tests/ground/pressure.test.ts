import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { describe, it } from 'node:test'
import { sql } from 'kysely'
import pg from 'pg'
import { toProblem } from '#platform/errors.ts'
import { openTestHouse, type TestHouse } from '#platform/testing.ts'
import { eventually } from '../journeys/people.ts'
import { neighbour, notes } from './rooms.ts'

const rooms = [notes, neighbour]
const listen = (house: TestHouse) => house.app.listen({ host: '127.0.0.1', port: 0 })

describe('a saturated service', () => {
  it('answers 503 with Retry-After while the event loop lags, and 200 again afterwards', async () => {
    await using house = await openTestHouse(rooms, { env: { MAX_EVENT_LOOP_DELAY_MS: '100' } })
    const origin = await listen(house)
    const block = () => {
      const end = Date.now() + 300
      while (Date.now() < end);
    }
    // Lag is sampled four times a second, so the loop is held up until a request has met it.
    const busy = setInterval(block, 1)
    const answer = await (async () => {
      for (let attempt = 0; attempt < 20; attempt++) {
        const met = await fetch(`${origin}/v1/sleep?ms=0`)
        if (met.status === 503) return met
      }
      return undefined
    })()
    clearInterval(busy)
    assert.ok(answer, 'no request was refused')
    assert.ok(Number(answer.headers.get('retry-after')) > 0)
    assert.equal(((await answer.json()) as { code: string }).code, 'transient')
    assert.equal((await fetch(`${origin}/livez`)).status, 200, 'liveness does not depend on load')
    for (let attempt = 0; attempt < 100 && (await fetch(`${origin}/v1/sleep?ms=0`)).status !== 200; attempt++)
      await new Promise((next) => setTimeout(next, 50))
    assert.equal((await fetch(`${origin}/v1/sleep?ms=0`)).status, 200)
  })

  it('answers 503 at once when too many wait for a connection, instead of letting them pile up', async () => {
    await using house = await openTestHouse(rooms, { env: { DATABASE_POOL_SIZE: '1' } })
    const database = house.house.databases.get('notes')
    const connection = await database?.connect()
    const somebody = await house.signedIn()
    const waiting = Array.from({ length: 200 }, () => database?.connect().then((one) => one.release()))
    const { status, headers, body } = await somebody.post('/v1/notes', { text: 'milk' })
    connection?.release()
    await Promise.all(waiting)
    assert.equal(status, 503)
    assert.equal(Number(headers['retry-after']), 1)
    assert.equal(body.code, 'transient')
    assert.equal((await somebody.post('/v1/notes', { text: 'milk' })).status, 201)
  })

  it('answers 503 where the database takes a connection and says nothing', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo
    const client = new pg.Client({ host: '127.0.0.1', port, connectionTimeoutMillis: 50 })
    const error = await client.connect().catch((error) => error)
    silent.close()
    assert.equal(toProblem(error).status, 503)
  })

  it('stops a statement that takes too long', async () => {
    await using house = await openTestHouse(rooms, { env: { DATABASE_STATEMENT_SECONDS: '1' } })
    const { status, body } = await house.anonymous.get('/v1/sleep?ms=3000')
    assert.equal(status, 503)
    assert.match(body.detail, /took too long/)
  })

  it('answers also where a handler hangs that has its whole body', async () => {
    await using house = await openTestHouse(rooms, { env: { DATABASE_STATEMENT_SECONDS: '1' } })
    const origin = await listen(house)
    const { token } = await house.signedIn()
    const answer = await fetch(`${origin}/v1/hang`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: '{"text":"x"}',
      signal: AbortSignal.timeout(20_000),
    })
    assert.equal(answer.status, 503)
    assert.match(((await answer.json()) as { detail: string }).detail, /whether this request took effect is not known/)
  })

  it('heals when its connections are cut', async () => {
    await using house = await openTestHouse(rooms)
    const somebody = await house.signedIn()
    await somebody.post('/v1/notes', { text: 'milk' })
    await house.owner.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    )
    for (let attempt = 0; attempt < 40; attempt++) {
      const { status } = await somebody.post('/v1/notes', { text: `again ${attempt}` })
      assert.ok(status === 201 || status === 503, String(status))
      if (status === 201) return
      await new Promise((next) => setTimeout(next, 25))
    }
    assert.fail('did not recover')
  })
})

describe('reads', () => {
  it('share one connection, also after it was lost many times', async () => {
    await using house = await openTestHouse(rooms)
    const db = house.db('notes')
    const readers = async () => {
      const { rows } = await house.owner.query(
        `select count(*)::int as n from pg_stat_activity where datname = current_database() and application_name = 'openhcs notes'`,
      )
      return rows[0].n
    }
    let over = false
    const read = async () => {
      for (let n = 0; !over; n++) {
        await sql`select 1`.execute(db).catch(() => {})
        if (n % 3 === 0) await new Promise((next) => setImmediate(next))
      }
    }
    const reading = [read(), read(), read()]
    for (let i = 0; i < 25; i++) {
      await new Promise((next) => setTimeout(next, 40))
      await house.owner.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'openhcs notes'`,
      )
    }
    over = true
    await Promise.all(reading)
    // The server may still be about to end the connection that was there.
    await eventually('it reads', () => sql`select 1`.execute(db).catch(() => false as const))
    await eventually('one connection reads', async () => (await readers()) === 1)
  })
})

describe('a client that is too slow', () => {
  it('is cut off when its request does not arrive in time', async () => {
    await using house = await openTestHouse(rooms, { env: { REQUEST_TIMEOUT_SECONDS: '1' } })
    const { port } = new URL(await listen(house))
    house.app.server.headersTimeout = 1_000
    const socket = connect(Number(port), '127.0.0.1')
    socket.write(
      'POST /v1/notes HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"te',
    )
    const answer = await new Promise<string>((done) => {
      let text = ''
      socket
        .on('data', (chunk) => (text += chunk))
        .on('close', () => done(text))
        .on('error', () => done(text))
      socket.setTimeout(60_000, () => socket.destroy())
    })
    assert.match(answer, /^HTTP\/1\.1 4\d\d/)
  })
})

describe('closing', () => {
  it('lets what is under way finish, refuses what is new, and says so on /readyz', async () => {
    const house = await openTestHouse(rooms)
    const origin = await listen(house)
    assert.equal((await fetch(`${origin}/readyz`)).status, 200)
    const slow = fetch(`${origin}/v1/sleep?ms=700`)
    await new Promise((next) => setTimeout(next, 200))
    const closed = house[Symbol.asyncDispose]()
    await new Promise((next) => setTimeout(next, 100))
    const late = await fetch(`${origin}/v1/sleep?ms=0`).then(
      ({ status }) => status,
      () => 'refused',
    )
    assert.ok(late === 503 || late === 'refused', String(late))
    assert.equal((await slow).status, 200)
    await closed
  })
})
