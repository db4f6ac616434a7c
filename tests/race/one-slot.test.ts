import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { faultsOf, newPatient, openCalendar, openPlace } from '../calendar.ts'

const many = { env: { DATABASE_POOL_SIZE: '48', RATE_LIMIT_PER_MINUTE: '1000000' } }
const deadlocks = `select deadlocks::int as n from pg_stat_database where datname = current_database()`

describe('100 clients, one slot, three resources', () => {
  it('gives it to one; 99 get a problem document with alternatives', async (t) => {
    await using house = await openTestHouse(everything, many)
    const practitioner = await openCalendar(house, { room: 'Room 4' })
    const clients = await Promise.all(Array.from({ length: 100 }, () => newPatient(house)))

    const answers = await Promise.all(
      clients.map((client) =>
        client.post('/v1/appointments', {
          practitioner,
          patient: client.patient,
          start: '2031-03-03T09:00:00Z',
          mode: 'in-person',
        }),
      ),
    )

    const won = answers.filter(({ status }) => status === 201)
    const lost = answers.filter(({ status }) => status === 409)
    assert.equal(won.length, 1)
    assert.equal(lost.length, 99)
    for (const { headers, body } of lost) {
      assert.match(String(headers['content-type']), /^application\/problem\+json/)
      assert.equal(body.code, 'conflict')
      assert.equal(body.alternatives.length, 5)
      assert.deepEqual([...new Set(body.conflicts.map((one: { resource: string }) => one.resource))].sort(), [
        'practitioner',
        'room',
      ])
    }
    const { rows } = await house.owner.query('select resource_id from scheduling.claim')
    assert.equal(rows.length, 3)
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
    t.diagnostic(`${won.length} × 201, ${lost.length} × 409, ${rows.length} claims`)
  })

  it('lets nobody in by the side door: the patient can be in one place, the room holds one visit', async () => {
    await using house = await openTestHouse(everything, many)
    const client = await newPatient(house)
    const other = await newPatient(house)
    const first = await openCalendar(house, { room: 'Room 4' })
    const { rows } = await house.owner.query('select place_id from scheduling.schedule')
    const second = await openCalendar(house, { room: 'Room 4', place: rows[0].place_id })
    const at = (practitioner: string, patient: string) => ({ practitioner, patient, start: '2031-03-03T09:00:00Z' })
    assert.equal((await client.post('/v1/appointments', at(first, client.patient))).status, 201)

    const samePatient = await client.post('/v1/appointments', at(second, client.patient))
    const sameRoom = await other.post('/v1/appointments', at(second, other.patient))

    assert.equal(samePatient.status, 409)
    assert.equal(sameRoom.status, 409)
    assert.deepEqual(sameRoom.body.conflicts, [
      { resource: 'room', start: '2031-03-03T09:00:00.000Z', end: '2031-03-03T09:30:00.000Z' },
    ])
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
  })

  it('cannot be broken with plain SQL', async () => {
    await using house = await openTestHouse(everything)
    const practitioner = await openCalendar(house)
    const client = await newPatient(house)
    await client.post('/v1/appointments', { practitioner, patient: client.patient, start: '2031-03-03T09:00:00Z' })
    await assert.rejects(
      house.owner.query(
        `with a as (insert into scheduling.appointment select (jsonb_populate_record(x, '{"id":"018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f"}')).* from scheduling.appointment x returning id)
      insert into scheduling.claim (holder_id, resource_id, during) select id, $1, '[2031-03-03T09:15Z,2031-03-03T09:20Z)' from a`,
        [practitioner],
      ),
      { code: '23P01' },
    )
  })
})

describe('48 clients × 60 rounds of partial overlaps', () => {
  it('has one winner per round, no overlap and no deadlock', async (t) => {
    await using house = await openTestHouse(everything, many)
    const practitioner = await openCalendar(house, { from: '00:00', until: '24:00' })
    const clients = await Promise.all(Array.from({ length: 48 }, () => newPatient(house)))
    const before = (await house.owner.query(deadlocks)).rows[0].n
    const began = performance.now()
    let winners = 0
    for (let round = 0; round < 60; round++) {
      const base = Date.parse('2031-03-03T00:00:00Z') + round * 3_600_000
      const answers = await Promise.all(
        clients.map((client, i) =>
          client.post('/v1/appointments', {
            practitioner,
            patient: client.patient,
            start: new Date(base + (i % 6) * 300_000).toISOString(),
          }),
        ),
      )
      const statuses = answers.map(({ status }) => status)
      assert.equal(statuses.filter((status) => status === 201).length, 1, `round ${round}: ${statuses}`)
      assert.equal(statuses.filter((status) => status === 409).length, 47)
      winners++
    }
    const seconds = (performance.now() - began) / 1_000
    const after = (await house.owner.query(deadlocks)).rows[0].n
    assert.equal(after - before, 0)
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
    t.diagnostic(
      `${winners} winners of ${60 * 48} requests in ${seconds.toFixed(1)} s, ${after - before} deadlocks, 0 overlaps`,
    )
  })
})

describe('bookings with two who share different things with a third', () => {
  it('leave of the third what both have left', async () => {
    await using house = await openTestHouse(everything, many)
    const place = await openPlace(house)
    const room = await openCalendar(house, { place, room: 'Shared' })
    const device = await openCalendar(house, { place, device: 'Shared' })
    await openCalendar(house, { place, room: 'Shared', device: 'Shared' })
    const starts = Array.from({ length: 20 }, (_, i) => new Date(Date.parse('2031-03-03T08:00:00Z') + i * 1_800_000))
    const clients = await Promise.all(starts.map(() => newPatient(house)))
    const answers = await Promise.all(
      starts.map((start, i) =>
        clients[i]?.post('/v1/appointments', {
          practitioner: i % 2 ? room : device,
          patient: clients[i]?.patient,
          start: start.toISOString(),
        }),
      ),
    )
    assert.deepEqual([...new Set(answers.map((answer) => answer?.status))], [201])
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
  })
})
