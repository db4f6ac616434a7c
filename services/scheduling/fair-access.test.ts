import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import { openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { faultsOf, newPatient, openCalendar, openPlace, openServices, refreshOffers } from '../../tests/calendar.ts'
import { scheduling } from './service.ts'
import { openPractice, weekly } from './testing.ts'
import { monday, offerOf, type Patient, waits } from './waitlist/testing.ts'

/** Half of the session until a day before, then less and less, and nothing any more four hours before. */
const desk = [
  {
    channel: 'desk',
    release: [
      { hours: 24, percent: 50 },
      { hours: 4, percent: 0 },
    ],
  },
]

/** Two hours a day, four visits; a desk that books for a patient. */
async function openSession(house: TestHouse, reserved: object | null = desk) {
  const place = await openPlace(house)
  const practitioner = await openCalendar(house, { place, from: '09:00', until: '11:00' })
  await house.owner.query('update scheduling.schedule set reserved = $2 where practitioner_id = $1', [
    practitioner,
    reserved && JSON.stringify(reserved),
  ])
  await refreshOffers(house, [practitioner])
  const organisation = newId()
  const clerk = await house.signedIn({ desk: { organisation, function: 'desk' } })
  const lookAfter = (patient: string) =>
    house.owner.query(
      `insert into platform.desk_grant (id, organisation_id, subject_type, subject_id, source_id, valid_from) values ($1, $2, 'Patient', $3, $4, '2031-01-01Z')`,
      [newId(), organisation, patient, newId()],
    )
  const byWeb = async (time: string, more: object = {}) => {
    const who = await newPatient(house)
    const answer = await who.post('/v1/appointments', {
      practitioner,
      patient: who.patient,
      start: monday(time),
      ...more,
    })
    return { who, ...answer }
  }
  const byDesk = async (time: string, more: object = {}) => {
    const { patient } = await newPatient(house)
    await lookAfter(patient)
    return clerk.post('/v1/appointments', { practitioner, patient, start: monday(time), ...more })
  }
  return { place, practitioner, clerk, lookAfter, byWeb, byDesk }
}

const starts = async (who: Pick<Patient, 'get'>, practitioner: string, more = '') => {
  const day = 'from=2031-03-03T00:00:00Z&until=2031-03-04T00:00:00Z'
  const { body } = await who.get(`/v1/practitioners/${practitioner}/slots?${day}${more}`)
  return body.items.map(({ start }: { start: string }) => start.slice(11, 16))
}

const change = (who: Pick<Patient, 'post'>, id: string, what: string, body: object) =>
  who.post(`/v1/appointments/${id}/${what}`, body, { 'if-match': '"1"' })

describe('a share of a session', () => {
  it('is kept for its channel, and says until when and what else there is', async () => {
    await using house = await openTestHouse([scheduling])
    const { byWeb, byDesk } = await openSession(house)
    const first = await byWeb('09:00')
    assert.equal(first.status, 201)
    assert.equal(first.body.channel, 'web')
    assert.equal((await byWeb('09:30')).status, 201)
    const refused = await byWeb('10:00')
    assert.equal(refused.status, 409)
    // Half an hour is a quarter of the session: released half way from a day to four hours before nine.
    assert.match(refused.body.detail, /kept for bookings by desk until 2031-03-02T19:00:00\.000Z/)
    assert.equal(refused.body.alternatives[0].start, '2031-03-04T09:00:00.000Z', 'of another session')
    const booked = await byDesk('10:00')
    assert.equal(booked.status, 201, JSON.stringify(booked.body))
    assert.equal(booked.body.channel, 'desk')
    assert.equal((await byWeb('10:30')).status, 409)
    assert.equal((await byDesk('10:30', { channel: 'phone' })).status, 409, 'another channel, too')
    assert.equal((await byDesk('10:30')).status, 201)
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
  })

  it('is what the channel has not taken yet: what the desk has, the web need not leave', async () => {
    await using house = await openTestHouse([scheduling])
    const { byWeb, byDesk } = await openSession(house)
    assert.equal((await byDesk('09:00')).status, 201)
    assert.equal((await byDesk('09:30')).status, 201)
    assert.equal((await byWeb('10:00')).status, 201)
    assert.equal((await byWeb('10:30')).status, 201)
  })

  it('is released at the minute that was said, and not before', async () => {
    await using house = await openTestHouse([scheduling])
    const { byWeb } = await openSession(house)
    await byWeb('09:00')
    await byWeb('09:30')
    house.setNow('2031-03-02T18:59:00Z')
    assert.equal((await byWeb('10:00')).status, 409)
    house.setNow('2031-03-02T19:00:00Z')
    assert.equal((await byWeb('10:00')).status, 201)
    house.setNow('2031-03-03T04:59:00Z')
    const last = await byWeb('10:30')
    assert.match(last.body.detail, /until 2031-03-03T05:00:00\.000Z/)
    house.setNow('2031-03-03T05:00:00Z')
    assert.equal((await byWeb('10:30')).status, 201)
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
  })

  it('is not shown to those who may not book it', async () => {
    await using house = await openTestHouse([scheduling])
    const { practitioner, clerk, byWeb } = await openSession(house)
    const { who } = await byWeb('09:00')
    assert.deepEqual(await starts(who, practitioner), ['09:30', '10:00', '10:30'])
    await byWeb('09:30')
    const find = async (one: Pick<Patient, 'get'>, more = '') =>
      (await one.get(`/v1/practitioners/find?from=2031-03-03T00:00:00Z&until=2031-03-04T00:00:00Z${more}`)).body.items
    const days = async (one: Pick<Patient, 'get'>) =>
      (await one.get(`/v1/practitioners/${practitioner}/days?from=2031-03-03&until=2031-03-03`)).body.items
    assert.deepEqual(await starts(who, practitioner), [])
    assert.deepEqual(await find(who), [])
    assert.deepEqual(await days(who), [])
    assert.deepEqual(await starts(clerk, practitioner), ['10:00', '10:30'])
    assert.equal((await days(clerk))[0].free, 2)
    assert.equal((await find(clerk))[0].next.start, '2031-03-03T10:00:00.000Z')
    assert.deepEqual(await find(clerk, '&channel=phone'), [])
    assert.equal((await who.get('/v1/practitioners/find?channel=desk')).status, 403)
    // Who looks from now on sees the first day that has something left: this one has not: a visit of half an hour is released in a minute.
    house.setNow('2031-03-03T04:59:00Z')
    const next = async (one: Pick<Patient, 'get'>) => (await one.get('/v1/practitioners/find')).body.items[0].next.start
    await byWeb('10:00')
    assert.equal(await next(who), '2031-03-04T09:00:00.000Z')
    assert.equal(await next(clerk), '2031-03-03T10:30:00.000Z')
    house.setNow('2031-03-03T05:00:00Z')
    assert.equal(await next(who), '2031-03-03T10:30:00.000Z')
  })

  it('holds for holds, moves and pools as well', async () => {
    await using house = await openTestHouse([scheduling])
    const { practitioner, clerk, byWeb, lookAfter } = await openSession(house)
    const { body: visit, who } = await byWeb('09:00', { start: '2031-03-04T09:00:00Z' })
    const { patient, ...other } = await newPatient(house)
    const hold = (time: string) => other.post('/v1/holds', { practitioner, patient, start: monday(time) })
    assert.equal((await hold('09:00')).status, 201)
    assert.equal((await hold('09:30')).status, 201)
    assert.equal((await hold('10:00')).status, 409)
    assert.equal((await change(who, visit.id, 'reschedule', { start: monday('10:00') })).status, 409)
    const pool = await who.post('/v1/pool-appointments', {
      patient: who.patient,
      practitioners: [practitioner],
      from: '2031-03-03T00:00:00Z',
      until: '2031-03-04T00:00:00Z',
    })
    assert.equal(pool.status, 409)
    await lookAfter(who.patient)
    const moved = await change(clerk, visit.id, 'reschedule', { start: monday('10:00') })
    assert.equal(moved.status, 200, JSON.stringify(moved.body))
    assert.equal(moved.body.channel, 'desk')
  })

  it('is not offered to who waits, but what is left of the rest is', async () => {
    await using house = await openTestHouse([scheduling])
    const { practitioner, clerk, byWeb, byDesk } = await openSession(house)
    const mine = await byWeb('09:00')
    await byWeb('09:30')
    const desks = await byDesk('10:00')
    const waiting = await newPatient(house)
    const entry = await waits(waiting, { practitioner, until: '2031-03-03T12:00:00Z', from: '2031-03-03T00:00:00Z' })
    assert.equal((await change(clerk, desks.body.id, 'cancel', { reason: 'prov' })).status, 200)
    await house.work()
    assert.equal(await offerOf(waiting, entry), undefined)
    assert.equal((await change(mine.who, mine.body.id, 'cancel', { reason: 'pat' })).status, 200)
    await house.work()
    assert.ok(await offerOf(waiting, entry))
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
  })

  it('counts the time before and after a visit, and lets others sit down in a group', async () => {
    await using house = await openTestHouse([scheduling])
    const { practitioner, byWeb } = await openSession(house)
    await openServices(house, practitioner, [
      {
        ...{ code: 'course', speciality: 'cardiology', minutes: 40, before: 10, after: 10 },
        ...{ notice: 0, window: 90, seats: 3, full: undefined },
      },
    ])
    await refreshOffers(house, [practitioner])
    assert.equal((await byWeb('09:10')).status, 201)
    assert.equal((await byWeb('10:10')).status, 409, 'the other hour is kept')
    assert.equal((await byWeb('09:10')).status, 201)
    assert.deepEqual(await starts(await newPatient(house), practitioner), ['09:10'])
  })

  it('is staff’s to name', async () => {
    await using house = await openTestHouse([scheduling])
    const { byWeb, clerk, practitioner } = await openSession(house)
    assert.equal((await byWeb('09:00', { channel: 'desk' })).status, 403)
    assert.equal((await byWeb('09:00', { channel: 'pigeon' })).status, 400)
    assert.equal((await byWeb('09:00', { channel: 'web' })).status, 201)
    const { patient } = await newPatient(house)
    assert.equal((await clerk.post('/v1/appointments', { practitioner, patient, start: monday('09:30') })).status, 404)
  })

  it('costs no statement, whether one is kept or not', async () => {
    const costOf = async (reserved: object | null) => {
      await using house = await openTestHouse([scheduling])
      const { practitioner } = await openSession(house, reserved)
      const who = await newPatient(house)
      const at = (time: string) => ({ practitioner, patient: who.patient, start: monday(time) })
      await who.post('/v1/appointments', at('09:00'))
      const { result, statements, trips } = await house.cost(() => who.post('/v1/appointments', at('09:30')))
      assert.equal(result.status, 201)
      return { statements, trips }
    }
    const without = await costOf(null)
    assert.deepEqual(without, { statements: 8, trips: 3 })
    assert.deepEqual(await costOf(desk), without)
  })
})

describe('keeping a share', () => {
  it('is said with the hours, by who keeps them', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, place } = await openPractice(house)
    const made = await doctor.post('/v1/schedules', weekly(place, { reserved: desk }))
    assert.equal(made.status, 201, JSON.stringify(made.body))
    assert.deepEqual(made.body.reserved, desk)
    const put = (body: object, version: number) =>
      doctor.put(`/v1/schedules/${made.body.id}`, weekly(place, body), { 'if-match': `"${version}"` })
    const rising = [
      { hours: 4, percent: 10 },
      { hours: 24, percent: 5 },
    ]
    const wrong = await put({ reserved: [{ channel: 'desk', release: rising }] }, 1)
    assert.equal(wrong.status, 400)
    assert.equal(wrong.body.errors[0].pointer, '/body/reserved/0/release/1')
    const all = { release: [{ hours: 1, percent: 60 }] }
    const both = [
      { channel: 'desk', ...all },
      { channel: 'web', ...all },
    ]
    assert.equal((await put({ reserved: both }, 1)).status, 422)
    assert.equal((await put({ reserved: [desk[0], desk[0]] }, 1)).status, 422)
    const without = await put({}, 1)
    assert.equal(without.status, 200)
    assert.equal(without.body.reserved, undefined)
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
  })
})
