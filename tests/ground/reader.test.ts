import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { pino } from 'pino'
import { loadConfig } from '#platform/config.ts'
import { openHouse } from '#platform/house.ts'
import { buildApp } from '#platform/http.ts'
import { LATE_SECONDS, type Outcome, type Reader } from '#platform/reader.ts'
import { type Client, openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { newPatient, openCalendar } from '../calendar.ts'
import { eventually } from '../journeys/people.ts'
import { startReplicated } from '../replica.ts'

const FIRST = '2031-03-03T08:00:00.000Z'
const SECOND = '2031-03-03T08:30:00.000Z'
const DAY = 'from=2031-03-03T00:00:00Z&until=2031-03-04T00:00:00Z'

const readerOf = ({ house }: TestHouse) => house.reader as Reader
const answers = (house: TestHouse, outcome: Outcome) => readerOf(house).answered.get(outcome) ?? 0

describe('searches with a reader of the database', async () => {
  const replicated = await startReplicated()
  after(() => replicated[Symbol.asyncDispose]())

  /** A house whose reader is in use, and one practitioner with hours. */
  async function openReading() {
    const house = await openTestHouse(everything, { servers: replicated.urls })
    const practitioner = await openCalendar(house)
    await isUsed(house)
    const slots = async (client: Pick<Client, 'get'>): Promise<string[]> => {
      const { status, body } = await client.get(`/v1/practitioners/${practitioner}/slots?${DAY}`)
      assert.equal(status, 200, JSON.stringify(body))
      return body.items.map(({ start }: { start: string }) => start)
    }
    const book = (client: Client & { patient: string }, start = FIRST) =>
      client.post('/v1/appointments', { practitioner, patient: client.patient, start })
    const close = async () => {
      await replicated.resume()
      await house[Symbol.asyncDispose]()
    }
    return { house, practitioner, slots, book, [Symbol.asyncDispose]: close }
  }

  /** Has all that was written, and is asked. */
  async function isUsed(house: TestHouse): Promise<void> {
    const client = await newPatient(house)
    await replicated.caughtUp()
    await eventually('the reader answers', async () => {
      await readerOf(house).look()
      const before = answers(house, 'reader')
      await client.get('/v1/practitioners/find')
      return answers(house, 'reader') > before
    })
  }

  it('are answered by the reader: the primary is asked only who asks', async () => {
    await using place = await openReading()
    const { house, practitioner } = place
    const client = await newPatient(house)
    const { statistics } = readerOf(house).databases.get('scheduling') as { statistics: { statements: number } }
    for (const query of ['', `?${DAY}`, '?near=0.34,6.73']) {
      const [before, asked] = [answers(house, 'reader'), statistics.statements]
      const { statements } = await house.cost(async () => {
        for (let i = 0; i < 20; i++) {
          const { status, body } = await client.get(`/v1/practitioners/find${query}`)
          assert.deepEqual([status, body.items[0]?.id], [200, practitioner], query)
        }
      })
      assert.equal(answers(house, 'reader'), before + 20, query)
      assert.ok(statistics.statements >= asked + 40, query)
      assert.ok(statements < 30, `${statements} statements on the primary, a beat among them now and then`)
    }
    assert.equal((await client.get('/v1/practitioners/find?within=3')).status, 400)
    const { body } = await house.anonymous.get('/metrics')
    assert.match(body, /^openhcs_reader_answers_total\{by="reader",reason=""\} 6\d$/m)
    assert.match(body, /^openhcs_reader_lag_seconds [0-4]\.\d+$/m)
  })

  it('never show late what one has taken or given back oneself, in any process; others see it late, and are told when they book', async () => {
    await using place = await openReading()
    const { house, slots, book } = place
    const [one, other] = [await newPatient(house), await newPatient(house)]
    await replicated.caughtUp()
    const elsewhere = openHouse({
      config: house.house.config,
      services: everything,
      log: pino({ level: 'silent' }),
      now: house.house.now,
    })
    const app = await buildApp(elsewhere)
    await elsewhere.reader?.look()
    await replicated.caughtUp()
    await elsewhere.reader?.look()
    const there = async () => {
      const headers = { authorization: `Bearer ${one.token}` }
      const { items } = (
        await app.inject({ url: `/v1/practitioners/${place.practitioner}/slots?${DAY}`, headers })
      ).json()
      return items[0].start
    }
    assert.equal(await there(), FIRST)
    await replicated.pause()
    const booked = await book(one)
    assert.equal(booked.status, 201)
    assert.equal((await slots(one))[0], SECOND)
    assert.equal(await there(), SECOND)
    assert.equal(elsewhere.reader?.answered.get('own-write'), 1)
    assert.equal((await slots(other))[0], FIRST, 'late, and within what is promised')
    const refused = await book(other)
    assert.deepEqual([refused.status, refused.body.alternatives[0].start], [409, SECOND])
    const cancelled = await one.post(
      `/v1/appointments/${booked.body.id}/cancel`,
      { reason: 'pat' },
      { 'if-match': '"1"' },
    )
    assert.equal(cancelled.status, 200, JSON.stringify(cancelled.body))
    assert.equal((await slots(one))[0], FIRST)
    assert.equal(answers(house, 'own-write'), 2)
    await replicated.resume()
    await replicated.caughtUp()
    const before = answers(house, 'reader')
    assert.equal((await slots(one))[0], FIRST)
    assert.equal(answers(house, 'reader'), before + 1, 'the reader has it now')
    await app.close()
    await elsewhere.close()
  })

  it('are answered by the primary once the reader is later than promised, and by the reader again when it is not', async () => {
    await using place = await openReading()
    const { house, slots, book } = place
    const [one, other] = [await newPatient(house), await newPatient(house)]
    await replicated.caughtUp()
    await replicated.pause()
    await book(one)
    assert.equal((await slots(other))[0], FIRST)
    await eventually('the primary answers', async () => {
      const [lag, before] = [readerOf(house).lagSeconds(), answers(house, 'reader')]
      const [first] = await slots(other)
      if (answers(house, 'reader') > before) assert.ok(lag <= LATE_SECONDS, `an answer that was ${lag} s late`)
      return first === SECOND
    })
    assert.ok(answers(house, 'late') > 0)
    await eventually('the metric tells', async () => readerOf(house).lagSeconds() > LATE_SECONDS)
    await replicated.resume()
    await isUsed(house)
    assert.equal((await slots(other))[0], SECOND)
  })

  it('are answered by the primary, without an error, while the reader is away or hangs, and by the reader when it is back', async () => {
    await using place = await openReading()
    const { house, slots } = place
    const client = await newPatient(house)
    const wrong = () => Promise.all(Array.from({ length: 8 }, () => slots(client)))
    await replicated.kill()
    await wrong()
    await readerOf(house).look()
    const before = answers(house, 'away')
    await wrong()
    assert.equal(answers(house, 'away'), before + 8)
    await replicated.start()
    await isUsed(house)
    replicated.hang()
    await wrong()
    assert.ok(answers(house, 'failed') > 0)
    replicated.wake()
    await isUsed(house)
  })
})

describe('an address of another database', () => {
  it('is asked for nothing, however fresh that database is', async () => {
    await using another = await openTestHouse(everything)
    const other = await openCalendar(another)
    await using house = await openTestHouse(everything, {
      env: { DATABASE_READER_URL: another.house.config.databaseUrl.reveal() },
    })
    const practitioner = await openCalendar(house)
    const client = await newPatient(house)
    await readerOf(house).look()
    await another.owner.query('select platform.beat(gen_random_uuid())')
    await readerOf(house).look()
    const { body } = await client.get('/v1/practitioners/find')
    assert.deepEqual(
      body.items.map(({ id }: { id: string }) => id),
      [practitioner],
    )
    assert.notEqual(practitioner, other)
    assert.equal(answers(house, 'reader'), 0)
  })
})

describe('operations that a reader may answer', () => {
  it('read, say by how much they may be late, and show nothing of the caller’s own', () => {
    const operations = everything
      .flatMap(({ routes }) => routes.map(({ operation }) => operation))
      .filter(({ reader }) => reader)
    assert.deepEqual(operations.map(({ id }) => id).sort(), [
      'findFhirAppointments',
      'findPractitioners',
      'listCommonSlots',
      'listDays',
      'listSlots',
    ])
    for (const { method, access, description } of operations) {
      assert.deepEqual([method, access], ['GET', 'Practitioner.s'])
      assert.match(description ?? '', new RegExp(`up to ${LATE_SECONDS} seconds`))
    }
  })

  it('need a primary', () => {
    assert.throws(
      () => loadConfig({ DATABASE_READER_URL: 'postgresql://x/y' }),
      /DATABASE_READER_URL: needs DATABASE_URL/,
    )
  })
})
