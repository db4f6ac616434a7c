import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PLAN_ONCE } from '#platform/session.ts'
import { type Client, openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { faultsOf, newPatient, openCalendar } from '../../tests/calendar.ts'
import { openPractice, weekly } from './testing.ts'

const open = () => openTestHouse(everything)
const book = (client: Client & { patient: string }, practitioner: string, time: string, more = {}) =>
  client.post('/v1/appointments', { practitioner, patient: client.patient, start: `2031-03-03T${time}:00Z`, ...more })
const whole = async (house: TestHouse) => assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })

describe('hours with devices', () => {
  it('take them with each visit: who shares one waits, in searches too', async () => {
    await using house = await open()
    const { doctor, practitioner, place } = await openPractice(house, 'UTC')
    const hours = weekly(place, { room: 'Room 1', devices: ['Ultrasound', 'Monitor'] })
    const { status, body } = await doctor.post('/v1/schedules', hours)
    assert.equal(status, 201, JSON.stringify(body))
    assert.deepEqual([body.room, body.devices], ['Room 1', ['Monitor', 'Ultrasound']])
    const other = await openCalendar(house, { place, device: 'Ultrasound' })
    const [a, b] = [await newPatient(house), await newPatient(house)]
    assert.equal((await book(a, practitioner, '09:00')).status, 201)
    const taken = await book(b, other, '09:00')
    assert.equal(taken.status, 409)
    assert.deepEqual(taken.body.conflicts, [
      { resource: 'device', start: '2031-03-03T09:00:00.000Z', end: '2031-03-03T09:30:00.000Z' },
    ])
    const slots = await b.get(`/v1/practitioners/${other}/slots?from=2031-03-03T08:30:00Z&until=2031-03-03T10:00:00Z`)
    assert.deepEqual(
      slots.body.items.map(({ start }: { start: string }) => start.slice(11, 16)),
      ['08:30', '09:30'],
    )
    assert.equal((await book(b, other, '09:30')).status, 201)
    assert.equal((await book(a, practitioner, '09:30')).status, 409)
    await whole(house)
  })

  it('are told where the device is, and give it back when they have it no more', async () => {
    await using house = await open()
    const { doctor, practitioner, place } = await openPractice(house, 'UTC')
    const nowhere = { ...weekly(place), modes: ['video'], place: undefined, zone: 'UTC', devices: ['Camera'] }
    const refused = await doctor.post('/v1/schedules', nowhere)
    assert.equal(refused.status, 422)
    assert.match(refused.body.detail, /name the place/)
    const made = (await doctor.post('/v1/schedules', weekly(place, { devices: ['Ultrasound'] }))).body
    const other = await openCalendar(house, { place, device: 'Ultrasound' })
    assert.equal((await book(await newPatient(house), practitioner, '09:00')).status, 201)
    const without = await doctor.put(`/v1/schedules/${made.id}`, weekly(place), { 'if-match': '"1"' })
    assert.equal(without.status, 200, JSON.stringify(without.body))
    assert.equal(without.body.devices, undefined)
    assert.equal((await book(await newPatient(house), other, '09:00')).status, 409, 'what is booked keeps it')
    assert.equal((await book(await newPatient(house), practitioner, '09:30')).status, 201)
    assert.equal((await book(await newPatient(house), other, '09:30')).status, 201)
    await whole(house)
  })
})

describe('the shifts of what a visit takes', () => {
  it('are read one resource after the other, and nobody else’s at that time', async () => {
    await using house = await open()
    const practitioner = await openCalendar(house)
    for (let n = 0; n < 5; n++) await openCalendar(house)
    const { owner } = house
    await owner.query('begin; set local search_path = scheduling, platform')
    for (const [name, value] of Object.entries(PLAN_ONCE))
      await owner.query('select set_config($1, $2, true)', [name, value])
    const { rows } = await owner.query(
      `select cardinality(shifts_of(array[$1, gen_random_uuid()]::uuid[], tstzrange('2031-03-03T09:00Z', '2031-03-03T09:30Z'))) as found`,
      [practitioner],
    )
    const read = await owner.query(
      `select (seq_tup_read + idx_tup_fetch)::int as rows from pg_stat_xact_user_tables where relid = 'shift'::regclass`,
    )
    await owner.query('rollback')
    assert.deepEqual([rows[0].found, read.rows[0].rows], [1, 1])
  })
})

describe('hours for patients who are known', () => {
  it('refuse others, who find other hours', async () => {
    await using house = await open()
    const { doctor, practitioner, place } = await openPractice(house, 'UTC')
    const known = await newPatient(house)
    const schedule = (await doctor.post('/v1/schedules', weekly(place))).body
    assert.equal((await book(known, practitioner, '09:00')).status, 201)
    const closed = await doctor.put(`/v1/schedules/${schedule.id}`, weekly(place, { newPatients: false }), {
      'if-match': '"1"',
    })
    assert.equal(closed.status, 200, JSON.stringify(closed.body))
    assert.equal(closed.body.newPatients, false)
    const stranger = await newPatient(house)
    const refused = await book(stranger, practitioner, '09:30')
    assert.equal(refused.status, 422)
    assert.match(refused.body.detail, /whom the practitioner knows/)
    assert.equal((await book(known, practitioner, '09:30')).status, 201)
    const find = async (query: string) => (await stranger.get(`/v1/practitioners/find?${query}`)).body.items.length
    assert.equal(await find('speciality=cardiology'), 1)
    assert.equal(await find('speciality=cardiology&newPatient=true'), 0)
    assert.equal(await find('speciality=cardiology&minutes=30'), 1)
    assert.equal(await find('speciality=cardiology&minutes=35'), 0)
  })
})

describe('overbooking', () => {
  it('puts a visit into time that is taken, with a reason and an audit row, and keeps the time from everybody else', async () => {
    await using house = await open()
    const { doctor, practitioner, place } = await openPractice(house, 'UTC')
    assert.equal((await doctor.post('/v1/schedules', weekly(place, { room: 'Room 1' }))).status, 201)
    const [a, b] = [await newPatient(house), await newPatient(house)]
    const first = await book(a, practitioner, '09:00')
    const treated = await treats(house, practitioner, b.patient)
    const reason = { overbook: 'A child with fever' }
    const second = await treated.post('/v1/appointments', {
      ...{ practitioner, patient: b.patient, start: '2031-03-03T09:00:00Z' },
      ...reason,
    })
    assert.equal(second.status, 201, JSON.stringify(second.body))
    assert.equal(second.body.overbooked, true)
    const { rows } = await house.owner.query(
      `select reason from platform.audit_event where entity = $1 and action = 'C'`,
      [`Appointment/${second.body.id}`],
    )
    assert.deepEqual(rows, [{ reason: 'overbooked' }])
    const gone = await a.post(`/v1/appointments/${first.body.id}/cancel`, { reason: 'pat' }, { 'if-match': '"1"' })
    assert.equal(gone.status, 200)
    assert.equal((await book(await newPatient(house), practitioner, '09:00')).status, 409, 'the second is there still')
    await whole(house)
  })

  it('is for who answers for the day', async () => {
    await using house = await open()
    const { doctor, practitioner, place } = await openPractice(house, 'UTC')
    assert.equal((await doctor.post('/v1/schedules', weekly(place))).status, 201)
    const a = await newPatient(house)
    const own = await book(a, practitioner, '09:00', { overbook: 'I want to' })
    assert.equal(own.status, 403)
    assert.match(own.body.detail, /Only the practitioner/)
    assert.equal(
      (
        await doctor.post('/v1/appointments', {
          practitioner,
          patient: a.patient,
          start: '2031-03-03T09:00:00Z',
          overbook: 'x',
        })
      ).status,
      404,
      'of a stranger',
    )
    const hold = await a.post('/v1/holds', { practitioner, patient: a.patient, start: '2031-03-03T09:00:00Z' })
    const both = await a.post('/v1/appointments', { hold: hold.body.id, overbook: 'x' })
    assert.equal(both.status, 422)
  })

  it('stops at five at a time', async () => {
    await using house = await open()
    const { doctor, practitioner, place } = await openPractice(house, 'UTC')
    assert.equal((await doctor.post('/v1/schedules', weekly(place))).status, 201)
    const statuses = []
    for (let n = 0; n < 6; n++) {
      const { patient } = await newPatient(house)
      const client = await treats(house, practitioner, patient)
      const wish = { practitioner, patient, start: '2031-03-03T09:00:00Z', overbook: 'Everybody is ill' }
      statuses.push((await client.post('/v1/appointments', wish)).status)
    }
    assert.deepEqual(statuses, [201, 201, 201, 201, 201, 409])
    await whole(house)
  })
})

/** The practitioner, who treats this patient. */
async function treats(house: TestHouse, practitioner: string, patient: string) {
  const client = await house.signedIn({ self: { practitioner } })
  await house.owner.query(
    `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, source_id, valid_from)
     values (gen_random_uuid(), $1, 'treatment', 'Patient', $2, '{see-record}', gen_random_uuid(), '2031-01-01')`,
    [client.account, patient],
  )
  return client
}
