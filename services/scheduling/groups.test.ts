import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Client, openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { faultsOf, newPatient } from '../../tests/calendar.ts'
import { openPractice, weekly } from './testing.ts'

// The house's clock stands at Saturday 1 March 2031, 08:00 UTC.

const open = () => openTestHouse(everything)
const nine = '2031-03-03T09:00:00.000Z'
const ten = '2031-03-03T10:00:00.000Z'

/** Mondays from nine to twelve, an hour for three at a time. */
async function offering(house: TestHouse, more: object = {}) {
  const { doctor, practitioner, place } = await openPractice(house, 'UTC')
  const facts = { code: 'class', name: 'Birth class', speciality: 'cardiology', minutes: 60, seats: 3, ...more }
  const service = await doctor.post('/v1/services', facts)
  assert.equal(service.status, 201, JSON.stringify(service.body))
  const hours = [{ day: 'mon', from: '09:00', until: '12:00' }]
  const { status } = await doctor.post(
    '/v1/schedules',
    weekly(place, { hours, services: [service.body.id], room: 'R' }),
  )
  assert.equal(status, 201)
  return { doctor, practitioner, place, service: service.body, facts }
}

const patients = (house: TestHouse, n: number) => Promise.all(Array.from({ length: n }, () => newPatient(house)))
const book = (client: Client & { patient: string }, practitioner: string, start: string) =>
  client.post('/v1/appointments', { practitioner, patient: client.patient, start })

async function slots(client: Client, practitioner: string) {
  const url = `/v1/practitioners/${practitioner}/slots?until=2031-03-04T00:00:00Z`
  const { body } = await client.get(url)
  return body.items.map(({ start, seats }: { start: string; seats: number }) => [start.slice(11, 16), seats])
}
const next = async (client: Client, practitioner: string) =>
  (await client.get('/v1/practitioners/find?service=class')).body.items.find(
    ({ id }: { id: string }) => id === practitioner,
  )?.next.start

const whole = async (house: TestHouse) => assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })

describe('a service for several at a time', () => {
  it('has as many seats as it says, whoever races for them', async () => {
    await using house = await open()
    const { practitioner } = await offering(house)
    const clients = await patients(house, 8)
    const answers = await Promise.all(clients.map((one) => book(one, practitioner, nine)))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 201, 201, 409, 409, 409, 409, 409])
    const refused = answers.find(({ status }) => status === 409)
    assert.equal(refused?.body.alternatives[0].start, ten)
    await whole(house)
  })

  it('is offered while seats are left, and its time to nobody else', async () => {
    await using house = await open()
    const { practitioner } = await offering(house)
    const [a, b, c] = await patients(house, 3)
    if (!a || !b || !c) throw new Error('three')
    assert.deepEqual(await slots(a, practitioner), [
      ['09:00', 3],
      ['10:00', 3],
      ['11:00', 3],
    ])
    assert.equal((await book(a, practitioner, nine)).status, 201)
    assert.equal(await next(b, practitioner), nine)
    assert.equal((await book(b, practitioner, nine)).status, 201)
    assert.deepEqual(await slots(a, practitioner), [
      ['09:00', 1],
      ['10:00', 3],
      ['11:00', 3],
    ])
    assert.equal((await book(c, practitioner, nine)).status, 201)
    assert.deepEqual(await slots(a, practitioner), [
      ['10:00', 3],
      ['11:00', 3],
    ])
    assert.equal(await next(b, practitioner), ten)
    assert.equal((await book(c, practitioner, '2031-03-03T09:30:00Z')).status, 409, 'across it')
    await whole(house)
  })

  it('frees a seat with one who leaves, and its time with the last', async () => {
    await using house = await open()
    const { practitioner } = await offering(house)
    const clients = await patients(house, 3)
    const made = await Promise.all(clients.map((one) => book(one, practitioner, nine)))
    const leave = (i: number) =>
      clients[i]?.post(`/v1/appointments/${made[i]?.body.id}/cancel`, { reason: 'pat' }, { 'if-match': '"1"' })
    assert.equal((await leave(0))?.status, 200)
    assert.deepEqual((await slots(clients[0] as Client, practitioner))[0], ['09:00', 1])
    const move = { start: ten }
    const moved = await clients[1]?.post(`/v1/appointments/${made[1]?.body.id}/reschedule`, move, { 'if-match': '"1"' })
    assert.equal(moved?.status, 200, JSON.stringify(moved?.body))
    assert.equal((await leave(2))?.status, 200)
    assert.deepEqual(await slots(clients[0] as Client, practitioner), [
      ['09:00', 3],
      ['10:00', 2],
      ['11:00', 3],
    ])
    const { rows } = await house.owner.query('select count(*)::int as n from scheduling.group_visit')
    assert.equal(rows[0].n, 1)
    await whole(house)
  })

  it('keeps a seat for a hold until it lapses', async () => {
    await using house = await open()
    const { practitioner } = await offering(house, { seats: 2 })
    const [a, b, c] = await patients(house, 3)
    if (!a || !b || !c) throw new Error('three')
    const hold = (who: Client & { patient: string }) =>
      who.post('/v1/holds', { practitioner, patient: who.patient, start: nine })
    const kept = await hold(a)
    const left = await hold(b)
    assert.deepEqual([kept.status, left.status, (await hold(c)).status], [201, 201, 409])
    assert.equal((await a.post('/v1/appointments', { hold: kept.body.id })).status, 201)
    house.setNow('2031-03-01T08:06:00Z')
    assert.equal((await book(c, practitioner, nine)).status, 201, 'a hold that has lapsed makes way')
    assert.equal((await b.post('/v1/appointments', { hold: left.body.id })).status, 404)
    await house.house.tasks()['scheduling:expire-hold']?.({ hold: left.body.id }, undefined as never)
    assert.deepEqual(
      (await slots(c, practitioner)).map(([start]: string[]) => start),
      ['10:00', '11:00'],
    )
    await whole(house)
  })

  it('counts groups by day, and lets one more into a group of a full day', async () => {
    await using house = await open()
    const { practitioner } = await offering(house, { perDay: 1 })
    const [a, b, c] = await patients(house, 3)
    if (!a || !b || !c) throw new Error('three')
    assert.equal((await book(a, practitioner, nine)).status, 201)
    assert.equal((await book(b, practitioner, ten)).status, 409)
    assert.deepEqual(await slots(b, practitioner), [['09:00', 2]])
    assert.equal(await next(b, practitioner), nine)
    assert.equal((await book(b, practitioner, nine)).status, 201)
    await whole(house)
  })
})
