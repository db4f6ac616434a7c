import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Client, openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { faultsOf, newPatient } from '../../tests/calendar.ts'
import { openPractice, weekly } from './testing.ts'

// The house's clock stands at Saturday 1 March 2031, 08:00 UTC. Hours are on Mondays: 3, 10, 17 March.

const open = () => openTestHouse(everything)
const closed = (date: string) => ({ days: [{ date, name: 'Founders’ Day' }] })
const book = (client: Client & { patient: string }, practitioner: string, start: string) =>
  client.post('/v1/appointments', { practitioner, patient: client.patient, start })
const next = async (client: Client) =>
  (await client.get('/v1/practitioners/find?speciality=cardiology')).body.items[0]?.next.start
const whole = async (house: TestHouse) => assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })

describe('a holiday of a place', () => {
  it('takes the hours of everybody there, and gives them back', async () => {
    await using house = await open()
    const { doctor, administrator, practitioner, place } = await openPractice(house, 'UTC')
    const schedule = (await doctor.post('/v1/schedules', weekly(place))).body.id
    const client = await newPatient(house)
    const url = `/v1/places/${place}/holidays`
    const made = await administrator.post(url, closed('2031-03-03'))
    assert.equal(made.status, 201, JSON.stringify(made.body))
    assert.deepEqual(made.body.affected, [])
    assert.equal(await next(client), '2031-03-10T09:00:00.000Z')
    assert.equal((await book(client, practitioner, '2031-03-03T09:00:00Z')).status, 422)
    const listed = (await client.get(url)).body.items
    assert.deepEqual(listed, [{ id: made.body.items[0].id, ...closed('2031-03-03').days[0] }])
    const added = { kind: 'add', date: '2031-03-03', from: '14:00', until: '15:00' }
    assert.equal((await doctor.post(`/v1/schedules/${schedule}/exceptions`, added)).status, 201)
    assert.equal(await next(client), '2031-03-03T14:00:00.000Z', 'hours that are added on the day stand')
    assert.equal((await administrator.post(url, closed('2031-03-03'))).status, 422, 'closed already')
    assert.equal((await administrator.delete(`${url}/${made.body.items[0].id}`)).status, 204)
    assert.equal(await next(client), '2031-03-03T09:00:00.000Z')
    assert.equal((await administrator.delete(`${url}/${made.body.items[0].id}`)).status, 404)
    await whole(house)
  })

  it('leaves those alone who work on holidays', async () => {
    await using house = await open()
    const { doctor, administrator, place } = await openPractice(house, 'UTC')
    const made = await doctor.post('/v1/schedules', weekly(place, { onHolidays: true }))
    assert.equal(made.body.onHolidays, true)
    assert.equal((await administrator.post(`/v1/places/${place}/holidays`, closed('2031-03-03'))).status, 201)
    assert.equal(await next(await newPatient(house)), '2031-03-03T09:00:00.000Z')
    await whole(house)
  })

  it('says first what is booked, changes nothing unless that is accepted, and makes tasks of it', async () => {
    await using house = await open()
    const { doctor, administrator, practitioner, place } = await openPractice(house, 'UTC')
    await doctor.post('/v1/schedules', weekly(place))
    const client = await newPatient(house)
    const { body: visit } = await book(client, practitioner, '2031-03-03T09:00:00Z')
    const url = `/v1/places/${place}/holidays`
    const asked = await administrator.post(url, closed('2031-03-03'))
    assert.deepEqual([asked.status, asked.body.affected], [409, [visit.id]])
    assert.equal(await next(client), '2031-03-03T09:30:00.000Z')
    assert.deepEqual((await client.get(url)).body.items, [])
    const done = await administrator.post(`${url}?acceptAffected=true`, closed('2031-03-03'))
    assert.deepEqual([done.status, done.body.affected], [201, [visit.id]])
    const task = { appointment: visit.id, cause: 'holiday' }
    const tasks = async () =>
      (await doctor.get('/v1/rebookings')).body.items.map(({ appointment, cause }: typeof task) => ({
        appointment,
        cause,
      }))
    assert.deepEqual(await tasks(), [task])
    assert.equal((await client.get(`/v1/appointments/${visit.id}`)).body.status, 'booked')
    assert.equal((await administrator.delete(`${url}/${done.body.items[0].id}`)).status, 204)
    assert.deepEqual(await tasks(), [], 'the hours are back')
    await whole(house)
  })

  it('is for administrators, and those who work for the organisation whose place it is', async () => {
    await using house = await open()
    const { doctor, administrator } = await openPractice(house, 'UTC')
    const where = { city: 'Test', country: 'ZZ' }
    const organisation = (await administrator.post('/v1/organisations', { name: 'Test', ...where })).body.id
    const spot = { address: 'Test 1', latitude: 0.3, longitude: 6.7, zone: 'UTC' }
    const place = (await administrator.post('/v1/places', { name: 'Test', ...where, ...spot, organisation })).body.id
    const url = `/v1/places/${place}/holidays`
    const own = await house.signedIn({ desk: { organisation, function: 'desk' } })
    const other = await house.signedIn({ desk: { organisation: place, function: 'manager' } })
    assert.equal((await doctor.post(url, closed('2031-03-03'))).status, 403)
    assert.equal((await other.post(url, closed('2031-03-03'))).status, 404)
    assert.equal((await own.post(url, closed('2031-03-03'))).status, 201)
    assert.equal((await own.post(`/v1/places/${organisation}/holidays`, closed('2031-03-03'))).status, 404)
    const twice = { days: [...closed('2031-03-04').days, { date: '2031-03-04', name: 'Again' }] }
    assert.equal((await own.post(url, twice)).status, 422)
    assert.equal((await house.anonymous.get(url)).status, 401)
  })
})
