import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { faultsOf, newPatient } from '../../../tests/calendar.ts'
import { openPractice, weekly } from '../testing.ts'
import { movedAlike, startsOf as startsAt } from './starts.ts'

const open = () => openTestHouse(everything)
const whole = async (house: TestHouse) => assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })

interface Item {
  number: number
  start: string
  done: boolean
  code?: string
  appointment?: string
  alternatives?: { start: string }[]
}
const startsOf = (items: Item[]) => items.map(({ start, done }) => `${start.slice(5, 16)}${done ? '' : ' no'}`)
const at = (version: number) => ({ 'if-match': `"${version}"` })

/** Mondays and Tuesdays from nine to half past ten in Berlin, whose clocks change on 30 March 2031. */
async function openWeeks(house: TestHouse, zone = 'Europe/Berlin') {
  const practice = await openPractice(house, zone)
  const hours = ['mon', 'tue'].map((day) => ({ day, from: '09:00', until: '10:30' }))
  const schedule = (await practice.doctor.post('/v1/schedules', weekly(practice.place, { hours }))).body
  const client = await newPatient(house)
  const wish = { practitioner: practice.practitioner, patient: client.patient, start: '2031-03-17T08:00:00Z' }
  return { ...practice, schedule: schedule.id as string, client, wish }
}

const inboxOf = async (
  house: TestHouse,
  client: { get(url: string): Promise<{ body: { items: { template: string; text: string }[] } }> },
) => {
  await house.work()
  return (await client.get('/v1/notifications')).body.items
}

describe('a series of visits', () => {
  it('is booked by a rule at one time of the clock, and is read by who sees its visits', async () => {
    await using house = await open()
    const { client, doctor, wish } = await openWeeks(house)
    const booked = await client.post('/v1/series', { ...wish, rule: 'FREQ=WEEKLY;COUNT=4' })
    assert.equal(booked.status, 201, JSON.stringify(booked.body))
    assert.deepEqual(startsOf(booked.body.items), ['03-17T08:00', '03-24T08:00', '03-31T07:00', '04-07T07:00'])
    for (const reader of [client, doctor]) {
      const { status, body } = await reader.get(`/v1/series/${booked.body.series}`)
      assert.deepEqual([status, body.rule, body.zone], [200, 'FREQ=WEEKLY;COUNT=4', 'Europe/Berlin'])
      assert.deepEqual(
        body.items.map(({ id, seriesNumber }: { id: string; seriesNumber: number }) => [id, seriesNumber]),
        booked.body.items.map(({ appointment }: Item, i: number) => [appointment, i + 1]),
      )
    }
    assert.equal((await (await newPatient(house)).get(`/v1/series/${booked.body.series}`)).status, 404)
    await whole(house)
  })

  it('is booked whole or not at all, and says what stood in the way', async () => {
    await using house = await open()
    const { client, wish } = await openWeeks(house)
    const quick = await newPatient(house)
    const taken = { ...wish, patient: quick.patient, start: '2031-03-24T08:00:00Z' }
    assert.equal((await quick.post('/v1/appointments', taken)).status, 201)
    const rule = 'FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20310401'
    const refused = await client.post('/v1/series', { ...wish, rule })
    assert.equal(refused.status, 409, JSON.stringify(refused.body))
    assert.deepEqual(
      refused.body.items.map(({ number, code }: Item) => [number, code]),
      [
        [2, 'business-rule'],
        [3, 'conflict'],
        [4, 'business-rule'],
      ],
    )
    assert.equal(refused.body.items[1].alternatives[0].start, '2031-03-24T08:30:00.000Z')
    assert.deepEqual((await client.get('/v1/appointments')).body.items, [])
    const possible = await client.post('/v1/series', { ...wish, rule, take: 'possible' })
    assert.deepEqual(startsOf(possible.body.items), [
      '03-17T08:00',
      '03-19T08:00 no',
      '03-24T08:00 no',
      '03-26T08:00 no',
      '03-31T07:00',
    ])
    assert.equal((await client.get('/v1/appointments')).body.items.length, 2)
    await whole(house)
  })

  it('is moved from one visit on by as much as that one, in either direction', async () => {
    await using house = await open()
    const { client, wish } = await openWeeks(house)
    const { body } = await client.post('/v1/series', { ...wish, rule: 'FREQ=WEEKLY;BYDAY=MO,TU;COUNT=6' })
    const second: Item = body.items[1]
    const url = `/v1/appointments/${second.appointment}/reschedule-following`
    // Half an hour later: none into the time of another.
    const moved = await client.post(url, { start: '2031-03-18T08:30:00Z' }, at(1))
    assert.equal(moved.status, 200, JSON.stringify(moved.body))
    assert.deepEqual(startsOf(moved.body.items), [
      '03-18T08:30',
      '03-24T08:30',
      '03-25T08:30',
      '03-31T07:30',
      '04-01T07:30',
    ])
    // A week later, each into what the next gives up; and back.
    for (const [version, start, first] of [
      [2, '2031-03-25T08:30:00Z', '03-25T08:30'],
      [3, '2031-03-18T08:30:00Z', '03-18T08:30'],
    ] as const) {
      const again = await client.post(url, { start }, at(version))
      assert.equal(again.status, 200, JSON.stringify(again.body))
      assert.equal(startsOf(again.body.items)[0], first)
    }
    assert.equal((await client.post(url, { start: '2031-03-18T09:00:00Z' }, at(1))).status, 412)
    const series = (await client.get(`/v1/series/${body.series}`)).body.items
    assert.deepEqual(
      series.map(({ start, seriesNumber }: { start: string; seriesNumber: number }) => [
        seriesNumber,
        start.slice(5, 16),
      ]),
      [
        [1, '03-17T08:00'],
        [2, '03-18T08:30'],
        [3, '03-24T08:30'],
        [4, '03-25T08:30'],
        [5, '03-31T07:30'],
        [6, '04-01T07:30'],
      ],
    )
    await whole(house)
  })

  it('begins where it is named, also at a time that comes twice', () => {
    const zone = 'Europe/Berlin'
    for (const first of ['2031-10-26T00:30:00.000Z', '2031-10-26T01:30:00.000Z']) {
      const starts = startsAt('FREQ=DAILY;COUNT=2', zone, new Date(first), 5).map((start) => start.toISOString())
      assert.deepEqual(starts, [first, '2031-10-27T01:30:00.000Z'])
      const alike = movedAlike(zone, new Date('2031-10-25T00:30:00Z'), new Date(first))
      assert.equal(alike(new Date('2031-10-25T00:30:00Z'), zone).toISOString(), first)
    }
  })

  it('is moved whole or not at all, unless what is possible will do', async () => {
    await using house = await open()
    const { client, wish } = await openWeeks(house)
    const { body } = await client.post('/v1/series', { ...wish, rule: 'FREQ=WEEKLY;COUNT=3' })
    const quick = await newPatient(house)
    await quick.post('/v1/appointments', { ...wish, patient: quick.patient, start: '2031-03-25T08:00:00Z' })
    const url = `/v1/appointments/${body.items[0].appointment}/reschedule-following`
    const start = '2031-03-18T08:00:00Z'
    const refused = await client.post(url, { start }, at(1))
    assert.deepEqual([refused.status, refused.body.items.length, refused.body.items[0].number], [409, 1, 2])
    const possible = await client.post(url, { start, take: 'possible' }, at(1))
    assert.deepEqual(startsOf(possible.body.items), ['03-18T08:00', '03-25T08:00 no', '04-01T07:00'])
    const kept = await client.get(`/v1/appointments/${body.items[1].appointment}`)
    assert.deepEqual([kept.body.start, kept.body.status], ['2031-03-24T08:00:00.000Z', 'booked'])
    await whole(house)
  })

  it('ends from one visit on; one that was changed by itself keeps its number', async () => {
    await using house = await open()
    const { client, doctor, wish } = await openWeeks(house)
    const { body } = await client.post('/v1/series', { ...wish, rule: 'FREQ=WEEKLY;COUNT=4' })
    const [, second, third, fourth] = body.items as Item[]
    const alone = `/v1/appointments/${third?.appointment}`
    assert.equal((await client.post(`${alone}/reschedule`, { start: '2031-04-01T07:30:00Z' }, at(1))).status, 200)
    assert.equal(
      (await client.post(`/v1/appointments/${fourth?.appointment}/cancel`, { reason: 'pat' }, at(1))).status,
      200,
    )
    const ended = await doctor.post(
      `/v1/appointments/${second?.appointment}/cancel-following`,
      { reason: 'prov' },
      at(1),
    )
    assert.equal(ended.status, 200, JSON.stringify(ended.body))
    assert.deepEqual(
      ended.body.items.map(({ number, done }: Item) => [number, done]),
      [
        [2, true],
        [3, true],
      ],
    )
    const now = (await client.get(`/v1/series/${body.series}`)).body.items
    assert.deepEqual(
      now.map(({ seriesNumber, status, cancelReason }: Record<string, unknown>) => [
        seriesNumber,
        status,
        cancelReason,
      ]),
      [
        [1, 'booked', undefined],
        [2, 'cancelled', 'prov'],
        [3, 'cancelled', 'prov'],
        [4, 'cancelled', 'pat'],
      ],
    )
    const again = await doctor.post(
      `/v1/appointments/${second?.appointment}/cancel-following`,
      { reason: 'prov' },
      at(2),
    )
    assert.equal(again.status, 422)
    await whole(house)
  })

  it('is told of in one message for each change, whatever its length', async () => {
    await using house = await open()
    const { doctor, wish } = await openWeeks(house)
    const client = await house.signedIn()
    const facts = { name: 'Saba Test', birthDate: '1990-02-01', gender: 'female', language: 'am', zone: 'UTC' }
    const patient = (await client.post('/v1/patients', facts)).body.id
    const { body } = await client.post('/v1/series', { ...wish, patient, rule: 'FREQ=WEEKLY;COUNT=4' })
    const first = `/v1/appointments/${body.items[0].appointment}`
    for (const reader of [client, doctor]) {
      const [message, ...others] = await inboxOf(house, reader)
      assert.match(String(message?.template), /^appointments-booked\./)
      assert.match(String(message?.text), /17 March 2031[\s\S]*24 March[\s\S]*31 March[\s\S]*7 April/)
      assert.ok(!others.some(({ template }) => template.startsWith('appointment')), JSON.stringify(others))
    }
    await client.post(`${first}/reschedule-following`, { start: '2031-03-17T08:30:00Z' }, at(1))
    assert.match(String((await inboxOf(house, client))[0]?.template), /^appointments-rescheduled\./)
    await client.post(`${first}/cancel-following`, { reason: 'pat' }, at(2))
    const told = await inboxOf(house, client)
    assert.deepEqual(
      told.map(({ template }) => template),
      ['appointments-cancelled.patient', 'appointments-rescheduled.patient', 'appointments-booked.patient'],
    )
  })

  it('is one thing in a race: of two for the same times one gets all', async () => {
    await using house = await open()
    const { client, wish } = await openWeeks(house)
    const other = await newPatient(house)
    const rule = 'FREQ=WEEKLY;COUNT=5'
    const answers = await Promise.all([
      client.post('/v1/series', { ...wish, rule }),
      other.post('/v1/series', { ...wish, patient: other.patient, rule }),
    ])
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409])
    const { rows } = await house.owner.query(
      'select count(*)::int as visits, count(distinct patient_id)::int as patients from scheduling.appointment',
    )
    assert.deepEqual(rows, [{ visits: 5, patients: 1 }])
    await whole(house)
  })

  it('costs six statements in two round trips for each visit more', async () => {
    await using house = await open()
    const { wish } = await openWeeks(house)
    const cost = async (count: number, time: string) => {
      const client = await newPatient(house)
      const body = {
        ...wish,
        patient: client.patient,
        start: `2031-03-17T${time}:00Z`,
        rule: `FREQ=WEEKLY;COUNT=${count}`,
      }
      const { result, statements, trips } = await house.cost(() => client.post('/v1/series', body))
      assert.equal(result.status, 201, JSON.stringify(result.body))
      return { statements, trips }
    }
    await cost(2, '08:00')
    const [short, long] = [await cost(2, '08:30'), await cost(6, '09:00')]
    assert.deepEqual([(long.statements - short.statements) / 4, (long.trips - short.trips) / 4], [6, 2])
  })

  it('names its channel, which is staff’s to name', async () => {
    await using house = await open()
    const { client, doctor, wish } = await openWeeks(house)
    const rule = 'FREQ=WEEKLY;COUNT=2'
    const refused = await client.post('/v1/series', { ...wish, rule, channel: 'phone' })
    assert.deepEqual(
      [refused.status, refused.body.items.map(({ code }: Item) => code)],
      [409, ['forbidden', 'forbidden']],
    )
    const visits = async (booked: { body: { series: string } }) =>
      (await client.get(`/v1/series/${booked.body.series}`)).body.items.map(
        ({ channel }: { channel: string }) => channel,
      )
    assert.deepEqual(await visits(await client.post('/v1/series', { ...wish, rule })), ['web', 'web'])
    await house.owner.query(
      `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, source_id, valid_from)
       values (gen_random_uuid(), $1, 'treatment', 'Patient', $2, '{see-record}', gen_random_uuid(), '2031-01-01Z')`,
      [doctor.account, client.patient],
    )
    const again = await doctor.post('/v1/series', { ...wish, start: '2031-04-07T07:00:00Z', rule, channel: 'phone' })
    assert.equal(again.status, 201, JSON.stringify(again.body))
    assert.deepEqual(await visits(again), ['phone', 'phone'])
  })

  it('answers a request that comes twice as it answered the first', async () => {
    await using house = await open()
    const { client, wish } = await openWeeks(house)
    const key = { 'idempotency-key': 'twice-4f1d' }
    const send = () => client.post('/v1/series', { ...wish, rule: 'FREQ=WEEKLY;COUNT=3' }, key)
    const [first, second] = [await send(), await send()]
    assert.deepEqual([first.status, second.body], [201, first.body])
    assert.equal((await client.get('/v1/appointments')).body.items.length, 3)
  })

  it('is refused with words that help', async () => {
    await using house = await open()
    const { client, wish } = await openWeeks(house)
    const stranger = await newPatient(house)
    const post = (more: object) => client.post('/v1/series', { ...wish, ...more })
    for (const [rule, detail] of [
      ['FREQ=WEEKLY', /COUNT or UNTIL/],
      ['FREQ=HOURLY;COUNT=3', /DAILY or longer/],
      ['FREQ=DAILY;COUNT=101', /more than 100/],
      ['FREQ=WEEKLY;BYDAY=TU;COUNT=2', /day of the first visit/],
      ['WEEKLY', /no part of a rule/],
    ] as const) {
      const { status, body } = await post({ rule })
      assert.deepEqual([status, body.errors?.[0]?.pointer], [400, '/body/rule'], JSON.stringify(body))
      assert.match(body.errors[0].detail, detail)
    }
    const rule = 'FREQ=WEEKLY;COUNT=2'
    for (const start of ['9999-12-31T23:59:59-14:00', '0001-01-01T00:00:00+14:00', '2031-03-17T08:00:00+23:00'])
      assert.equal((await post({ rule, start })).status, 400, 'an instant that no database holds')
    assert.equal((await post({ rule, patient: stranger.patient })).status, 404)
    assert.equal((await post({ rule, practitioner: stranger.patient })).status, 404)
    assert.equal((await house.anonymous.post('/v1/series', { ...wish, rule })).status, 401)
    const alone = await client.post('/v1/appointments', wish)
    const url = `/v1/appointments/${alone.body.id}`
    const { status, body } = await client.post(`${url}/cancel-following`, { reason: 'pat' }, at(1))
    assert.deepEqual([status, body.detail], [422, 'This appointment is not one of a series: change it by itself.'])
    assert.equal((await stranger.post(`${url}/cancel-following`, { reason: 'pat' }, at(1))).status, 404)
    await whole(house)
  })
})
