import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import { openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { arrive, book, type Clinic, ok, openClinic, version } from './testing.ts'

const start = '2031-03-01T09:00:00Z'

const statusOf = async ({ house }: Clinic, visit: string) =>
  (await house.owner.query('select status from scheduling.appointment where id = $1', [visit])).rows[0].status

describe('POST /v1/appointments/:id/arrive', () => {
  it('checks people in by the desk, the practitioner and themselves, and gives each the next number', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const [one, two, three] = [
      await book(clinic, start),
      await book(clinic, '2031-03-01T09:30:00Z'),
      await book(clinic, '2031-03-01T10:00:00Z'),
    ]
    const first = ok(await arrive(clinic.desk, one.visit))
    assert.deepEqual([first.status, first.version, first.entry.label], ['arrived', 2, 'A1'])
    assert.deepEqual(
      [first.entry.state, first.entry.dueAt, first.entry.priority],
      ['waiting', start.replace('Z', '.000Z'), 'standard'],
    )
    assert.equal(first.entry.appointment, one.visit)
    assert.equal(ok(await arrive(clinic.doctor, two.visit)).entry.label, 'A2')
    assert.equal(ok(await arrive(three, three.visit)).entry.label, 'A3')
    const { rows } = await house.owner.query(
      `select relationship, account_id from platform.audit_event where operation = 'arriveAppointment' order by id`,
    )
    assert.deepEqual(rows, [
      { relationship: 'desk', account_id: clinic.desk.account },
      { relationship: 'practitioner', account_id: clinic.doctor.account },
      { relationship: 'self', account_id: three.account },
    ])
  })

  it('by oneself: not on another day, not long before, not when the time is over, and not with a priority', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const [soon, later, tomorrow] = [
      await book(clinic, '2031-03-01T10:00:00Z'),
      await book(clinic, '2031-03-01T10:30:00Z'),
      await book(clinic, '2031-03-02T09:00:00Z'),
    ]
    const refused = async (who: typeof soon, body: object, detail: RegExp) => {
      const answer = await arrive(who, who.visit, body)
      assert.equal(answer.status, 422)
      assert.match(answer.body.detail, detail)
    }
    await refused(tomorrow, {}, /on the day/)
    await refused(later, {}, /120 minutes before/)
    await refused(soon, { priority: 'urgent', priorityReason: 'triage' }, /desk or the practitioner says/)
    house.setNow('2031-03-01T11:00:00Z')
    await refused(later, { priority: 'urgent' }, /has a reason/)
    await refused(soon, {}, /time of this appointment is over/)
    ok(await arrive(clinic.desk, soon.visit))
  })

  it('refuses whoever is not signed in, has no part in it, or has seen another version', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const { visit } = await book(clinic, start)
    assert.equal((await arrive(house.anonymous, visit)).status, 401)
    assert.equal((await arrive(clinic.stranger, visit)).status, 404)
    assert.equal((await arrive(await house.signedIn({ self: { practitioner: newId() } }), visit)).status, 404)
    assert.equal((await arrive(await house.signedIn({ self: { patient: newId() } }), visit)).status, 404)
    assert.equal((await arrive(clinic.desk, newId())).status, 404)
    assert.equal((await arrive(clinic.desk, visit, {}, 2)).status, 412)
    assert.equal((await clinic.desk.post(`/v1/appointments/${visit}/arrive`, {})).status, 428)
    assert.equal((await arrive(clinic.desk, visit, { priority: 'soon' })).status, 400)
    assert.equal(await statusOf(clinic, visit), 'booked')
  })

  it('lets a caregiver with the power to book check the patient in, and nobody else’s caregiver', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const { visit, patient } = await book(clinic, start)
    const caregiver = await house.signedIn({ self: { caregiver: newId() } })
    assert.equal((await arrive(caregiver, visit)).status, 404)
    await house.owner.query(
      `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)
       values ($1, $2, 'mandate', 'Patient', $3, '{book}', $4)`,
      [newId(), caregiver.account, patient, house.house.now()],
    )
    ok(await arrive(caregiver, visit))
    assert.equal((await caregiver.post(`/v1/appointments/${visit}/fulfil`, {}, version(2))).status, 403)
  })

  it('gives everybody another number without holes when many come at once, and checks each in once', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const visits = []
    for (let i = 0; i < 12; i++)
      visits.push((await book(clinic, new Date(Date.parse(start) + i * 1_800_000).toISOString())).visit)
    const twice = [...visits, ...visits]
    const answers = await Promise.all(twice.map((visit, i) => arrive(i % 2 ? clinic.desk : clinic.doctor, visit)))
    const given = answers.filter(({ status }) => status === 200).map(({ body }) => body.entry.label)
    assert.deepEqual(
      given.sort((a, b) => Number(a.slice(1)) - Number(b.slice(1))),
      visits.map((_, i) => `A${i + 1}`),
    )
    assert.deepEqual([...new Set(answers.map(({ status }) => status))].sort(), [200, 412])
  })
})

describe('the end of a visit', () => {
  it('is said by the practitioner or the desk, and taken back step by step on the same day', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const { visit, ...patient } = await book(clinic, start)
    const path = `/v1/appointments/${visit}`
    const early = await clinic.doctor.post(`${path}/fulfil`, {}, version(1))
    assert.match(early.body.detail, /has not begun/)
    ok(await arrive(clinic.desk, visit))
    assert.equal((await patient.post(`${path}/fulfil`, {}, version(2))).status, 403)
    assert.equal(ok(await clinic.doctor.post(`${path}/fulfil`, {}, version(2))).status, 'fulfilled')
    const again = await clinic.doctor.post(`${path}/fulfil`, {}, version(3))
    assert.deepEqual([again.status, again.body.detail], [422, 'This visit has taken place.'])
    const undo = async (at: number) =>
      ok(await clinic.desk.post(`${path}/undo`, { reason: 'wrong-person' }, version(at))).status
    assert.equal(await undo(3), 'arrived')
    assert.equal(await undo(4), 'booked')
    assert.equal((await clinic.desk.post(`${path}/undo`, { reason: 'wrong-person' }, version(5))).status, 422)
    const { rows } = await house.owner.query('select state, reason from scheduling.queue_entry')
    assert.deepEqual(rows, [{ state: 'withdrawn', reason: 'wrong-person' }])
    assert.equal(ok(await arrive(clinic.desk, visit, {}, 5)).entry.label, 'A2', 'a number is not given twice')
    assert.equal((await clinic.desk.post(`${path}/undo`, { reason: 'whim' }, version(6))).status, 400)
  })

  it('is not taken back on the next day', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const { visit } = await book(clinic, start)
    house.setNow('2031-03-01T09:10:00Z')
    ok(await clinic.doctor.post(`/v1/appointments/${visit}/fulfil`, {}, version(1)))
    house.setNow('2031-03-02T00:00:00Z')
    const late = await clinic.desk.post(`/v1/appointments/${visit}/undo`, { reason: 'other' }, version(2))
    assert.match(late.body.detail, /on the same day only/)
  })

  it('may be that nobody came: not before the time, and whoever comes after all has lost the place, not the turn', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const { visit, ...patient } = await book(clinic, start)
    const path = `/v1/appointments/${visit}/no-show`
    assert.equal((await clinic.desk.post(path, {}, version(1))).status, 422)
    house.setNow('2031-03-01T09:20:00Z')
    assert.equal((await clinic.stranger.post(path, {}, version(1))).status, 404)
    assert.equal((await patient.post(path, {}, version(1))).status, 403)
    assert.equal(ok(await clinic.desk.post(path, {}, version(1))).status, 'noshow')
    assert.match((await arrive(patient, visit, {}, 2)).body.detail, /speak to the desk/)
    const back = ok(await arrive(clinic.desk, visit, {}, 2))
    assert.deepEqual([back.status, back.entry.dueAt], ['arrived', '2031-03-01T09:20:00.000Z'])
    assert.equal((await clinic.desk.post(path, {}, version(3))).status, 422, 'who is here is no no-show')
  })

  it('tells other rooms: arrived, fulfilled, missed', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const { visit } = await book(clinic, start)
    const committed = () => Object.fromEntries(house.house.databases.get('scheduling')?.committed ?? [])
    ok(await arrive(clinic.desk, visit))
    ok(await clinic.doctor.post(`/v1/appointments/${visit}/fulfil`, {}, version(2)))
    const other = await book(clinic, '2031-03-01T08:30:00Z')
    house.setNow('2031-03-01T08:40:00Z')
    ok(await clinic.doctor.post(`/v1/appointments/${other.visit}/no-show`, {}, version(1)))
    const {
      'Appointment.arrived': arrived,
      'Appointment.fulfilled': fulfilled,
      'Appointment.missed': missed,
    } = committed()
    assert.deepEqual([arrived, fulfilled, missed], [1, 1, 1])
  })
})
