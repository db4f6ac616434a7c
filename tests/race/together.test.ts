import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { faultsOf, newPatient, openCalendar, openPlace } from '../calendar.ts'
import { pick, random } from '../dice.ts'

const many = { env: { DATABASE_POOL_SIZE: '32', RATE_LIMIT_PER_MINUTE: '1000000' } }
const deadlocks = `select deadlocks::int as n from pg_stat_database where datname = current_database()`
const COLLECTIVE = 50
const SINGLE = 50

describe(`${COLLECTIVE} visits that several give against ${SINGLE} of one, at once`, () => {
  it('are whole or not at all, without overlap and without a deadlock', async (t) => {
    await using house = await openTestHouse(everything, many)
    const dice = random(7)
    const place = await openPlace(house)
    // Two share a room, two a device: what is locked is more than who is named.
    const shared = [{ room: 'One' }, { room: 'One' }, { device: 'Two' }, { device: 'Two' }, {}, {}]
    const practitioners: string[] = []
    for (const one of shared) practitioners.push(await openCalendar(house, { place, ...one }))
    const clients = await Promise.all(Array.from({ length: COLLECTIVE + SINGLE }, () => newPatient(house)))
    const before = (await house.owner.query(deadlocks)).rows[0].n
    const start = () => new Date(Date.parse('2031-03-03T08:00:00Z') + Math.floor(dice() * 36) * 300_000).toISOString()
    const answers = await Promise.all(
      clients.map((client, i) => {
        const wish = { patient: client.patient, start: start() }
        if (i >= COLLECTIVE)
          return client.post('/v1/appointments', { ...wish, practitioner: pick(dice, practitioners) })
        const some = [...practitioners].sort(() => dice() - 0.5).slice(0, pick(dice, [2, 3, 4]))
        const participants = some.map((practitioner) => ({ practitioner }))
        return client.post('/v1/appointments', { ...wish, participants })
      }),
    )
    const after = (await house.owner.query(deadlocks)).rows[0].n
    assert.deepEqual([...new Set(answers.map(({ status }) => status))].sort(), [201, 409])
    const won = answers.filter(({ status }) => status === 201)
    const together = won.filter(({ body }) => body.together !== undefined)
    const parts = together.reduce((sum, { body }) => sum + body.together.practitioners.length, 0)
    const { rows } = await house.owner.query('select count(*)::int as n from scheduling.appointment')
    assert.equal(rows[0].n, won.length - together.length + parts)
    assert.ok(together.length > 0 && together.length < won.length)
    assert.equal(after - before, 0)
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
    t.diagnostic(`${together.length} together and ${won.length - together.length} alone of ${answers.length}`)
  })
})
