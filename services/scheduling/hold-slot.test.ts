import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { faultsOf, newPatient, openCalendar, openPlace } from '../../tests/calendar.ts'

const monday = '2031-03-03T09:00:00Z'

const count = async ({ owner }: TestHouse) => (await owner.query('select from scheduling.appointment')).rowCount

describe('POST /v1/holds', () => {
  it('gives nobody more than three, also at once', async () => {
    await using house = await openTestHouse(everything, { env: { DATABASE_POOL_SIZE: '16' } })
    const place = await openPlace(house)
    const practitioners = []
    for (let i = 0; i < 8; i++) practitioners.push(await openCalendar(house, { place }))
    const client = await newPatient(house)
    const answers = await Promise.all(
      practitioners.map((practitioner, i) =>
        client.post('/v1/holds', {
          practitioner,
          patient: client.patient,
          start: `2031-03-03T${String(9 + i).padStart(2, '0')}:00:00Z`,
        }),
      ),
    )
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 201, 201, 422, 422, 422, 422, 422])
  })

  it('keeps the time from others, and becomes an appointment of its maker alone', async () => {
    await using house = await openTestHouse(everything)
    const practitioner = await openCalendar(house)
    const [a, b] = [await newPatient(house), await newPatient(house)]
    const hold = await a.post('/v1/holds', { practitioner, patient: a.patient, start: monday })
    assert.equal(hold.status, 201)
    assert.equal(hold.body.expiresAt, '2031-03-01T08:05:00.000Z')
    assert.equal((await b.post('/v1/appointments', { practitioner, patient: b.patient, start: monday })).status, 409)
    assert.equal((await b.post('/v1/appointments', { hold: hold.body.id })).status, 404)
    assert.equal((await a.get(`/v1/appointments/${hold.body.id}`)).status, 404, 'a hold is no appointment yet')
    assert.equal((await a.post('/v1/appointments', { hold: hold.body.id, reason: 'Cough' })).status, 201)
    assert.equal((await a.post('/v1/appointments', { hold: hold.body.id })).status, 404)
  })

  it('is one of three at most, so that nobody keeps a morning from others', async () => {
    await using house = await openTestHouse(everything)
    const practitioner = await openCalendar(house)
    const a = await newPatient(house)
    const hold = async (hour: string) =>
      (await a.post('/v1/holds', { practitioner, patient: a.patient, start: `2031-03-03T${hour}:00:00Z` })).status
    assert.deepEqual([await hold('09'), await hold('10'), await hold('11'), await hold('12')], [201, 201, 201, 422])
    house.setNow('2031-03-01T08:06:00Z')
    assert.equal(await hold('12'), 201, 'lapsed ones do not count')
  })

  it('lapses after five minutes: it cannot be confirmed, and the time can be booked at once', async () => {
    await using house = await openTestHouse(everything)
    const practitioner = await openCalendar(house)
    const [a, b] = [await newPatient(house), await newPatient(house)]
    const { body } = await a.post('/v1/holds', { practitioner, patient: a.patient, start: monday })
    house.setNow('2031-03-01T08:05:01Z')
    assert.equal((await a.post('/v1/appointments', { hold: body.id })).status, 404)
    assert.equal((await b.post('/v1/appointments', { practitioner, patient: b.patient, start: monday })).status, 201)
    await house.house.tasks()['scheduling:expire-hold']?.({ hold: body.id }, undefined as never)
    assert.equal(await count(house), 1)
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
  })

  it('is not made, booked or confirmed for a patient who is out of use; what is booked can be cancelled', async () => {
    await using house = await openTestHouse(everything)
    const practitioner = await openCalendar(house)
    const a = await newPatient(house)
    const wish = { practitioner, patient: a.patient, start: monday }
    const { body: booked } = await a.post('/v1/appointments', wish)
    const hold = await a.post('/v1/holds', { ...wish, start: '2031-03-03T10:00:00Z' })
    await house.owner.query('insert into platform.out_of_use (subject_id, since) values ($1, now())', [a.patient])
    for (const path of ['/v1/holds', '/v1/appointments'])
      assert.equal((await a.post(path, { ...wish, start: '2031-03-03T11:00:00Z' })).status, 422)
    assert.equal((await a.post('/v1/appointments', { hold: hold.body.id })).status, 404)
    const path = `/v1/appointments/${booked.id}`
    const later = { start: '2031-03-03T12:00:00Z' }
    assert.equal((await a.post(`${path}/reschedule`, later, { 'if-match': '"1"' })).status, 422)
    assert.equal((await a.get(path)).status, 200)
    assert.equal((await a.post(`${path}/cancel`, { reason: 'pat' }, { 'if-match': '"1"' })).status, 200)
    await house.owner.query('delete from platform.out_of_use')
    assert.equal((await a.post('/v1/appointments', { hold: hold.body.id })).status, 201)
  })

  it('is found again when it has lapsed and nobody asked', async () => {
    await using house = await openTestHouse(everything)
    const practitioner = await openCalendar(house)
    const a = await newPatient(house)
    const { body } = await a.post('/v1/holds', { practitioner, patient: a.patient, start: monday })
    const first = async () =>
      (await a.get(`/v1/practitioners/${practitioner}/slots?from=2031-03-03T08:30:00Z&limit=2`)).body.items.map(
        ({ start }: { start: string }) => start.slice(11, 16),
      )
    assert.deepEqual(await first(), ['08:30', '09:30'])
    house.setNow('2031-03-01T08:05:01Z')
    await house.house.tasks()['scheduling:expire-hold']?.({ hold: body.id }, undefined as never)
    assert.deepEqual(await first(), ['08:30', '09:00'])
  })

  it('that was confirmed in time is left alone by the job that comes late', async () => {
    await using house = await openTestHouse(everything)
    const practitioner = await openCalendar(house)
    const a = await newPatient(house)
    const { body } = await a.post('/v1/holds', { practitioner, patient: a.patient, start: monday })
    await a.post('/v1/appointments', { hold: body.id })
    house.setNow('2031-03-01T08:10:00Z')
    await house.house.tasks()['scheduling:expire-hold']?.({ hold: body.id }, undefined as never)
    assert.equal((await a.get(`/v1/appointments/${body.id}`)).body.status, 'booked')
  })
})
