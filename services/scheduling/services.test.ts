import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { system } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { newId } from '#platform/ids.ts'
import type { Person } from '#platform/person.ts'
import { type Client, openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { faultsOf, newPatient } from '../../tests/calendar.ts'
import { aboutPerson } from './about-person.ts'
import { erase } from './erase.ts'
import type { SchedulingTables } from './tables.ts'
import { openPractice, weekly } from './testing.ts'

// The house's clock stands at Saturday 1 March 2031, 08:00 UTC.

const open = () => openTestHouse(everything)
const facts = { code: 'vaccination', name: 'Vaccination', speciality: 'cardiology', minutes: 30 }

/** A practice in UTC, Mondays from nine to twelve, for these services. */
async function offering(house: TestHouse, ...services: object[]) {
  const { doctor, practitioner, place } = await openPractice(house, 'UTC')
  const ids: string[] = []
  for (const more of services) {
    const { status, body } = await doctor.post('/v1/services', { ...facts, ...more })
    assert.equal(status, 201, JSON.stringify(body))
    ids.push(body.id)
  }
  const hours = [{ day: 'mon', from: '09:00', until: '12:00' }]
  const { status, body } = await doctor.post('/v1/schedules', weekly(place, { hours, services: ids }))
  assert.equal(status, 201, JSON.stringify(body))
  return { doctor, practitioner, services: ids, schedule: body.id as string }
}

async function starts(client: Client, practitioner: string, more = '') {
  const url = `/v1/practitioners/${practitioner}/slots?from=2031-03-03T00:00:00Z&until=2031-03-04T00:00:00Z&limit=50${more}`
  const { status, body } = await client.get(url)
  assert.equal(status, 200, JSON.stringify(body))
  return body.items.map(({ start }: { start: string }) => start.slice(11, 16))
}

const book = (client: Client & { patient: string }, practitioner: string, time: string, more = {}) =>
  client.post('/v1/appointments', {
    practitioner,
    patient: client.patient,
    start: `${time.length > 5 ? time : `2031-03-03T${time}`}:00Z`,
    ...more,
  })

const whole = async (house: TestHouse) => assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })

describe('a service', () => {
  it('has its own length, with time before and after it that nobody else can take', async () => {
    await using house = await open()
    const { practitioner, services } = await offering(house, { before: 10, after: 20 })
    const client = await newPatient(house)
    assert.deepEqual(await starts(client, practitioner), ['09:10', '10:10', '11:10'])
    const booked = await book(client, practitioner, '10:00')
    assert.equal(booked.status, 201, JSON.stringify(booked.body))
    assert.deepEqual([booked.body.end, booked.body.service], ['2031-03-03T10:30:00.000Z', services[0]])
    assert.deepEqual(await starts(client, practitioner), ['11:00'])
    const { status, body } = await book(await newPatient(house), practitioner, '10:40')
    assert.equal(status, 409)
    assert.deepEqual(body.conflicts, [
      { resource: 'practitioner', start: '2031-03-03T09:50:00.000Z', end: '2031-03-03T10:50:00.000Z' },
    ])
    assert.equal((await book(client, practitioner, '09:00')).status, 422, 'no time to prepare')
    assert.equal((await book(client, practitioner, '11:20')).status, 422, 'no time to finish')
    await whole(house)
  })

  it('is named where there are several, and found by its code', async () => {
    await using house = await open()
    const two = [{}, { code: 'first-visit', name: 'First visit', minutes: 60 }]
    const { practitioner, services } = await offering(house, ...two)
    const client = await newPatient(house)
    const unnamed = await book(client, practitioner, '09:00')
    assert.deepEqual([unnamed.status, unnamed.body.code], [422, 'business-rule'])
    assert.match(unnamed.body.detail, /name one/)
    assert.deepEqual(await starts(client, practitioner, `&service=${services[1]}`), ['09:00', '10:00', '11:00'])
    assert.equal((await starts(client, practitioner)).length, 9)
    const find = async (query: string) =>
      (await client.get(`/v1/practitioners/find?${query}`)).body.items.map(
        ({ next, service }: { next: { end: string }; service?: { code: string } }) => [
          service?.code,
          next.end.slice(11, 16),
        ],
      )
    assert.deepEqual(await find('service=first-visit'), [['first-visit', '10:00']])
    assert.deepEqual(await find('service=first-visit&speciality=psychiatry'), [])
    assert.deepEqual(await find('service=surgery'), [])
    assert.deepEqual((await find('speciality=cardiology')).length, 1, 'a practitioner is one result')
    assert.equal((await book(client, practitioner, '09:00', { service: services[1] })).status, 201)
    assert.deepEqual(await find('service=first-visit'), [['first-visit', '11:00']])
    const none = await book(client, practitioner, '11:00', { service: practitioner })
    assert.match(none.body.detail, /not offered/)
    await whole(house)
  })

  it('wants notice, and is booked only so far ahead', async () => {
    await using house = await open()
    const { practitioner } = await offering(house, { notice: 2 * 24 * 60, window: 9 })
    const client = await newPatient(house)
    const next = async () =>
      (await client.get('/v1/practitioners/find?service=vaccination')).body.items[0]?.next.start ?? null
    assert.equal(await next(), '2031-03-03T09:00:00.000Z')
    house.setNow('2031-03-01T10:15:00Z')
    assert.equal(await next(), '2031-03-03T10:30:00.000Z', 'two days before')
    await house.house.tasks()['scheduling:advance']?.({}, undefined as never)
    assert.equal(await next(), '2031-03-03T10:30:00.000Z', 'also once the minute job has been')
    assert.match((await book(client, practitioner, '10:00')).body.detail, /at least 2880 minutes before/)
    house.setNow('2031-03-01T14:00:00Z')
    assert.equal(await next(), '2031-03-10T09:00:00.000Z')
    assert.match((await book(client, practitioner, '2031-03-17T09:00')).body.detail, /9 days ahead at most/)
    house.setNow('2031-03-08T09:30:00Z')
    assert.equal(await next(), '2031-03-10T10:00:00.000Z')
    await whole(house)
  })

  it('is taken so often a day and so often a week, and not once more, whoever races', async () => {
    await using house = await open()
    const { practitioner, doctor, services } = await offering(house, { perDay: 2 })
    const clients = await Promise.all([1, 2, 3, 4, 5].map(() => newPatient(house)))
    const times = ['09:00', '09:30', '10:00', '10:30', '11:00']
    const answers = await Promise.all(clients.map((one, i) => book(one, practitioner, times[i] as string)))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 201, 409, 409, 409])
    const refused = answers.find(({ status }) => status === 409)
    assert.match(refused?.body.detail, /no more visits of this service/)
    assert.equal(refused?.body.alternatives[0].start, '2031-03-10T09:00:00.000Z')
    const [client] = clients as [Client & { patient: string }]
    assert.deepEqual(await starts(client, practitioner), [])
    const find = async () => (await client.get('/v1/practitioners/find?service=vaccination')).body.items[0].next.start
    assert.equal(await find(), '2031-03-10T09:00:00.000Z')
    await whole(house)

    const mine = answers.findIndex(({ status }) => status === 201)
    const { id, version } = answers[mine]?.body ?? {}
    const given = await clients[mine]?.post(
      `/v1/appointments/${id}/cancel`,
      { reason: 'pat' },
      { 'if-match': `"${version}"` },
    )
    assert.equal(given?.status, 200)
    assert.match(await find(), /^2031-03-03/, 'one was given back')
    const { body: now } = await doctor.get(`/v1/services/${services[0]}`)
    const change = { ...facts, perDay: 5, perWeek: 1 }
    const changed = await doctor.put(`/v1/services/${services[0]}`, change, { 'if-match': `"${now.version}"` })
    assert.equal(changed.status, 200, JSON.stringify(changed.body))
    assert.equal(await find(), '2031-03-10T09:00:00.000Z', 'that week has its one')
    await whole(house)
  })

  it('counts a hold that stands, and not one that has lapsed', async () => {
    await using house = await open()
    const { practitioner } = await offering(house, { perDay: 1 })
    const [a, b] = [await newPatient(house), await newPatient(house)]
    const hold = await a.post('/v1/holds', { practitioner, patient: a.patient, start: '2031-03-03T09:00:00Z' })
    assert.equal(hold.status, 201)
    assert.equal((await book(b, practitioner, '10:00')).status, 409)
    house.setNow('2031-03-01T08:06:00Z')
    await house.house.tasks()['scheduling:expire-hold']?.({ hold: hold.body.id }, undefined as never)
    assert.equal((await book(b, practitioner, '10:00')).status, 201)
    await whole(house)
  })

  it('moves with its visit: the week that is left has room again', async () => {
    await using house = await open()
    const { practitioner } = await offering(house, { perWeek: 1, before: 10 })
    const [a, b] = [await newPatient(house), await newPatient(house)]
    const { body } = await book(a, practitioner, '09:10')
    const to = (start: string) =>
      a.post(`/v1/appointments/${body.id}/reschedule`, { start }, { 'if-match': `"${body.version}"` })
    assert.equal((await to('2031-03-10T09:10:00Z')).status, 200)
    assert.equal((await book(b, practitioner, '2031-03-10T11:00')).status, 409)
    assert.equal((await book(b, practitioner, '11:00')).status, 201)
    await whole(house)
  })

  it('belongs to one practitioner, has one code there, and stays while a schedule lists it', async () => {
    await using house = await open()
    const { doctor, practitioner, services, schedule } = await offering(house, {})
    assert.equal((await doctor.post('/v1/services', facts)).status, 409)
    assert.equal((await doctor.post('/v1/services', { ...facts, code: 'x1', speciality: 'surgery' })).status, 422)
    assert.equal((await doctor.post('/v1/services', { ...facts, code: 'x1', minutes: 7 })).status, 400)
    const other = await openPractice(house, 'UTC')
    const change = { ...facts, name: 'Theirs' }
    const theirs = await other.doctor.put(`/v1/services/${services[0]}`, change, { 'if-match': '"1"' })
    assert.equal(theirs.status, 404)
    const foreign = await other.doctor.post('/v1/schedules', weekly(other.place, { services }))
    assert.equal(foreign.status, 422)
    assert.equal((await house.anonymous.get(`/v1/practitioners/${practitioner}/services`)).status, 401)
    const client = await newPatient(house)
    const { body } = await client.get(`/v1/practitioners/${practitioner}/services`)
    assert.deepEqual(
      body.items.map(({ code }: { code: string }) => code),
      ['vaccination'],
    )
    const gone = () => doctor.delete(`/v1/services/${services[0]}`, { 'if-match': '"1"' })
    assert.equal((await gone()).status, 409)
    const { body: hours } = await doctor.get(`/v1/schedules/${schedule}`)
    const { id: _, practitioner: __, version, ...rest } = hours
    const plain = await doctor.put(
      `/v1/schedules/${schedule}`,
      { ...rest, services: [] },
      { 'if-match': `"${version}"` },
    )
    assert.equal(plain.status, 200, JSON.stringify(plain.body))
    assert.equal((await gone()).status, 204)
    assert.equal((await client.get(`/v1/services/${services[0]}`)).status, 404)
    assert.equal((await doctor.post('/v1/services', facts)).status, 201, 'the code is free again')
    await whole(house)
  })
})

describe('a service that is counted by the day', () => {
  it('is offered in one zone, since days begin at one midnight', async () => {
    await using house = await open()
    const { doctor, services } = await offering(house, { perDay: 2 }, { code: 'first-visit' })
    const elsewhere = (services: string[]) =>
      doctor.post('/v1/schedules', {
        ...weekly('', { hours: [{ day: 'tue', from: '09:00', until: '10:00' }], modes: ['phone'] }),
        place: undefined,
        zone: 'Asia/Kolkata',
        services,
      })
    const refused = await elsewhere([services[0] as string])
    assert.deepEqual([refused.status, refused.body.code], [422, 'business-rule'], JSON.stringify(refused.body))
    assert.match(refused.body.detail, /two zones/)
    assert.equal((await elsewhere([services[1] as string])).status, 201)
    const change = { ...facts, code: 'first-visit', perWeek: 3 }
    const later = await doctor.put(`/v1/services/${services[1]}`, change, { 'if-match': '"1"' })
    assert.match(later.body.detail, /two zones/)
    await whole(house)
  })
})

describe('who leaves', () => {
  it('offers no services any more, and has them in the copy of everything', async () => {
    await using house = await open()
    const { practitioner, services } = await offering(house, {})
    const errand = { actor: system, traceId: newId(), doing: 'test' }
    const ctx = house.house.context('scheduling', errand) as Context<SchedulingTables>
    const who: Person = { practitioner, names: [] }
    const { data } = await aboutPerson(ctx, who)
    assert.deepEqual(
      (data['Services offered'] as { code: string }[]).map(({ code }) => code),
      ['vaccination'],
    )
    await erase(ctx, who)
    const client = await newPatient(house)
    assert.deepEqual((await client.get(`/v1/practitioners/${practitioner}/services`)).body.items, [])
    assert.equal((await client.get(`/v1/services/${services[0]}`)).status, 404)
  })
})

describe('hours by a rule', () => {
  it('are on the days that it means, and say what is wrong with one', async () => {
    await using house = await open()
    const { doctor, place, practitioner } = await openPractice(house, 'Africa/Nairobi')
    const rule = (rule: string) =>
      doctor.post('/v1/schedules', weekly(place, { hours: [{ rule, from: '09:00', until: '10:00' }] }))
    const bad = await rule('FREQ=MONTHLY;BYDAY=6XX')
    assert.deepEqual([bad.status, bad.body.errors[0].pointer], [400, '/body/hours/0/rule'])
    assert.equal((await rule('FREQ=DAILY;BYHOUR=9')).status, 400)
    const neither = await doctor.post('/v1/schedules', weekly(place, { hours: [{ from: '09:00', until: '10:00' }] }))
    assert.deepEqual([neither.status, neither.body.errors[0].pointer], [400, '/body/hours/0/day'])
    const old = weekly(place, {
      hours: [{ rule: 'FREQ=DAILY', from: '09:00', until: '10:00' }],
      validFrom: '1900-01-01',
    })
    assert.equal((await doctor.post('/v1/schedules', old)).status, 422)
    assert.equal((await rule('FREQ=MONTHLY;BYDAY=1MO,-1FR;UNTIL=20310404T000000Z')).status, 201)
    const { body } = await (await newPatient(house)).get(
      `/v1/practitioners/${practitioner}/days?from=2031-03-01&until=2031-04-10`,
    )
    assert.deepEqual(body, {
      zone: 'Africa/Nairobi',
      items: [
        { date: '2031-03-03', free: 2, first: '2031-03-03T06:00:00.000Z' },
        { date: '2031-03-28', free: 2, first: '2031-03-28T06:00:00.000Z' },
      ],
    })
  })
})

describe('GET /v1/practitioners/:id/days', () => {
  it('counts on the calendar of whoever looks', async () => {
    await using house = await open()
    const { doctor, place, practitioner } = await openPractice(house, 'Asia/Kolkata')
    const hours = [{ day: 'mon', from: '00:00', until: '08:00' }]
    assert.equal((await doctor.post('/v1/schedules', weekly(place, { hours, minutes: 60 }))).status, 201)
    const client = await newPatient(house)
    const days = async (query: string) => {
      const { body } = await client.get(
        `/v1/practitioners/${practitioner}/days?from=2031-03-02&until=2031-03-03${query}`,
      )
      return body.items.map(({ date, free }: { date: string; free: number }) => [date, free])
    }
    assert.deepEqual(await days(''), [['2031-03-03', 8]])
    assert.deepEqual(await days('&zone=UTC'), [
      ['2031-03-02', 6],
      ['2031-03-03', 2],
    ])
    await book(client, practitioner, '2031-03-02T18:30')
    assert.deepEqual(await days('&zone=UTC'), [
      ['2031-03-02', 5],
      ['2031-03-03', 2],
    ])
    const far = await client.get(`/v1/practitioners/${practitioner}/days?from=2031-03-02&until=2031-09-03`)
    assert.deepEqual([far.status, far.body.errors[0].pointer], [400, '/query/until'])
    assert.equal(
      (await client.get(`/v1/practitioners/${practitioner}/days?from=2031-03-02&until=2031-03-01`)).status,
      400,
    )
  })
})
