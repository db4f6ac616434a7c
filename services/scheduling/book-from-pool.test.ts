import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Client, openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { faultsOf, newPatient, openCalendar } from '../../tests/calendar.ts'

// The house's clock stands at Saturday 1 March 2031, 08:00 UTC; everybody has hours from eight to six, visits of half an hour.

const open = () => openTestHouse(everything, { env: { DATABASE_POOL_SIZE: '16' } })
const pool = (client: Client & { patient: string }, more: object = {}) =>
  client.post('/v1/pool-appointments', { patient: client.patient, speciality: 'cardiology', ...more })
const whole = async (house: TestHouse) => assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
const patients = (house: TestHouse, n: number) => Promise.all(Array.from({ length: n }, () => newPatient(house)))

describe('POST /v1/pool-appointments', () => {
  it('books whoever is free first, and two who ask at once with two', async () => {
    await using house = await open()
    const three = [await openCalendar(house), await openCalendar(house), await openCalendar(house)]
    const clients = await patients(house, 6)
    const answers = await Promise.all(clients.map((one) => pool(one)))
    assert.deepEqual(
      answers.map(({ status }) => status),
      [201, 201, 201, 201, 201, 201],
    )
    const starts = answers.map(({ body }) => body.start.slice(11, 16)).sort()
    assert.deepEqual(starts, ['08:30', '08:30', '08:30', '09:00', '09:00', '09:00'])
    assert.deepEqual(new Set(answers.map(({ body }) => body.practitioner)), new Set(three))
    await whole(house)
  })

  it('shares the load: whoever has the fewest visits in the window', async () => {
    await using house = await open()
    const three = [await openCalendar(house), await openCalendar(house, { from: '10:00' }), await openCalendar(house)]
    const counted = new Map<string, number>()
    for (const client of await patients(house, 9)) {
      const { status, body } = await pool(client, { by: 'load' })
      assert.equal(status, 201, JSON.stringify(body))
      counted.set(body.practitioner, (counted.get(body.practitioner) ?? 0) + 1)
    }
    assert.deepEqual([...counted.values()], [3, 3, 3])
    assert.deepEqual(new Set(counted.keys()), new Set(three))
    await whole(house)
  })

  it('leaves out when the patient has another visit, and who does not match', async () => {
    await using house = await open()
    const other = await openCalendar(house, { specialities: ['surgery'] })
    const video = await openCalendar(house, { modes: ['video'] })
    const [client] = await patients(house, 1)
    if (!client) throw new Error('one')
    const wish = { practitioner: other, patient: client.patient, start: '2031-03-01T08:30:00Z' }
    assert.equal((await client.post('/v1/appointments', wish)).status, 201)
    const { status, body } = await pool(client, { mode: 'video' })
    assert.deepEqual([status, body.practitioner, body.start], [201, video, '2031-03-01T09:00:00.000Z'])
    const nobody = await pool(client, { mode: 'phone' })
    assert.equal(nobody.status, 409)
    assert.match(nobody.body.detail, /Nobody who matches/)
    const only = await pool(client, { speciality: undefined, practitioners: [other] })
    assert.deepEqual([only.status, only.body.practitioner], [201, other])
    await whole(house)
  })

  it('is for one’s own patients, and says what to name', async () => {
    await using house = await open()
    await openCalendar(house)
    const [client, stranger] = await patients(house, 2)
    const foreign = await stranger?.post('/v1/pool-appointments', {
      patient: client?.patient,
      speciality: 'cardiology',
    })
    assert.equal(foreign?.status, 404)
    assert.equal((await stranger?.post('/v1/pool-appointments', { patient: stranger.patient }))?.status, 422)
    assert.equal((await house.anonymous.post('/v1/pool-appointments', {})).status, 401)
  })

  it('takes effect once under a key, though the first who was tried was taken', async () => {
    await using house = await open()
    await openCalendar(house)
    const [client] = await patients(house, 1)
    const key = { 'idempotency-key': 'once' }
    const wish = { patient: client?.patient, speciality: 'cardiology' }
    const first = await client?.post('/v1/pool-appointments', wish, key)
    const second = await client?.post('/v1/pool-appointments', wish, key)
    assert.deepEqual([first?.status, second?.status, second?.body.id], [201, 201, first?.body.id])
  })
})
