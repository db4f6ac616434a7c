import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Client, openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { faultsOf, newPatient, openCalendar } from '../../../tests/calendar.ts'
import { openPractice, weekly } from '../testing.ts'

const open = () => openTestHouse(everything)
const whole = async (house: TestHouse) => assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
const away = { kind: 'withdraw', date: '2031-03-03' }

/** Three visits on a Monday whose hours are withdrawn then. */
async function openTasks(house: TestHouse) {
  const { doctor, practitioner, place } = await openPractice(house, 'UTC')
  const schedule = (
    await doctor.post('/v1/schedules', weekly(place, { hours: [{ day: 'mon', from: '09:00', until: '10:30' }] }))
  ).body
  const clients = await Promise.all([1, 2, 3].map(() => newPatient(house)))
  const visits: string[] = []
  for (const [i, client] of clients.entries()) {
    const start = `2031-03-03T${['09:00', '09:30', '10:00'][i]}:00Z`
    visits.push((await client.post('/v1/appointments', { practitioner, patient: client.patient, start })).body.id)
  }
  const url = `/v1/schedules/${schedule.id}/exceptions`
  const asked = await doctor.post(url, away)
  assert.deepEqual([asked.status, asked.body.affected], [409, visits])
  const exception = await doctor.post(`${url}?acceptAffected=true`, away)
  assert.equal(exception.status, 201)
  return { doctor, practitioner, place, clients, visits, exception: `${url}/${exception.body.id}` }
}

const tasks = async (client: Client, query = '') => {
  const { status, body } = await client.get(`/v1/rebookings${query}`)
  assert.equal(status, 200, JSON.stringify(body))
  return body.items.map(({ appointment }: { appointment: string }) => appointment)
}

describe('visits that a change of hours left outside', () => {
  it('are tasks until each is moved, cancelled, or the hours come back', async () => {
    await using house = await open()
    const { doctor, clients, visits, exception } = await openTasks(house)
    assert.deepEqual(await tasks(doctor), visits)
    assert.deepEqual(await tasks(doctor, '?limit=2'), visits.slice(0, 2))
    const at = { 'if-match': '"1"' }
    assert.equal((await clients[0]?.post(`/v1/appointments/${visits[0]}/cancel`, { reason: 'pat' }, at))?.status, 200)
    const to = { start: '2031-03-10T09:00:00Z' }
    assert.equal((await clients[1]?.post(`/v1/appointments/${visits[1]}/reschedule`, to, at))?.status, 200)
    assert.deepEqual(await tasks(doctor), visits.slice(2))
    assert.equal((await doctor.delete(exception)).status, 204)
    assert.deepEqual(await tasks(doctor), [])
    const { rows } = await house.owner.query('select outcome from scheduling.rebooking order by appointment_id')
    assert.deepEqual(
      rows.map(({ outcome }) => outcome),
      ['cancelled', 'moved', 'covered'],
    )
    await whole(house)
  })

  it('get times of their own in a plan, and are moved in one go', async () => {
    await using house = await open()
    const { doctor, practitioner, visits, clients } = await openTasks(house)
    const plan = await doctor.post('/v1/rebookings/plan', {})
    assert.equal(plan.status, 200, JSON.stringify(plan.body))
    const starts = ['2031-03-10T09:00:00.000Z', '2031-03-10T09:30:00.000Z', '2031-03-10T10:00:00.000Z']
    assert.deepEqual(plan.body, {
      moves: visits.map((appointment, i) => ({ appointment, practitioner, start: starts[i] })),
      left: [],
    })
    // Somebody takes the second of these before they are moved.
    const quick = await newPatient(house)
    const taken = { practitioner, patient: quick.patient, start: starts[1] }
    assert.equal((await quick.post('/v1/appointments', taken)).status, 201)
    const moved = await doctor.post('/v1/rebookings/move', { moves: plan.body.moves })
    assert.equal(moved.status, 200, JSON.stringify(moved.body))
    assert.deepEqual(
      moved.body.items.map(({ moved, code }: { moved: boolean; code?: string }) => [moved, code]),
      [
        [true, undefined],
        [false, 'conflict'],
        [true, undefined],
      ],
    )
    const again = await doctor.post('/v1/rebookings/move', { moves: plan.body.moves })
    assert.deepEqual(again.body, moved.body, 'whoever did not hear the answer asks again')
    assert.deepEqual(await tasks(doctor), [visits[1]])
    assert.equal((await clients[0]?.get(`/v1/appointments/${visits[0]}`))?.body.sequence, 1)
    assert.equal((await clients[0]?.get(`/v1/appointments/${visits[0]}`))?.body.start, starts[0])
    await whole(house)
  })

  it('go to a colleague as new visits, by whoever may book for the patient', async () => {
    await using house = await open()
    const { doctor, practitioner, place, visits, clients } = await openTasks(house)
    const colleague = await openCalendar(house, { place, modes: ['in-person'] })
    const [client, other] = clients
    if (!client || !other) throw new Error('three')
    const planned = await client.post('/v1/rebookings/plan', { practitioner, others: [colleague] })
    assert.deepEqual(planned.body, {
      moves: [{ appointment: visits[0], practitioner: colleague, start: '2031-03-03T09:00:00.000Z' }],
      left: [],
    })
    const foreign = await other.post('/v1/rebookings/move', { moves: planned.body.moves })
    assert.deepEqual(foreign.body.items[0].code, 'not-found')
    const { body } = await client.post('/v1/rebookings/move', { moves: planned.body.moves })
    const again = await client.post('/v1/rebookings/move', { moves: planned.body.moves })
    assert.deepEqual(again.body, body, 'whoever did not hear the answer asks again')
    const now = await client.get(`/v1/appointments/${body.items[0]?.as}`)
    assert.deepEqual([now.body.practitioner, now.body.status], [colleague, 'booked'], JSON.stringify(body))
    const old = await client.get(`/v1/appointments/${visits[0]}`)
    assert.deepEqual([old.body.status, old.body.cancelReason], ['cancelled', 'prov'])
    assert.deepEqual(await tasks(doctor), visits.slice(1))
    await whole(house)
  })

  it('are seen by nobody else', async () => {
    await using house = await open()
    const { practitioner, visits, clients } = await openTasks(house)
    const stranger = await newPatient(house)
    assert.deepEqual(await tasks(stranger, `?practitioner=${practitioner}`), [])
    assert.deepEqual(await tasks(clients[1] as Client, `?practitioner=${practitioner}`), [visits[1]])
    assert.equal((await stranger.get('/v1/rebookings')).status, 422)
    assert.equal((await house.anonymous.get('/v1/rebookings')).status, 401)
    assert.equal((await stranger.post('/v1/rebookings/move', { moves: [] })).status, 400)
  })
})
