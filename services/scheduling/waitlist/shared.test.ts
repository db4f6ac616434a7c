import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openTestHouse } from '#platform/testing.ts'
import { faultsOf, newPatient, openCalendar, openPlace, openServices, refreshOffers } from '../../../tests/calendar.ts'
import { scheduling } from '../service.ts'
import { entryOf, monday, offerOf, visitAt, waits } from './testing.ts'

describe('a seat that is given back', () => {
  it('in a group that was full is offered, and nobody else can have it', async () => {
    await using house = await openTestHouse([scheduling])
    const practitioner = await openCalendar(house, { from: '09:00', until: '10:00' })
    const facts = { speciality: 'cardiology', before: 0, after: 0, notice: 0, window: 90, full: undefined }
    await openServices(house, practitioner, [{ code: 'class', minutes: 60, seats: 2, ...facts }])
    await refreshOffers(house, [practitioner])
    const visits = [
      await visitAt(house, practitioner, monday('09:00')),
      await visitAt(house, practitioner, monday('09:00')),
    ]
    const [first, second] = [await newPatient(house), await newPatient(house)]
    const [entry, later] = [await waits(first, { service: 'class' }), await waits(second, { service: 'class' })]
    await visits[0]?.cancel()
    await house.work()
    assert.equal((await entryOf(second, later)).status, 'waiting')
    const wish = { practitioner, patient: second.patient, start: monday('09:00') }
    assert.equal((await second.post('/v1/appointments', wish)).status, 409)
    const offer = await offerOf(first, entry)
    assert.equal((await first.post(`/v1/waitlist-offers/${offer}/decline`)).status, 200)
    await house.work()
    const next = await offerOf(second, later)
    assert.equal((await second.post(`/v1/waitlist-offers/${next}/accept`)).status, 200)
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
  })
})

describe('a room that is given back', () => {
  it('makes a time free with everybody who has hours in it', async () => {
    await using house = await openTestHouse([scheduling])
    const place = await openPlace(house)
    const [one, other] = [
      await openCalendar(house, { place, room: 'Room 4' }),
      await openCalendar(house, { place, room: 'Room 4' }),
    ]
    const visit = await visitAt(house, one, monday('09:00'))
    const who = await newPatient(house)
    const entry = await waits(who, { practitioner: other })
    await visit.cancel()
    await house.work()
    assert.equal((await entryOf(who, entry)).offer?.practitioner, other)
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
  })
})
