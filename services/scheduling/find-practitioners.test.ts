import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { newPatient, openCalendar, openPlace, refreshOffers } from '../../tests/calendar.ts'
import { scheduling } from './service.ts'

const ids = ({ body }: { body: { items: { id: string }[] } }) => body.items.map(({ id }) => id)

async function describePractitioner(house: TestHouse, id: string, gender: string, languages: string[]): Promise<void> {
  await house.owner.query('update scheduling.practitioner set gender = $2, languages = $3 where id = $1', [
    id,
    gender,
    languages,
  ])
  await refreshOffers(house, [id])
}

describe('GET /v1/practitioners/find', () => {
  it('filters by speciality, place, distance, mode, language and gender, in any mix', async () => {
    await using house = await openTestHouse(everything)
    const client = await newPatient(house)
    const [near, far] = [await openPlace(house, 0.3, 6.7), await openPlace(house, 2, 8)]
    const heart = await openCalendar(house, {
      place: near,
      specialities: ['cardiology', 'general-practice'],
      from: '08:00',
    })
    const skin = await openCalendar(house, {
      place: far,
      specialities: ['dermatology'],
      modes: ['video'],
      from: '09:00',
    })
    await describePractitioner(house, heart, 'female', ['am', 'en'])
    await describePractitioner(house, skin, 'male', ['fr'])
    for (const from of ['', 'from=2031-03-03T00:00:00Z&']) {
      const find = async (query: string) => ids(await client.get(`/v1/practitioners/find?${from}${query}`))
      await house.owner.query('update scheduling.place set latitude = 2, longitude = 8 where id = $1', [far])
      assert.deepEqual(await find(''), [heart, skin])
      assert.deepEqual(await find('speciality=cardiology'), [heart])
      assert.deepEqual(await find('speciality=general-practice'), [heart])
      assert.deepEqual(await find('speciality=dermatology'), [skin])
      assert.deepEqual(await find(`place=${far}`), [skin])
      assert.deepEqual(await find('near=0.31,6.71&within=5'), [heart])
      assert.deepEqual(await find('near=0.31,6.71&within=500'), [heart, skin])
      await house.owner.query('update scheduling.place set latitude = 89.95, longitude = 179.9 where id = $1', [far])
      assert.deepEqual(await find('near=89.95,-179.9&within=1'), [skin], 'across the date line')
      assert.deepEqual(await find('near=89.95,0&within=20'), [skin], 'across the pole')
      assert.deepEqual(await find('near=89.95,0&within=10'), [])
      assert.deepEqual(await find('mode=in-person'), [heart])
      assert.deepEqual(await find('language=am&language=en'), [heart])
      assert.deepEqual(await find('language=am&language=fr'), [])
      assert.deepEqual(await find('gender=male'), [skin])
      assert.deepEqual(await find('speciality=cardiology&language=am&gender=female&mode=video&near=0.3,6.7&within=1'), [
        heart,
      ])
    }
  })

  it('shows the next free slot within the window, also in hours that have begun, and skips what is booked', async () => {
    await using house = await openTestHouse(everything)
    const client = await newPatient(house)
    const practitioner = await openCalendar(house)
    const next = async (query: string) =>
      (await client.get(`/v1/practitioners/find?${query}`)).body.items[0]?.next.start.slice(0, 16)
    assert.equal(await next('from=2031-03-03T00:00:00Z'), '2031-03-03T08:00')
    assert.equal(await next('from=2031-03-03T10:10:00Z'), '2031-03-03T10:30')
    assert.equal(await next('from=2031-03-03T17:40:00Z'), '2031-03-04T08:00')
    assert.equal(await next('from=2031-03-03T17:40:00Z&until=2031-03-04T07:00:00Z'), undefined)
    await client.post('/v1/appointments', { practitioner, patient: client.patient, start: '2031-03-03T08:00:00Z' })
    assert.equal(await next('from=2031-03-03T00:00:00Z'), '2031-03-03T08:30')
    await client.post('/v1/appointments', { practitioner, patient: client.patient, start: '2031-03-03T08:45:00Z' })
    assert.equal(
      await next('from=2031-03-03T00:00:00Z'),
      '2031-03-03T09:15',
      '15 minutes are left before it: too short',
    )
  })

  it('is right also when the minute job is late: a next slot that has passed is looked up', async () => {
    await using house = await openTestHouse(everything)
    const client = await newPatient(house)
    const practitioner = await openCalendar(house)
    const other = await openCalendar(house, { from: '09:30' })
    const found = async () =>
      (await client.get('/v1/practitioners/find')).body.items.map((one: { id: string; next: { start: string } }) => [
        one.id,
        one.next.start.slice(11, 16),
      ])
    assert.deepEqual(await found(), [
      [practitioner, '08:30'],
      [other, '09:30'],
    ])
    house.setNow('2031-03-01T09:11:30Z')
    assert.deepEqual(
      await found(),
      [
        [practitioner, '09:30'],
        [other, '09:30'],
      ].sort(),
    )
    house.setNow('2031-03-01T09:55:00Z')
    const late = await found()
    await house.house.tasks()['scheduling:advance']?.({}, undefined as never)
    const { rows } = await house.owner.query('select distinct next_at from scheduling.offer')
    assert.deepEqual(rows, [{ next_at: new Date('2031-03-01T10:30:00Z') }])
    assert.deepEqual(await found(), late)
  })

  it('shows a practitioner with several hours once, with the earliest that match', async () => {
    await using house = await openTestHouse(everything)
    const client = await newPatient(house)
    const [here, there] = [await openPlace(house, 0.3, 6.7), await openPlace(house, 2, 8)]
    const practitioner = await openCalendar(house, { place: here, from: '10:00', until: '12:00', modes: ['video'] })
    await openCalendar(house, { practitioner, place: there, from: '08:30', until: '10:00', modes: ['in-person'] })
    await openCalendar(house, { place: here, from: '09:00' })
    for (const day of ['2031-03-01', '2031-03-03']) {
      const from = day === '2031-03-01' ? '' : `from=${day}T08:00:00Z&`
      const of = async (query: string) =>
        (await client.get(`/v1/practitioners/find?${from}${query}`)).body.items
          .filter(({ id }: { id: string }) => id === practitioner)
          .map(({ next }: { next: { start: string } }) => next.start.slice(0, 16))
      assert.deepEqual(await of(''), [`${day}T08:30`])
      assert.deepEqual(await of('mode=video'), [`${day}T10:00`])
      assert.deepEqual(await of(`place=${here}`), [`${day}T10:00`])
      assert.deepEqual(await of('near=0.3,6.7&within=5&speciality=cardiology'), [`${day}T10:00`])
      assert.deepEqual(await of('near=1,7&within=500&speciality=cardiology'), [`${day}T08:30`])
    }
    house.setNow('2031-03-01T09:40:00Z') // the minute job is late: nothing of 08:30 is left, and 10:00 is not looked up
    const late = (await client.get('/v1/practitioners/find?limit=1')).body
    const rest = (await client.get(`/v1/practitioners/find?limit=5&cursor=${late.next}`)).body
    assert.equal([...late.items, ...rest.items].filter(({ id }) => id === practitioner).length, 1)
  })

  it('leaves out whoever has no licence at the slot', async () => {
    await using house = await openTestHouse(everything)
    const client = await newPatient(house)
    const practitioner = await openCalendar(house)
    await house.owner.query(`update scheduling.practitioner set licensed_until = '2031-03-03T09:00:00Z'`)
    await refreshOffers(house, [practitioner])
    const find = async (from: string) => (await client.get(`/v1/practitioners/find?from=${from}`)).body.items.length
    assert.equal(await find('2031-03-03T08:00:00Z'), 1)
    assert.equal(await find('2031-03-03T08:45:00Z'), 0)
    house.setNow('2031-03-03T08:20:00Z')
    assert.equal((await client.get('/v1/practitioners/find')).body.items.length, 1)
    house.setNow('2031-03-03T08:50:00Z')
    assert.equal((await client.get('/v1/practitioners/find')).body.items.length, 0)
  })

  it('pages without a gap or a repeat, also where everybody opens at the same minute', async () => {
    for (const [size, from, apart] of [
      [230, '2031-03-03T08:10:00Z', 5],
      [300, '2031-03-03T07:00:00Z', 0],
      [300, '2031-03-01T08:00:00Z', 0],
      [230, '2031-03-01T08:00:00Z', 5],
    ] as const) {
      await using house = await openTestHouse(everything)
      const client = await newPatient(house)
      await openCalendar(house)
      await multiply(house, size, apart)
      const seen: string[] = []
      for (let url = `/v1/practitioners/find?limit=40&from=${from}`, pages = 0; url && pages < 12; pages++) {
        const answer = await client.get(url)
        assert.equal(answer.status, 200)
        const starts = answer.body.items.map(({ next }: { next: { start: string } }) => next.start)
        assert.deepEqual(starts, [...starts].sort())
        seen.push(...ids(answer))
        url = answer.body.next ? `/v1/practitioners/find?limit=40&from=${from}&cursor=${answer.body.next}` : ''
      }
      assert.equal(seen.length, size)
      assert.equal(new Set(seen).size, size)
    }
  })

  it('costs two statements: the session and the search', async () => {
    await using house = await openTestHouse(everything)
    const client = await newPatient(house)
    await openCalendar(house)
    const find = () => client.get('/v1/practitioners/find?speciality=cardiology&near=0.3,6.7&language=am')
    await find()
    const { statements, result } = await house.cost(find)
    assert.equal(result.body.items.length, 1)
    assert.equal(statements, 2)
  })

  it('refuses what makes no sense, with a pointer', async () => {
    await using house = await openTestHouse(everything)
    const client = await newPatient(house)
    for (const [query, pointer] of [
      ['near=95,0', '/query/near'],
      ['within=5', '/query/near'],
      ['until=2031-02-01T00:00:00Z', '/query/until'],
      ['limit=0', '/query/limit'],
      ['limit=101', '/query/limit'],
      ['gender=x', '/query/gender'],
      ['sort=name', '/query/sort'],
    ]) {
      const { status, body } = await client.get(`/v1/practitioners/find?${query}`)
      assert.equal(status, 400, query)
      assert.equal(body.errors[0].pointer, pointer)
    }
    assert.equal((await house.anonymous.get('/v1/practitioners/find')).status, 401)
  })
})

/** Copies the one calendar there is, each copy opening `apart` minutes after the one before, round the hour, until there are `size`. */
async function multiply(house: TestHouse, size: number, apart = 5): Promise<void> {
  const { owner } = house
  await owner.query(`set search_path = scheduling, platform`)
  await owner.query(
    `create temp table copy as select gen_random_uuid() as p, gen_random_uuid() as s, n from generate_series(1, $1) n`,
    [size - 1],
  )
  await owner.query(
    `insert into practitioner select c.p, o.name, o.gender, o.languages, o.specialities, o.licensed_from, o.licensed_until from copy c, practitioner o`,
  )
  await owner.query(`insert into schedule (id, practitioner_id, place_id, modes, specialities, zone, minutes, hours, valid_from, expanded_until, created_at)
    select c.s, c.p, o.place_id, o.modes, o.specialities, o.zone, o.minutes, o.hours, o.valid_from, o.expanded_until, o.created_at from copy c, schedule o where o.id not in (select s from copy)`)
  await owner.query(
    `insert into free_range select c.s, f.start_at + make_interval(mins => $1 * (c.n % 60)), f.end_at from copy c, free_range f where f.schedule_id not in (select s from copy)`,
    [apart],
  )
  const { rows } = await owner.query('select array_agg(id) as ids from practitioner')
  await refreshOffers(house, rows[0].ids)
}

describe('hours of the day', () => {
  it('are those of the clock where the hours are, also over midnight and for one practitioner', async () => {
    await using house = await openTestHouse([scheduling])
    const practitioner = await openCalendar(house, { from: '08:00', until: '18:00' })
    await house.owner.query(`update scheduling.schedule set zone = 'Asia/Kolkata'`) // half past one in the afternoon to half past eleven at night, there
    const client = await newPatient(house)
    const day = 'from=2031-03-03T00:00:00Z&until=2031-03-04T00:00:00Z'
    const starts = async (between: string) =>
      (await client.get(`/v1/practitioners/${practitioner}/slots?${day}&between=${between}`)).body.items.map(
        ({ start }: { start: string }) => start.slice(11, 16),
      )
    assert.deepEqual(await starts('19:00-20:00'), ['13:30', '14:00'])
    assert.deepEqual(await starts('23:00-13:31'), ['08:00', '17:30'])
    const days = await client.get(
      `/v1/practitioners/${practitioner}/days?from=2031-03-03&until=2031-03-03&between=19:00-20:00`,
    )
    assert.equal(days.body.items[0].free, 2)
    const found = await client.get('/v1/practitioners/find?between=19:00-20:00')
    assert.equal(found.body.items[0].next.start, '2031-03-01T13:30:00.000Z')
    for (const wrong of ['19:00', '19:00-19:00', '25:00-26:00', '24:00-25:00'])
      assert.equal((await client.get(`/v1/practitioners/find?between=${wrong}`)).status, 400)
  })
})
