import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { newId } from '#platform/ids.ts'
import { openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { faultsOf, newPatient, openCalendar } from '../../tests/calendar.ts'
import { openPractice, weekly } from './testing.ts'

describe('POST /v1/schedules', () => {
  it('places hours in the zone of the place, and search finds them', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, practitioner, place } = await openPractice(house)
    const { status, body } = await doctor.post('/v1/schedules', weekly(place))
    assert.equal(status, 201, JSON.stringify(body))
    assert.deepEqual(
      [body.zone, body.specialities, body.version],
      ['Asia/Kolkata', ['cardiology', 'general-practice'], 1],
    )
    const client = await newPatient(house)
    const found = (await client.get('/v1/practitioners/find?speciality=general-practice')).body.items
    assert.deepEqual([found[0].id, found[0].next.start], [practitioner, '2031-03-03T03:30:00.000Z'])
    assert.equal(
      (await client.get(`/v1/practitioners/${practitioner}/slots?limit=100`)).body.items.length,
      10,
      'two slots on five Mondays of 31 days',
    )
  })

  it('is for licensed practitioners: not before, and not after the licence has expired', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, place } = await openPractice(house)
    assert.equal((await (await newPatient(house)).post('/v1/schedules', weekly(place))).status, 403)
    house.setNow('2040-06-01T00:00:00Z')
    await house.owner.query(`update platform.session set expires_at = '2050-01-01Z'`)
    assert.equal((await doctor.post('/v1/schedules', weekly(place))).status, 403)
  })

  it('refuses hours that overlap another schedule, end before they begin, or name what is not there', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, place } = await openPractice(house)
    await doctor.post('/v1/schedules', weekly(place))
    for (const [more, detail] of [
      [{ hours: [{ day: 'mon', from: '09:30', until: '11:00' }] }, /overlap/],
      [{ hours: [{ day: 'tue', from: '11:00', until: '09:00' }] }, /end after they begin/],
      [{ validUntil: '2031-02-01' }, /before validFrom/],
      [{ place: newId() }, /no such place/],
      [{ specialities: ['dermatology'] }, /does not list: dermatology/],
      [{ place: undefined, room: 'Room 4' }, /name the place/],
      [{ place: undefined, modes: ['video'] }, /name the zone/],
    ] as const) {
      const { status, body } = await doctor.post('/v1/schedules', weekly(place, more))
      assert.equal(status, 422, JSON.stringify(body))
      assert.match(body.detail, detail)
    }
    assert.equal((await doctor.post('/v1/schedules', weekly(place, { zone: 'Mars/Olympus' }))).status, 400)
    assert.equal((await house.owner.query('select from scheduling.schedule')).rowCount, 1)
  })

  it('two at once for the same hours: one is placed', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, place } = await openPractice(house)
    const answers = await Promise.all([1, 2, 3].map(() => doctor.post('/v1/schedules', weekly(place))))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 422, 422])
  })
})

describe('changing hours', () => {
  it('shows the appointments it would leave outside, changes nothing until that is accepted, and cancels none', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, practitioner, place } = await openPractice(house)
    const schedule = (await doctor.post('/v1/schedules', weekly(place))).body
    const client = await newPatient(house)
    const visit = (
      await client.post('/v1/appointments', { practitioner, patient: client.patient, start: '2031-03-03T03:30:00Z' })
    ).body
    const later = weekly(place, { hours: [{ day: 'mon', from: '14:00', until: '15:00' }] })
    const url = `/v1/schedules/${schedule.id}`
    const warned = await doctor.put(url, later, { 'if-match': '"1"' })
    assert.equal(warned.status, 409)
    assert.deepEqual(warned.body.affected, [visit.id])
    assert.equal((await doctor.get(url)).body.hours[0].from, '09:00')
    const accepted = await doctor.put(`${url}?acceptAffected=true`, later, { 'if-match': '"1"' })
    assert.equal(accepted.status, 200)
    assert.deepEqual([accepted.body.affected, accepted.body.version], [[visit.id], 2])
    assert.equal((await client.get(`/v1/appointments/${visit.id}`)).body.status, 'booked')
    assert.equal((await client.get('/v1/practitioners/find')).body.items[0].next.start, '2031-03-03T08:30:00.000Z')
    assert.equal((await doctor.put(`${url}?acceptAffected=true`, later, { 'if-match': '"1"' })).status, 412)
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
  })

  it('by exception works both ways, and can be taken back', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, place } = await openPractice(house)
    const { id } = (await doctor.post('/v1/schedules', weekly(place))).body
    const client = await newPatient(house)
    const next = async () => (await client.get('/v1/practitioners/find')).body.items[0].next.start.slice(0, 16)
    const url = `/v1/schedules/${id}/exceptions`
    assert.equal(
      (
        await doctor.post(url, {
          kind: 'add',
          date: '2031-03-02',
          from: '11:00',
          until: '12:00',
          reason: 'Extra clinic',
        })
      ).status,
      201,
    )
    assert.equal(await next(), '2031-03-02T05:30')
    const holiday = await doctor.post(url, { kind: 'withdraw', date: '2031-03-02' })
    assert.equal(await next(), '2031-03-02T05:30', 'what is added stands also on a day that is withdrawn')
    const [added] = (await doctor.get(url)).body.items.filter(({ kind }: { kind: string }) => kind === 'add')
    assert.equal((await doctor.delete(`${url}/${added.id}`)).status, 204)
    assert.equal(await next(), '2031-03-03T03:30')
    assert.equal((await doctor.delete(`${url}/${holiday.body.id}`)).status, 204)
    assert.equal((await doctor.delete(`${url}/${holiday.body.id}`)).status, 404)
    assert.equal((await doctor.post(url, { kind: 'add', date: '2031-03-02' })).status, 422)
  })

  it('is for the practitioner whose hours they are', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, place } = await openPractice(house)
    const { id } = (await doctor.post('/v1/schedules', weekly(place))).body
    const other = await house.signedIn({ self: { practitioner: newId() } })
    for (const { status } of [
      await other.get(`/v1/schedules/${id}`),
      await other.delete(`/v1/schedules/${id}`, { 'if-match': '"1"' }),
      await other.post(`/v1/schedules/${id}/exceptions`, { kind: 'withdraw', date: '2031-03-03' }),
    ])
      assert.equal(status, 404)
    assert.equal((await doctor.delete(`/v1/schedules/${id}`, { 'if-match': '"1"' })).status, 204)
    assert.equal((await doctor.get(`/v1/schedules/${id}`)).status, 404)
    assert.deepEqual((await doctor.get('/v1/schedules')).body.items, [])
  })
})

/** Somebody keeps the first slot of the weekly hours. */
async function openHold(house: TestHouse) {
  const practice = await openPractice(house)
  const { id: schedule } = (await practice.doctor.post('/v1/schedules', weekly(practice.place))).body
  const client = await newPatient(house)
  const { practitioner } = practice
  const wish = { practitioner, patient: client.patient, start: '2031-03-03T03:30:00Z' }
  const { status, body } = await client.post('/v1/holds', wish)
  assert.equal(status, 201)
  return { ...practice, schedule: `/v1/schedules/${schedule}`, client, hold: body.id as string }
}

describe('a hold', () => {
  it('stands in the way of withdrawing its hours, and can be confirmed when they are withdrawn all the same', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, schedule, client, hold } = await openHold(house)
    const refused = await doctor.delete(schedule, { 'if-match': '"1"' })
    assert.equal(refused.status, 409)
    assert.deepEqual(refused.body.affected, [hold])
    assert.equal((await doctor.delete(`${schedule}?acceptAffected=true`, { 'if-match': '"1"' })).status, 204)
    assert.equal((await client.post('/v1/appointments', { hold })).status, 201)
  })

  it('can be confirmed after its hours have got a room', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, place, schedule, client, hold } = await openHold(house)
    assert.equal((await doctor.put(schedule, weekly(place, { room: 'R1' }), { 'if-match': '"1"' })).status, 200)
    assert.equal((await client.post('/v1/appointments', { hold })).status, 201)
  })
})

describe('giving back a time in hours that have moved to another room', () => {
  it('waits for who books there', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, practitioner, place } = await openPractice(house)
    const schedule = (await doctor.post('/v1/schedules', weekly(place, { room: 'R1' }))).body
    const other = await openCalendar(house, { place, room: 'R2', from: '00:00', until: '24:00' })
    const [client, somebody] = [await newPatient(house), await newPatient(house)]
    const at = { start: '2031-03-03T03:30:00Z' }
    const booked = await client.post('/v1/appointments', { practitioner, patient: client.patient, ...at })
    const moved = weekly(place, { room: 'R2' })
    assert.equal((await doctor.put(`/v1/schedules/${schedule.id}`, moved, { 'if-match': '"1"' })).status, 200)
    // What a cancellation does first, held up: nobody may book in the new room meanwhile.
    await house.owner.query('set search_path = scheduling, platform')
    await house.owner.query('begin')
    await house.owner.query('select lock_claimed($1, null, null)', [booked.body.id])
    await house.owner.query('select release_claims($1, $2)', [booked.body.id, house.house.now()])
    const booking = somebody.post('/v1/appointments', { practitioner: other, patient: somebody.patient, ...at })
    const waits = `select pg_stat_clear_snapshot(); select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%booking_facts%'`
    const waiting = async () => ((await house.owner.query(waits)) as unknown as { rowCount: number }[])[1]?.rowCount
    for (const until = performance.now() + 8_000; performance.now() < until && !(await waiting()); ) await nextTurn()
    assert.equal(await waiting(), 1)
    await house.owner.query('commit')
    assert.equal((await booking).status, 201)
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
  })
})

describe('the mirror', () => {
  it('asks again for a place that changed while hours were being placed', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, place } = await openPractice(house)
    await house.work()
    await doctor.post('/v1/schedules', weekly(place))
    // As if what was asked for before the transaction had been overtaken.
    await house.owner.query(`update scheduling.place set name = 'Overtaken'`)
    await house.work()
    const { body } = await (await newPatient(house)).get('/v1/practitioners/find')
    assert.equal(body.items[0].place.name, 'Test Clinic')
  })

  it('follows the profile and the licence: what changes in registry shows in search', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, practitioner, place } = await openPractice(house)
    await doctor.post('/v1/schedules', weekly(place))
    const client = await newPatient(house)
    const profile = await doctor.get(`/v1/practitioners/${practitioner}`)
    await doctor.patch(
      `/v1/practitioners/${practitioner}`,
      { languages: ['sw'], name: 'Dr Renamed' },
      { 'if-match': String(profile.headers.etag) },
    )
    await house.work()
    assert.equal((await client.get('/v1/practitioners/find?language=am')).body.items.length, 0)
    assert.equal((await client.get('/v1/practitioners/find?language=sw')).body.items[0].name, 'Dr Renamed')
  })

  it('follows the place: its new name shows in search', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, place } = await openPractice(house)
    await doctor.post('/v1/schedules', weekly(place))
    const administrator = await house.signedIn({ roles: ['administrator'] })
    const { headers } = await administrator.get(`/v1/places/${place}`)
    const changed = await administrator.patch(
      `/v1/places/${place}`,
      { name: 'Renamed Clinic' },
      { 'if-match': String(headers.etag) },
    )
    assert.equal(changed.status, 200)
    await house.work()
    const { body } = await (await newPatient(house)).get('/v1/practitioners/find')
    assert.equal(body.items[0].place.name, 'Renamed Clinic')
  })

  it('is checked each night: quiet in the middle of a slot, loud when a range is wrong', async () => {
    await using house = await openTestHouse(everything, { now: '2031-03-03T03:37:00Z' })
    const { doctor, place } = await openPractice(house)
    await doctor.post('/v1/schedules', weekly(place))
    const job = async (name: string) => house.house.tasks()[`scheduling:${name}`]?.({}, undefined as never)
    await job('advance')
    await job('check-free-ranges')
    await house.owner.query(
      `update scheduling.free_range set start_at = start_at + interval '5 minutes' where start_at > '2031-03-09Z' and start_at < '2031-03-11Z'`,
    )
    await assert.rejects(async () => job('check-free-ranges'), /free_range or next slots differ in \d+ places/)
  })

  it('keeps shifts that touch apart, though all of a schedule are rebuilt at once', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, place } = await openPractice(house)
    await doctor.post('/v1/schedules', weekly(place))
    const parts = async () =>
      (
        await house.owner.query(
          'select count(*)::int as parts, max(end_at - start_at)::text as longest from scheduling.free_range',
        )
      ).rows
    const [{ parts: days }] = await parts()
    // As where a night's shift ends at the horizon of one day, and goes on from there the next.
    await house.owner.query(`
      set search_path = scheduling, platform;
      create temp table half as select *, lower(during) + (upper(during) - lower(during)) / 2 as middle from shift;
      update shift s set during = tstzrange(lower(s.during), middle) from half h where h.id = s.id;
      insert into shift (schedule_id, practitioner_id, during) select schedule_id, practitioner_id, tstzrange(middle, upper(during)) from half;
      select refresh_free(array_agg(id), '2031-03-01Z') from shift`)
    assert.deepEqual(await parts(), [{ parts: 2 * days, longest: '00:30:00' }])
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
  })

  it('comes to an end also where it is still yesterday, however many schedules are there', async () => {
    await using house = await openTestHouse(everything, { now: '2031-03-20T01:17:00Z' })
    await house.owner.query(`
      with p as (
        insert into scheduling.practitioner (id, name, gender, languages, specialities)
        select gen_random_uuid(), 'Dr Test Person', 'female', '{en}', '{cardiology}' from generate_series(1, 205) returning id)
      insert into scheduling.schedule (id, practitioner_id, modes, specialities, zone, minutes, hours, valid_from, expanded_until, tzdata, created_at)
      select gen_random_uuid(), id, '{video}', '{cardiology}', 'America/New_York', 30, '[]', '2031-01-01', '2031-06-01', '${process.versions.tz}', '2031-01-01' from p`)
    await house.house.tasks()['scheduling:extend-horizon']?.({}, undefined as never)
    const { rows } = await house.owner.query('select distinct expanded_until::text as until from scheduling.schedule')
    assert.deepEqual(rows, [{ until: '2031-06-17' }], '90 days from the 19th, which it still is there')
  })

  it('expands hours anew when the rules of a zone have changed, and leaves appointments as they are', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, practitioner, place } = await openPractice(house)
    await doctor.post('/v1/schedules', weekly(place))
    const shifts = async () =>
      (await house.owner.query('select schedule_id, practitioner_id, during from scheduling.shift order by during'))
        .rows
    const right = await shifts()
    // As a runtime of before expanded them, to which this zone was an hour ahead of where it is now.
    await house.owner.query(`update scheduling.schedule set tzdata = '2030a'`)
    await house.owner.query(
      `update scheduling.shift set during = tstzrange(lower(during) - interval '1 hour', upper(during) - interval '1 hour')`,
    )
    await house.owner.query(
      `update scheduling.free_range set start_at = start_at - interval '1 hour', end_at = end_at - interval '1 hour'`,
    )
    const { rows } = await house.owner.query('select lower(during) as at from scheduling.shift order by 1 limit 1')
    const client = await newPatient(house)
    const booked = await client.post('/v1/appointments', { practitioner, patient: client.patient, start: rows[0].at })
    assert.equal(booked.status, 201)
    await house.house.tasks()['scheduling:extend-horizon']?.({}, undefined as never)
    assert.deepEqual(await shifts(), right)
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
    const { body } = await client.get(`/v1/appointments/${booked.body.id}`)
    assert.deepEqual([body.status, body.start], ['booked', booked.body.start])
    const version = (await house.owner.query('select distinct tzdata from scheduling.schedule')).rows
    assert.deepEqual(version, [{ tzdata: process.versions.tz }])
  })

  it('moves on each night, as far as the horizon', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, place } = await openPractice(house)
    await doctor.post('/v1/schedules', weekly(place))
    const last = async () =>
      (await house.owner.query('select max(upper(during)) as at from scheduling.shift')).rows[0].at
        .toISOString()
        .slice(0, 10)
    assert.equal(await last(), '2031-05-26')
    house.setNow('2031-03-20T01:17:00Z')
    await house.house.tasks()['scheduling:extend-horizon']?.({}, undefined as never)
    assert.equal(await last(), '2031-06-16')
    await house.house.tasks()['scheduling:advance']?.({}, undefined as never)
    await house.house.tasks()['scheduling:check-free-ranges']?.({}, undefined as never)
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
  })
})
