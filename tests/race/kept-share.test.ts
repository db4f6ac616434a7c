import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { faultsOf, newPatient, openCalendar, refreshOffers } from '../calendar.ts'

const many = { env: { DATABASE_POOL_SIZE: '48', RATE_LIMIT_PER_MINUTE: '1000000' } }

describe('48 clients, twelve times of which four are kept for the desk', () => {
  it('are given the other eight, each to one, however they come', async () => {
    await using house = await openTestHouse(everything, many)
    const practitioner = await openCalendar(house, { from: '09:00', until: '13:00', minutes: 20 })
    const reserved = [{ channel: 'desk', release: [{ hours: 1, percent: 33 }] }] // 79.2 of 240 minutes: not four whole visits, and more than three
    await house.owner.query('update scheduling.schedule set reserved = $1', [JSON.stringify(reserved)])
    await refreshOffers(house, [practitioner])
    const clients = await Promise.all(Array.from({ length: 48 }, () => newPatient(house)))
    const answers = await Promise.all(
      clients.map((client, i) =>
        client.post('/v1/appointments', {
          practitioner,
          patient: client.patient,
          start: new Date(Date.parse('2031-03-03T09:00:00Z') + (i % 12) * 1_200_000).toISOString(),
        }),
      ),
    )
    const count = (wanted: number) => answers.filter(({ status }) => status === wanted).length
    assert.equal(count(201), 8)
    assert.equal(count(409), 40)
    const { rows } = await house.owner.query('select count(distinct start_at)::int as n from scheduling.appointment')
    assert.equal(rows[0].n, 8)
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
  })
})
