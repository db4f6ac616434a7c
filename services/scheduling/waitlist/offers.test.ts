import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openTestHouse } from '#platform/testing.ts'
import { faultsOf, newPatient, openCalendar, openPlace, openServices } from '../../../tests/calendar.ts'
import { scheduling } from '../service.ts'
import { entryOf, lapse, monday, offerOf, run, visitAt, waits } from './testing.ts'

describe('a time that is given back', () => {
  it('is offered to who came first, kept from everybody else, and becomes their visit', async () => {
    await using house = await openTestHouse([scheduling])
    const practitioner = await openCalendar(house)
    const visit = await visitAt(house, practitioner, monday('09:00'))
    const [first, second] = [await newPatient(house), await newPatient(house)]
    const entry = await waits(first, { practitioner })
    const later = await waits(second, { practitioner })
    await visit.cancel()
    await house.work()

    const { status, offer } = await entryOf(first, entry)
    assert.equal(status, 'offered')
    assert.deepEqual(
      [offer.practitioner, offer.start, offer.end, offer.mode, offer.expiresAt],
      [practitioner, '2031-03-03T09:00:00.000Z', '2031-03-03T09:30:00.000Z', 'in-person', '2031-03-01T10:00:00.000Z'],
    )
    assert.equal((await entryOf(second, later)).status, 'waiting')
    const wish = { practitioner, patient: second.patient, start: monday('09:00') }
    for (const path of ['/v1/appointments', '/v1/holds']) assert.equal((await second.post(path, wish)).status, 409)
    assert.equal((await second.post(`/v1/waitlist-offers/${offer.id}/accept`)).status, 404, 'it is not theirs')
    assert.deepEqual((await first.get('/v1/appointments')).body.items, [], 'an offer is no visit yet')
    assert.equal((await first.get(`/v1/appointments/${offer.id}`)).status, 404)
    assert.equal((await first.delete(`/v1/holds/${offer.id}`)).status, 404)
    assert.equal((await first.post('/v1/appointments', { hold: offer.id })).status, 404)

    const accepted = await first.post(`/v1/waitlist-offers/${offer.id}/accept`)
    assert.equal(accepted.status, 200, JSON.stringify(accepted.body))
    assert.deepEqual([accepted.body.id, accepted.body.status], [offer.id, 'booked'])
    assert.equal((await entryOf(first, entry)).status, 'met')
    assert.equal((await first.post(`/v1/waitlist-offers/${offer.id}/accept`)).status, 409)
    await run(house, 'end-offer', { offer: offer.id })
    assert.equal((await first.get(`/v1/appointments/${offer.id}`)).body.status, 'booked')
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
  })

  it('goes by priority before turn, and nobody says their own', async () => {
    await using house = await openTestHouse([scheduling])
    const practitioner = await openCalendar(house)
    const doctor = await house.signedIn({ roles: ['practitioner'], self: { practitioner } })
    const visit = await visitAt(house, practitioner, monday('09:00'))
    const people = [await newPatient(house), await newPatient(house), await newPatient(house)] as const
    const entries: string[] = []
    for (const who of people) entries.push(await waits(who, { practitioner }))
    const [, urgent = '', asap = ''] = entries
    const say = (who: typeof doctor, id: string, priority: string, version = 1) =>
      who.put(
        `/v1/waitlist-entries/${id}/priority`,
        { priority, reason: 'deterioration' },
        { 'if-match': `"${version}"` },
      )
    assert.equal((await say(people[1], urgent, 'stat')).status, 403)
    assert.equal((await say(await newPatient(house), urgent, 'stat')).status, 404)
    assert.equal((await say(doctor, urgent, 'urgent')).body.priority, 'urgent')
    assert.equal((await say(doctor, urgent, 'urgent')).status, 412)
    assert.equal((await say(doctor, asap, 'asap')).status, 200)
    await visit.cancel()
    await house.work()
    assert.deepEqual(await Promise.all(people.map(async (who, i) => (await entryOf(who, entries[i] ?? '')).status)), [
      'waiting',
      'waiting',
      'offered',
    ])
  })

  it('passes on when it is declined or not answered, and is free for all when nobody is left', async () => {
    await using house = await openTestHouse([scheduling])
    const practitioner = await openCalendar(house)
    const visit = await visitAt(house, practitioner, monday('09:00'))
    const [first, second] = [await newPatient(house), await newPatient(house)]
    const [entry, later] = [await waits(first, { practitioner }), await waits(second, { practitioner })]
    await visit.cancel()
    await house.work()
    const offer = await offerOf(first, entry)
    const declined = await first.post(`/v1/waitlist-offers/${offer}/decline`)
    assert.deepEqual([declined.status, declined.body.status], [200, 'waiting'])
    assert.equal((await first.post(`/v1/waitlist-offers/${offer}/decline`)).status, 409)
    await house.work()
    const next = (await offerOf(second, later)) ?? ''
    await run(house, 'end-offer', { offer: next })
    assert.equal((await entryOf(second, later)).status, 'offered', 'the job that comes early leaves it')
    await lapse(house, next, '2031-03-01T10:00:00Z')
    assert.equal((await second.post(`/v1/waitlist-offers/${next}/accept`)).status, 409)
    for (const [who, id] of [
      [first, entry],
      [second, later],
    ] as const)
      assert.deepEqual(
        [(await entryOf(who, id)).status, await offerOf(who, id)],
        ['waiting', undefined],
        'not the same time twice',
      )
    const third = await newPatient(house)
    const wish = { practitioner, patient: third.patient, start: monday('09:00') }
    assert.equal((await third.post('/v1/appointments', wish)).status, 201)
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
  })

  it('is offered only to whom it suits: day, hour, way, notice, place, circle, what it is for, and whether they are free', async () => {
    await using house = await openTestHouse([scheduling])
    const place = await openPlace(house)
    const practitioner = await openCalendar(house, { place, modes: ['in-person'] })
    const other = await openCalendar(house)
    const visit = await visitAt(house, practitioner, monday('09:00'))
    const unsuitable = [
      { practitioner, weekdays: ['tue'] },
      { practitioner, timeFrom: '09:05' },
      { practitioner, timeUntil: '09:00' },
      { practitioner, mode: 'video' },
      { practitioner, notice: 43_200 },
      { practitioner, from: '2031-03-04T00:00:00Z' },
      { practitioner, until: '2031-03-03T09:00:00Z' },
      { practitioner, place: await openPlace(house) },
      { practitioner, speciality: 'dermatology' },
      { practitioner: other },
      { speciality: 'dermatology' },
      { service: 'vaccination' },
      { speciality: 'cardiology', place: await openPlace(house) },
      { speciality: 'cardiology', near: { latitude: 1.34, longitude: 6.73, within: 100 } },
    ]
    const people = []
    for (const wish of unsuitable) {
      const who = await newPatient(house)
      people.push({ who, id: await waits(who, wish), wish })
    }
    const busy = await visitAt(house, other, monday('09:00'))
    people.push({ ...busy, id: await waits(busy.who, { practitioner }), wish: 'is elsewhere' })
    const suitable = [
      { speciality: 'cardiology', near: { latitude: 1.34, longitude: 6.73, within: 112 } },
      { speciality: 'cardiology', place, weekdays: ['mon'], timeFrom: '09:00', timeUntil: '09:05' },
      { speciality: 'cardiology' },
      { practitioner, place, mode: 'in-person', notice: 30 },
    ]
    const chosen = []
    for (const wish of suitable) {
      const who = await newPatient(house)
      chosen.push({ who, id: await waits(who, wish), wish })
    }
    await visit.cancel()
    await house.work()
    for (const { who, id, wish } of people)
      assert.equal((await entryOf(who, id)).status, 'waiting', JSON.stringify(wish))
    for (const { who, id, wish } of chosen) {
      const offer = await offerOf(who, id)
      assert.ok(offer, JSON.stringify(wish))
      assert.equal((await who.post(`/v1/waitlist-offers/${offer}/decline`)).status, 200)
      await house.work()
    }
  })

  it('is offered in the lengths of what fits into it, and what is left over as well', async () => {
    await using house = await openTestHouse([scheduling])
    const practitioner = await openCalendar(house, { from: '09:00', until: '10:00' })
    const facts = { speciality: 'cardiology', before: 0, after: 0, notice: 0, window: 90, full: undefined }
    await openServices(house, practitioner, [
      { code: 'long', minutes: 60, ...facts },
      { code: 'short', minutes: 20, ...facts },
    ])
    await house.owner.query('set search_path = scheduling, platform')
    await house.owner.query('select refresh_offers($1, $2)', [[practitioner], house.house.now()])
    const { rows } = await house.owner.query(`select id from scheduling.service where code = 'long'`)
    const visit = await visitAt(house, practitioner, monday('09:00'), { service: rows[0].id })
    const people = [await newPatient(house), await newPatient(house), await newPatient(house)]
    const entries = []
    for (const who of people) entries.push(await waits(who, { service: 'short' }))
    await visit.cancel()
    await house.work()
    const starts = []
    for (const [i, who] of people.entries()) starts.push((await entryOf(who, entries[i] ?? '')).offer?.start)
    assert.deepEqual(
      starts.map((start) => start?.slice(11, 16)),
      ['09:00', '09:20', '09:40'],
    )
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
  })

  it('may come of a move, a hold that lapsed or was given back, and of new hours', async () => {
    await using house = await openTestHouse([scheduling])
    const practitioner = await openCalendar(house)
    const visit = await visitAt(house, practitioner, monday('09:00'))
    const waitsFor = async (time: string, until: string) => {
      const who = await newPatient(house)
      return { who, id: await waits(who, { practitioner, from: monday(time), until: monday(until) }) }
    }
    const holder = await newPatient(house)
    const hold = async (time: string) =>
      (await holder.post('/v1/holds', { practitioner, patient: holder.patient, start: monday(time) })).body.id
    const [given, lapsed] = [await hold('10:00'), await hold('11:00')]
    const people = [
      await waitsFor('09:00', '09:30'),
      await waitsFor('10:00', '10:30'),
      await waitsFor('11:00', '11:30'),
    ]
    const moved = await visit.who.post(
      `/v1/appointments/${visit.id}/reschedule`,
      { start: monday('15:00') },
      { 'if-match': '"1"' },
    )
    assert.equal(moved.status, 200)
    assert.equal((await holder.delete(`/v1/holds/${given}`)).status, 204)
    house.setNow('2031-03-01T08:06:00Z')
    await run(house, 'expire-hold', { hold: lapsed })
    await house.work()
    for (const { who, id } of people) assert.equal((await entryOf(who, id)).status, 'offered')
    const evening = await waitsFor('19:00', '19:30')
    await openCalendar(house, { practitioner, from: '19:00', until: '20:00' })
    await house.work()
    assert.equal((await entryOf(evening.who, evening.id)).status, 'offered')
  })

  it('counts to nobody’s three holds', async () => {
    await using house = await openTestHouse([scheduling])
    const practitioner = await openCalendar(house)
    const visit = await visitAt(house, practitioner, monday('09:00'))
    const who = await newPatient(house)
    const entry = await waits(who, { practitioner })
    await visit.cancel()
    await house.work()
    assert.ok(await offerOf(who, entry))
    for (const time of ['10:00', '11:00', '12:00'])
      assert.equal(
        (await who.post('/v1/holds', { practitioner, patient: who.patient, start: monday(time) })).status,
        201,
      )
  })
})
