import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { newId } from '#platform/ids.ts'
import { type Client, openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { faultsOf, newPatient, openCalendar } from '../../tests/calendar.ts'

const monday = '2031-03-03T09:00:00Z'

/** A caregiver with these powers over a patient. */
async function caregiverOf(
  house: TestHouse,
  patient: string,
  powers: string[],
  until: string | null = null,
): Promise<Client> {
  const caregiver = await house.signedIn({ self: { caregiver: newId() } })
  await house.owner.query(
    `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from, valid_until) values ($1, $2, 'mandate', 'Patient', $3, $4, '2020-01-01Z', $5)`,
    [newId(), caregiver.account, patient, powers, until],
  )
  return caregiver
}

const isOfBooking = ({ event }: { event: { name: string } }) => event.name === 'Appointment.booked'

const count = async ({ owner }: TestHouse) => (await owner.query('select from scheduling.appointment')).rowCount

describe('POST /v1/appointments', () => {
  it('books, audits and announces in one transaction', async () => {
    await using house = await openTestHouse(everything)
    const practitioner = await openCalendar(house)
    const client = await newPatient(house)
    const { status, body, headers } = await client.post('/v1/appointments', {
      practitioner,
      patient: client.patient,
      start: monday,
      mode: 'video',
      reason: 'Cough',
    })
    assert.equal(status, 201)
    assert.deepEqual(
      { ...body, id: '' },
      {
        id: '',
        status: 'booked',
        practitioner,
        patient: client.patient,
        place: body.place,
        mode: 'video',
        start: '2031-03-03T09:00:00.000Z',
        end: '2031-03-03T09:30:00.000Z',
        zone: 'UTC',
        reason: 'Cough',
        channel: 'web',
        sequence: 0,
        version: 1,
      },
    )
    assert.equal(headers.location, `/v1/appointments/${body.id}`)
    assert.equal(headers.etag, '"1"')
    const audit = await house.owner.query(
      'select action, subject, relationship, operation from platform.audit_event where entity = $1',
      [`Appointment/${body.id}`],
    )
    assert.deepEqual(audit.rows, [
      { action: 'C', subject: `Patient/${client.patient}`, relationship: 'self', operation: 'bookAppointment' },
    ])
    const jobs = await house.owner.query(
      `select payload from graphile_worker._private_jobs where payload::text like '%Appointment.booked%'`,
    )
    assert.equal(jobs.rowCount, everything.filter(({ subscriptions }) => subscriptions.some(isOfBooking)).length)
    assert.doesNotMatch(JSON.stringify(jobs.rows), /Cough/, 'what troubles the patient is in no event')
  })

  it('costs at most three round trips, with the session, a mandate and an Idempotency-Key', async () => {
    await using house = await openTestHouse(everything)
    const practitioner = await openCalendar(house)
    const { patient } = await newPatient(house)
    const caregiver = await caregiverOf(house, patient, ['book'])
    const book = (start: string) =>
      caregiver.post('/v1/appointments', { practitioner, patient, start }, { 'idempotency-key': start })
    await book('2031-03-03T09:00:00Z')
    const { result, trips, statements } = await house.cost(() => book('2031-03-03T10:00:00Z'))
    assert.equal(result.status, 201)
    assert.ok(trips <= 3, `${trips} trips`)
    // Session; begin, key, facts; wishes, claims, what the FHIR store shows, audit with events and answer, commit.
    assert.equal(statements, 9)
  })

  const refused: [rule: string, request: object, status: number, detail: RegExp, pointer?: string][] = [
    ['in the past', { start: '2031-02-28T09:00:00Z' }, 422, /future/],
    ['too far ahead', { start: '2032-03-03T09:00:00Z' }, 422, /90 days/],
    ['off the grid', { start: '2031-03-03T09:03:00Z' }, 422, /multiples of 5/],
    ['outside the hours', { start: '2031-03-03T20:00:00Z' }, 422, /no hours/],
    ['reaching over the end of the hours', { start: '2031-03-03T17:45:00Z' }, 422, /no hours/],
    ['in a mode that is not offered', { start: monday, mode: 'phone' }, 422, /in-person or video/],
    [
      'with nobody',
      { start: monday, practitioner: '018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f' },
      404,
      /no such practitioner/,
    ],
    ['for a stranger', { start: monday, patient: '018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f' }, 404, /may not book/],
    [
      'with a hold and a time at once',
      { start: monday, hold: '018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f' },
      422,
      /either a hold/,
    ],
    ['on a day that does not exist', { start: '2031-02-30T09:00:00Z' }, 400, /wrong/, '/body/start'],
    ['with a member that is unknown', { start: monday, status: 'fulfilled' }, 400, /wrong/, '/body/status'],
  ]
  for (const [rule, request, status, detail, pointer] of refused)
    it(`refuses a visit ${rule}, and writes nothing`, async () => {
      await using house = await openTestHouse(everything)
      const practitioner = await openCalendar(house)
      const client = await newPatient(house)
      const answer = await client.post('/v1/appointments', { practitioner, patient: client.patient, ...request })
      assert.equal(answer.status, status, JSON.stringify(answer.body))
      assert.match(answer.body.detail, detail)
      assert.equal(answer.body.errors?.[0].pointer, pointer)
      assert.equal(await count(house), 0)
    })

  it('refuses whoever has no licence at the time of the visit', async () => {
    await using house = await openTestHouse(everything)
    const practitioner = await openCalendar(house)
    const client = await newPatient(house)
    await house.owner.query(`update scheduling.practitioner set licensed_until = '2031-03-03T08:00:00Z'`)
    const { status, body } = await client.post('/v1/appointments', {
      practitioner,
      patient: client.patient,
      start: monday,
    })
    assert.equal(status, 422)
    assert.match(body.detail, /no valid licence/)
  })

  it('takes a mandate with the power to book, and no other; not an expired one, not a revoked one', async () => {
    await using house = await openTestHouse(everything)
    const practitioner = await openCalendar(house)
    const { patient } = await newPatient(house)
    const attempt = async (caregiver: Client, start: string) =>
      (await caregiver.post('/v1/appointments', { practitioner, patient, start })).status
    assert.equal(await attempt(await caregiverOf(house, patient, ['see-record']), monday), 404)
    assert.equal(await attempt(await caregiverOf(house, patient, ['book'], '2031-03-01T07:00:00Z'), monday), 404)
    const caregiver = await caregiverOf(house, patient, ['book'])
    assert.equal(await attempt(caregiver, monday), 201)
    await house.owner.query(
      `update platform.access_grant set revoked_at = $1 where account_id = $2 and relationship = 'mandate'`,
      ['2031-03-01T07:30:00Z', caregiver.account],
    )
    assert.equal(await attempt(caregiver, '2031-03-03T11:00:00Z'), 404)
    assert.equal(await count(house), 1)
  })

  it('needs a role that may book', async () => {
    await using house = await openTestHouse(everything)
    const request = { practitioner: newId(), patient: newId(), start: monday }
    assert.equal((await house.anonymous.post('/v1/appointments', request)).status, 401)
    assert.equal(
      (await (await house.signedIn({ roles: ['administrator'] })).post('/v1/appointments', request)).status,
      403,
    )
  })
})

describe('a booking that begins before what search looks at', () => {
  it('may leave a time that fits a visit where none did', async () => {
    await using house = await openTestHouse(everything, { now: '2031-03-01T08:04:30Z' })
    const client = await newPatient(house)
    const practitioner = await openCalendar(house, { from: '07:10', until: '10:05', minutes: 60 })
    await house.owner.query(`delete from scheduling.shift where lower(during) > '2031-03-02'`)
    await house.owner.query(`delete from scheduling.free_range where start_at > '2031-03-02'`)
    await house.owner.query(`update scheduling.offer set next_at = 'infinity'`) // 09:10 to 10:10 is too long
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
    const booked = await client.post('/v1/appointments', {
      practitioner,
      patient: client.patient,
      start: '2031-03-01T08:05:00Z',
    })
    assert.equal(booked.status, 201)
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
    const { body } = await client.get('/v1/practitioners/find')
    assert.equal(body.items[0].next.start, '2031-03-01T09:05:00.000Z')
  })
})

describe('an Idempotency-Key', () => {
  it('repeated while the first is being handled is never told that the time is taken', async () => {
    await using house = await openTestHouse(everything, {
      env: { DATABASE_POOL_SIZE: '16', RATE_LIMIT_PER_MINUTE: '1000000' },
    })
    const practitioner = await openCalendar(house, { from: '00:00', until: '24:00', minutes: 5 })
    const client = await newPatient(house)
    for (let i = 0; i < 280; i++) {
      const start = new Date(Date.parse('2031-03-03T00:00:00Z') + i * 300_000).toISOString()
      const ask = async () => {
        const request = { practitioner, patient: client.patient, start }
        const { status, body } = await client.post('/v1/appointments', request, { 'idempotency-key': `k${i}` })
        assert.ok(status === 201 || /is being handled/.test(body.detail), JSON.stringify(body))
      }
      let over = false
      const repeat = async (milliseconds: number) => {
        await wait(milliseconds)
        for (let n = 0; n < 3 && !over; n++) await ask()
      }
      const first = ask().then(() => {
        over = true
      })
      await Promise.all([first, ...[0, 1, 1, 2, 2, 3].map(repeat)])
    }
    assert.equal(await count(house), 280)
  })
})

describe('POST /v1/appointments/{id}/reschedule and /cancel', () => {
  it('move with a rising sequence, keep the old time when the new one is taken, and free it when it is won', async () => {
    await using house = await openTestHouse(everything)
    const practitioner = await openCalendar(house)
    const [a, b] = [await newPatient(house), await newPatient(house)]
    const mine = (await a.post('/v1/appointments', { practitioner, patient: a.patient, start: monday })).body
    await b.post('/v1/appointments', { practitioner, patient: b.patient, start: '2031-03-03T10:00:00Z' })
    const move = (start: string, version: number) =>
      a.post(`/v1/appointments/${mine.id}/reschedule`, { start }, { 'if-match': `"${version}"` })
    const taken = await move('2031-03-03T10:00:00Z', 1)
    assert.equal(taken.status, 409)
    assert.equal(taken.body.alternatives.length, 5)
    assert.equal((await a.get(`/v1/appointments/${mine.id}`)).body.start, '2031-03-03T09:00:00.000Z')
    const moved = await move('2031-03-03T09:15:00Z', 1)
    assert.equal(moved.status, 200)
    assert.deepEqual([moved.body.sequence, moved.body.version], [1, 2])
    assert.equal((await move('2031-03-03T12:00:00Z', 1)).status, 412)
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
  })

  it('are for those who may see it: the practitioner and whoever may book for the patient; to others it is not there', async () => {
    await using house = await openTestHouse(everything)
    const practitioner = await openCalendar(house)
    const doctor = await house.signedIn({ self: { practitioner } })
    const [a, b] = [await newPatient(house), await newPatient(house)]
    const { id } = (await a.post('/v1/appointments', { practitioner, patient: a.patient, start: monday })).body
    const cancel = async (client: Client) =>
      (await client.post(`/v1/appointments/${id}/cancel`, { reason: 'prov' }, { 'if-match': '"1"' })).status
    assert.equal((await b.get(`/v1/appointments/${id}`)).status, 404)
    assert.equal(await cancel(b), 404)
    assert.equal((await doctor.get(`/v1/appointments/${id}`)).status, 200)
    assert.equal(await cancel(doctor), 200)
    assert.equal(await cancel(doctor), 412)
    const { body } = await a.get(`/v1/appointments/${id}`)
    assert.deepEqual([body.status, body.cancelReason], ['cancelled', 'prov'])
    assert.equal(
      (await a.post(`/v1/appointments/${id}/reschedule`, { start: '2031-03-03T12:00:00Z' }, { 'if-match': '"2"' }))
        .status,
      422,
    )
  })

  it('are not for a practitioner whose licence has ended, whatever else they are', async () => {
    await using house = await openTestHouse(everything)
    const practitioner = await openCalendar(house)
    const doctor = await house.signedIn({ self: { practitioner, caregiver: newId() } })
    const a = await newPatient(house)
    const { id } = (await a.post('/v1/appointments', { practitioner, patient: a.patient, start: monday })).body
    assert.equal((await doctor.get('/v1/appointments')).body.items.length, 1)
    await house.owner.query(
      `update platform.access_grant set valid_until = '2031-03-01T08:30:00Z' where relationship = 'licence'`,
    )
    house.setNow('2031-03-01T08:31:00Z')
    assert.equal((await doctor.get('/v1/appointments')).body.items.length, 0)
    assert.equal((await doctor.get(`/v1/appointments/${id}`)).status, 404)
    assert.equal(
      (await doctor.post(`/v1/appointments/${id}/cancel`, { reason: 'prov' }, { 'if-match': '"1"' })).status,
      404,
    )
  })

  it('are over when the visit has begun', async () => {
    await using house = await openTestHouse(everything)
    const practitioner = await openCalendar(house)
    const a = await newPatient(house)
    const { id } = (await a.post('/v1/appointments', { practitioner, patient: a.patient, start: monday })).body
    house.setNow('2031-03-03T09:00:00Z')
    const { status, body } = await a.post(`/v1/appointments/${id}/cancel`, { reason: 'pat' }, { 'if-match': '"1"' })
    assert.equal(status, 422)
    assert.match(body.detail, /has begun/)
  })
})

describe('GET /v1/appointments', () => {
  it('pages through what one may see, by start, and filters', async () => {
    await using house = await openTestHouse(everything)
    const practitioner = await openCalendar(house)
    const doctor = await house.signedIn({ self: { practitioner } })
    const [a, b] = [await newPatient(house), await newPatient(house)]
    for (const [client, hour] of [
      [a, '09'],
      [b, '10'],
      [a, '11'],
      [b, '12'],
      [a, '13'],
    ] as const)
      await client.post('/v1/appointments', {
        practitioner,
        patient: client.patient,
        start: `2031-03-03T${hour}:00:00Z`,
      })
    const hours = ({ body }: { body: { items: { start: string }[] } }) =>
      body.items.map(({ start }) => start.slice(11, 13))
    assert.deepEqual(hours(await a.get('/v1/appointments')), ['09', '11', '13'])
    const first = await doctor.get('/v1/appointments?limit=2')
    assert.deepEqual(hours(first), ['09', '10'])
    assert.equal(first.headers.link, `</v1/appointments?limit=2&cursor=${first.body.next}>; rel="next"`)
    const second = await doctor.get(`/v1/appointments?limit=2&cursor=${first.body.next}`)
    assert.deepEqual(hours(second), ['11', '12'])
    assert.deepEqual(hours(await doctor.get(`/v1/appointments?limit=2&cursor=${second.body.next}`)), ['13'])
    assert.deepEqual(hours(await doctor.get(`/v1/appointments?patient=${b.patient}`)), ['10', '12'])
    assert.deepEqual(hours(await a.get(`/v1/appointments?patient=${b.patient}`)), [])
    assert.deepEqual(hours(await doctor.get('/v1/appointments?from=2031-03-03T10:45:00Z&until=2031-03-03T12:00:00Z')), [
      '11',
    ])
    assert.equal((await doctor.get('/v1/appointments?cursor=bm9wZQ')).status, 400)
  })
})
