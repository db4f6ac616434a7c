import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { system } from '#platform/auth.ts'
import { newId } from '#platform/ids.ts'
import { openTestHouse, type TestHouse } from '#platform/testing.ts'
import { faultsOf, newPatient, openCalendar, refreshOffers } from '../../../tests/calendar.ts'
import { scheduling } from '../service.ts'
import { entryOf, monday, offerOf, type Patient, run, visitAt, waits } from './testing.ts'

const many = { env: { DATABASE_POOL_SIZE: '16' } }
const window = (practitioner: string, from = '09:00', until = '09:30') => ({
  practitioner,
  resources: [],
  from: monday(from),
  until: monday(until),
})
const openOffers = async ({ owner }: TestHouse) =>
  (await owner.query(`select id, entry_id from scheduling.waitlist_offer where status = 'open'`)).rows as {
    id: string
    entry_id: string
  }[]
const holds = async ({ owner }: TestHouse) =>
  (await owner.query(`select id from scheduling.appointment where status = 'pending' order by id`)).rows

/** A time that is offered to the first of two who wait for it. */
async function offered(house: TestHouse) {
  const practitioner = await openCalendar(house)
  const visit = await visitAt(house, practitioner, monday('09:00'))
  const [first, second] = [await newPatient(house), await newPatient(house)]
  const [entry, later] = [await waits(first, { practitioner }), await waits(second, { practitioner })]
  await visit.cancel()
  await house.work()
  return { practitioner, first, second, entry, later, offer: (await offerOf(first, entry)) ?? '' }
}

/** Nothing overlaps, and every open offer is a hold and the other way round. */
async function isSound(house: TestHouse): Promise<void> {
  assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
  const offers = (await openOffers(house)).map(({ id }) => ({ id }))
  assert.deepEqual(
    await holds(house),
    offers.sort((a, b) => (a.id < b.id ? -1 : 1)),
  )
}

describe('offers that race', () => {
  it('two times that are freed at once and one who waits: one is offered, the other stays free', async () => {
    await using house = await openTestHouse([scheduling], many)
    const practitioners = []
    for (let i = 0; i < 6; i++) practitioners.push(await openCalendar(house))
    const who = await newPatient(house)
    await waits(who, { speciality: 'cardiology' })
    // At different times, so that their own calendar does not decide it.
    const hours = ['09', '10', '11', '12', '13', '14']
    const freed = practitioners.map((one, i) => window(one, `${hours[i]}:00`, `${hours[i]}:30`))
    await Promise.all(freed.map((one) => run(house, 'offer-freed', one)))
    assert.equal((await openOffers(house)).length, 1)
    await isSound(house)
  })

  it('one job that runs several times at once, for several who wait: one offer', async () => {
    await using house = await openTestHouse([scheduling], many)
    const practitioner = await openCalendar(house)
    const entries = []
    for (let i = 0; i < 4; i++) entries.push(await waits(await newPatient(house), { practitioner }))
    await Promise.all([1, 2, 3, 4, 5].map(() => run(house, 'offer-freed', window(practitioner))))
    assert.deepEqual(
      (await openOffers(house)).map(({ entry_id }) => entry_id),
      entries.slice(0, 1),
    )
    await isSound(house)
  })

  it('somebody books the time, or is booked elsewhere, while it is being offered', async () => {
    await using house = await openTestHouse([scheduling], many)
    for (let round = 0; round < 5; round++) {
      const [practitioner, other] = [await openCalendar(house), await openCalendar(house)]
      const [who, rival] = [await newPatient(house), await newPatient(house)]
      await waits(who, { practitioner })
      const book = (one: Patient, of: string) =>
        one.post('/v1/appointments', { practitioner: of, patient: one.patient, start: monday('09:00') })
      const [taken] = await Promise.all([
        book(rival, practitioner),
        book(who, other),
        run(house, 'offer-freed', window(practitioner)),
      ])
      assert.ok([201, 409].includes(taken.status), JSON.stringify(taken.body))
      await isSound(house)
    }
  })

  it('accepted, declined, left and lapsed at once: one of these is so', async () => {
    await using house = await openTestHouse([scheduling], many)
    for (let round = 0; round < 5; round++) {
      const { first, entry, offer, practitioner } = await offered(house)
      const ended = run(house, 'end-offer', { offer })
      const answers = await Promise.all([
        first.post(`/v1/waitlist-offers/${offer}/accept`),
        first.post(`/v1/waitlist-offers/${offer}/accept`),
        first.post(`/v1/waitlist-offers/${offer}/decline`),
        first.delete(`/v1/waitlist-entries/${entry}`),
      ])
      await ended
      const won = answers.slice(0, 3).filter(({ status }) => status === 200).length
      const { rows } = await house.owner.query(
        `select o.status, w.status as entry, (select a.status from scheduling.appointment a where a.id = o.id) as visit
         from scheduling.waitlist_offer o join scheduling.waitlist_entry w on w.id = o.entry_id where o.id = $1`,
        [offer],
      )
      const [{ status, entry: waiting, visit }] = rows
      assert.ok(won <= 1, `${won} answers were taken`)
      assert.equal(visit, status === 'accepted' ? 'booked' : status === 'open' ? 'pending' : null)
      assert.equal(waiting, status === 'accepted' ? 'met' : 'left')
      await house.work()
      await run(house, 'end-offer', { offer })
      await run(house, 'offer-freed', window(practitioner))
      await isSound(house)
    }
  })

  it('accepted when the time to answer is up: not, and the next in line has it', async () => {
    await using house = await openTestHouse([scheduling], many)
    const { first, second, later, offer, practitioner } = await offered(house)
    house.setNow('2031-03-01T10:00:00Z')
    const [answer] = await Promise.all([
      first.post(`/v1/waitlist-offers/${offer}/accept`),
      run(house, 'end-offer', { offer }),
      run(house, 'offer-freed', window(practitioner)),
    ])
    assert.equal(answer.status, 409)
    await house.work()
    const next = await offerOf(second, later)
    assert.ok(next)
    assert.deepEqual(
      (await openOffers(house)).map(({ id }) => id),
      [next],
    )
    assert.equal((await second.post(`/v1/waitlist-offers/${next}/accept`)).status, 200)
    await isSound(house)
  })
})

describe('what happens while something is offered', () => {
  it('who waits no more gives the time to the next', async () => {
    await using house = await openTestHouse([scheduling])
    const { first, second, entry, later, offer } = await offered(house)
    assert.equal((await first.delete(`/v1/waitlist-entries/${entry}`)).status, 204)
    assert.equal((await first.post(`/v1/waitlist-offers/${offer}/accept`)).status, 409)
    await house.work()
    assert.ok(await offerOf(second, later))
    assert.equal((await entryOf(first, entry)).status, 'left')
    await isSound(house)
  })

  it('the patient is erased: nothing of their waiting is left, and the next has the time', async () => {
    await using house = await openTestHouse([scheduling])
    const { first, second, later } = await offered(house)
    const ctx = house.house.context('scheduling', { actor: system, traceId: newId(), doing: 'test' })
    const traces = (await scheduling.erase?.(ctx as never, { patient: first.patient, names: [] })) ?? []
    assert.equal(traces.find(({ what }) => what.startsWith('places on waiting lists'))?.count, 1)
    await house.work()
    assert.ok(await offerOf(second, later))
    const { rowCount } = await house.owner.query('select from scheduling.waitlist_entry where patient_id = $1', [
      first.patient,
    ])
    assert.equal(rowCount, 0)
    await isSound(house)
  })

  it('the practitioner is erased: the offer is withdrawn, and who waits for a speciality keeps their turn', async () => {
    await using house = await openTestHouse([scheduling])
    const practitioner = await openCalendar(house)
    const [who, named] = [await newPatient(house), await newPatient(house)]
    const [entry, other] = [await waits(who, { speciality: 'cardiology' }), await waits(named, { practitioner })]
    await run(house, 'offer-freed', window(practitioner))
    assert.ok(await offerOf(who, entry))
    const ctx = house.house.context('scheduling', { actor: system, traceId: newId(), doing: 'test' })
    await scheduling.erase?.(ctx as never, { practitioner, names: [] })
    await house.work()
    assert.equal((await entryOf(who, entry)).status, 'waiting')
    assert.equal((await entryOf(named, other)).status, 'expired')
    assert.deepEqual(await openOffers(house), [])
    await isSound(house)
  })

  it('the patient is merged: entries and what is offered follow, and go back', async () => {
    await using house = await openTestHouse([scheduling])
    const { first, entry, offer } = await offered(house)
    const survivor = await newPatient(house)
    await house.owner.query('set search_path = scheduling, platform')
    const merge = newId()
    const follow = (stands: boolean) =>
      house.owner.query('select follow_merge($1, $2, $3, $4, $5)', [
        merge,
        survivor.patient,
        first.patient,
        stands,
        house.house.now(),
      ])
    await follow(true)
    assert.equal((await entryOf(survivor, entry)).patient, survivor.patient)
    const none = await first.post('/v1/waitlist-entries', { patient: first.patient, speciality: 'cardiology' })
    assert.equal(none.status, 503, 'nothing new for who has been replaced')
    await follow(false)
    assert.equal((await entryOf(first, entry)).patient, first.patient)
    await follow(true)
    assert.equal((await entryOf(first, entry)).patient, first.patient, 'a merge that was undone stays undone')
    assert.equal((await first.post(`/v1/waitlist-offers/${offer}/accept`)).body.patient, first.patient)
    await isSound(house)
  })

  it('the patient goes out of use, or the licence ends: it cannot be accepted, and nobody like that is asked', async () => {
    await using house = await openTestHouse([scheduling])
    const { first, second, later, offer, practitioner } = await offered(house)
    const { owner } = house
    await owner.query('insert into platform.out_of_use (subject_id, since) values ($1, now())', [first.patient])
    assert.equal((await first.post(`/v1/waitlist-offers/${offer}/accept`)).status, 409)
    await owner.query('insert into platform.out_of_use (subject_id, since) values ($1, now())', [second.patient])
    assert.equal((await first.post(`/v1/waitlist-offers/${offer}/decline`)).status, 200)
    await house.work()
    assert.equal((await entryOf(second, later)).status, 'waiting')
    await owner.query('delete from platform.out_of_use')
    await run(house, 'offer-freed', window(practitioner))
    const next = await offerOf(second, later)
    await owner.query(`update scheduling.practitioner set licensed_until = '2031-03-02Z' where id = $1`, [practitioner])
    await refreshOffers(house, [practitioner])
    assert.equal((await second.post(`/v1/waitlist-offers/${next}/accept`)).status, 409)
    assert.equal((await second.post(`/v1/waitlist-offers/${next}/decline`)).status, 200)
    await waits(await newPatient(house), { practitioner })
    await house.work()
    assert.deepEqual(await openOffers(house), [], 'without a licence nothing is on offer')
  })

  it('what is waited for is booked: the waiting ends', async () => {
    await using house = await openTestHouse([scheduling])
    const practitioner = await openCalendar(house)
    const who = await newPatient(house)
    const book = (time: string, more: object = {}) =>
      who.post('/v1/appointments', { practitioner, patient: who.patient, start: monday(time), ...more })
    const met = await waits(who, { speciality: 'cardiology', timeFrom: '09:00', timeUntil: '10:00' })
    const others = [
      await waits(who, { speciality: 'dermatology' }),
      await waits(who, { practitioner, weekdays: ['fri'] }),
      await waits(who, { practitioner, mode: 'phone' }),
    ]
    assert.equal((await book('10:00')).status, 201)
    assert.equal((await entryOf(who, met)).status, 'waiting')
    assert.equal((await book('09:30')).status, 201)
    assert.equal((await entryOf(who, met)).status, 'met')
    for (const id of others) assert.equal((await entryOf(who, id)).status, 'waiting')
    const again = await waits(who, { practitioner })
    const hold = await who.post('/v1/holds', { practitioner, patient: who.patient, start: monday('11:00') })
    assert.equal((await entryOf(who, again)).status, 'waiting')
    assert.equal((await who.post('/v1/appointments', { hold: hold.body.id })).status, 201)
    assert.equal((await entryOf(who, again)).status, 'met')
  })
})
