import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import { type Client, openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { newPatient } from '../../../tests/calendar.ts'
import { addPractitioner, arrive, book, type Clinic, ok, openClinic, version } from './testing.ts'

/** A queue for everybody of a speciality, without asking registry about the place. */
async function openShared({ house, place }: Clinic, zone = 'UTC', speciality = 'cardiology'): Promise<string> {
  const queue = newId()
  await house.owner.query(
    `insert into scheduling.queue (id, place_id, zone, letter, speciality, minutes, created_at) values ($1, $2, $3, 'G', $4, 15, $5)`,
    [queue, place, zone, speciality, house.house.now()],
  )
  return queue
}

const join = async (who: Client, queue: string, more: object = {}) =>
  ok(await who.post('/v1/queue-entries', { queue, ...more }), 201)
const callNext = (who: Client, queue: string, body: object = {}) => who.post(`/v1/queues/${queue}/call-next`, body)
const labels = (entries: { label: string }[]) => entries.map(({ label }) => label)

describe('POST /v1/queue-entries', () => {
  it('gives somebody who is not registered a number, and knows no more of them than a first name', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const queue = await openShared(clinic)
    const one = await join(clinic.desk, queue, { firstName: 'Sami' })
    assert.deepEqual(
      [one.label, one.firstName, one.state, one.dueAt],
      ['G1', 'Sami', 'waiting', '2031-03-01T09:00:00.000Z'],
    )
    assert.equal((await join(clinic.doctor, queue)).label, 'G2')
    assert.equal((await house.anonymous.post('/v1/queue-entries', { queue })).status, 401)
    assert.equal((await clinic.stranger.post('/v1/queue-entries', { queue })).status, 404)
    assert.equal((await (await newPatient(house)).post('/v1/queue-entries', { queue })).status, 403)
    assert.equal((await clinic.desk.post('/v1/queue-entries', { queue: newId() })).status, 404)
    assert.equal((await clinic.desk.post('/v1/queue-entries', { queue, firstName: '' })).status, 400)
    const both = { queue, patient: newId(), firstName: 'Sami' }
    assert.equal((await clinic.desk.post('/v1/queue-entries', both)).status, 422)
  })

  it('takes a patient whom the desk looks after, once, and shows them where they stand', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const queue = await openShared(clinic)
    const patient = await newPatient(house)
    const wanted = { queue, patient: patient.patient }
    assert.equal((await clinic.desk.post('/v1/queue-entries', wanted)).status, 404, 'not one of theirs')
    await house.owner.query(
      `insert into platform.desk_grant (id, organisation_id, subject_type, subject_id, source_id, valid_from) values ($1, $2, 'Patient', $3, $3, '2030-01-01Z')`,
      [newId(), clinic.organisation, patient.patient],
    )
    await join(clinic.desk, queue)
    const { id } = await join(clinic.desk, queue, { patient: patient.patient })
    assert.equal((await clinic.desk.post('/v1/queue-entries', wanted)).status, 409, 'waits there already')
    assert.deepEqual(labels(ok(await patient.get('/v1/queue-entries')).items), ['G2'])
    assert.equal(ok(await patient.get(`/v1/queue-entries/${id}`)).ahead, 1)
    assert.equal((await (await newPatient(house)).get(`/v1/queue-entries/${id}`)).status, 404)
    const { rows } = await house.owner.query(
      `select action, subject, relationship from platform.audit_event where entity = $1 order by id`,
      [`QueueEntry/${id}`],
    )
    const subject = `Patient/${patient.patient}`
    assert.deepEqual(rows.slice(0, 2), [
      { action: 'C', subject, relationship: 'desk' },
      { action: 'R', subject, relationship: 'self' },
    ])
  })

  it('has a reason for a priority, and none for standard', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const queue = await openShared(clinic)
    for (const urgency of [{ priority: 'urgent' }, { priorityReason: 'triage' }])
      assert.equal((await clinic.desk.post('/v1/queue-entries', { queue, ...urgency })).status, 422)
  })

  it('numbers a day without holes or doubles, however many desks there are', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const queue = await openShared(clinic)
    const desks = [clinic.desk, clinic.doctor]
    const all = Array.from({ length: 30 }, (_, i) => i)
    const given = await Promise.all(
      // every third is refused after its number was taken: a practitioner who is not there
      all.map((i) =>
        (desks[i % 2] as Client).post('/v1/queue-entries', { queue, ...(i % 3 === 0 && { practitioner: newId() }) }),
      ),
    )
    const numbers = given.filter(({ status }) => status === 201).map(({ body }) => Number(body.label.slice(1)))
    assert.deepEqual(
      numbers.sort((a, b) => a - b),
      Array.from({ length: 20 }, (_, i) => i + 1),
    )
  })

  for (const [zone, before, after] of [
    ['Asia/Kolkata', '2031-12-31T18:29:00Z', '2031-12-31T18:30:00Z'],
    ['America/New_York', '2031-11-02T03:59:00Z', '2031-11-02T04:00:00Z'], // the day on which clocks go back
    ['America/New_York', '2032-01-01T04:59:00Z', '2032-01-01T05:00:00Z'],
  ] as const)
    it(`begins anew at midnight in ${zone}, and forgets nobody: ${after}`, async () => {
      await using house = await openTestHouse(everything, { now: before })
      const clinic = await openClinic(house, zone)
      const queue = await openShared(clinic, zone)
      const [one, two] = [await join(clinic.desk, queue), await join(clinic.desk, queue)]
      house.setNow(after)
      const three = await join(clinic.desk, queue)
      assert.deepEqual(labels([one, two, three]), ['G1', 'G2', 'G1'])
      assert.ok(one.date < three.date, `${one.date} ${three.date}`)
      const { waiting } = ok(await clinic.desk.get(`/v1/queues/${queue}/entries`))
      assert.deepEqual(
        waiting.map(({ id }: { id: string }) => id),
        [one.id, two.id, three.id],
      )
    })
})

describe('POST /v1/queues/:id/call-next', () => {
  it('calls the urgent first, then who is due first, booked or not', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const nine = await book(clinic, '2031-03-01T09:00:00Z')
    const ten = await book(clinic, '2031-03-01T10:00:00Z')
    const { queue } = ok(await arrive(clinic.desk, ten.visit)).entry // A1, due at ten
    await join(clinic.desk, queue) // A2, due at nine
    await join(clinic.desk, queue, { priority: 'urgent', priorityReason: 'triage' }) // A3, due at half past eight
    ok(await arrive(clinic.desk, nine.visit)) // A4, due at nine; came after A2
    const last = await join(clinic.desk, queue, { priority: 'immediate', priorityReason: 'triage' }) // A5
    await join(clinic.desk, queue, { priority: 'non-urgent', priorityReason: 'triage' }) // A6, due at ten; came after A1
    const { waiting } = ok(await clinic.desk.get(`/v1/queues/${queue}/entries`))
    assert.deepEqual(labels(waiting), ['A5', 'A3', 'A2', 'A4', 'A1', 'A6'])
    const called = []
    for (let i = 0; i < 6; i++) called.push(ok(await callNext(clinic.doctor, queue)))
    assert.deepEqual(labels(called), labels(waiting))
    assert.deepEqual([called[0].id, called[0].state, called[0].practitioner], [last.id, 'called', clinic.practitioner])
    const empty = await callNext(clinic.doctor, queue)
    assert.deepEqual([empty.status, empty.body.detail], [422, 'Nobody waits here whom this practitioner could call.'])
  })

  it('calls who is in danger before those who have waited long', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const queue = await openShared(clinic)
    await join(clinic.desk, queue)
    house.setNow('2031-03-01T11:00:00Z') // two hours after they were due
    for (const priority of ['urgent', 'very-urgent', 'immediate'])
      await join(clinic.desk, queue, { priority, priorityReason: 'triage' })
    assert.deepEqual(labels(ok(await clinic.desk.get(`/v1/queues/${queue}/entries`)).waiting), ['G4', 'G3', 'G1', 'G2'])
  })

  it('gives each who presses at once somebody else', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const second = await addPractitioner(house, clinic.place)
    const queue = await openShared(clinic)
    for (let i = 0; i < 10; i++) await join(clinic.desk, queue)
    const pressed = await Promise.all(
      Array.from({ length: 10 }, (_, i) => callNext(i % 2 ? clinic.doctor : second.doctor, queue)),
    )
    const got = new Set(pressed.map((answer) => ok(answer).label))
    assert.equal(got.size, 10)
    const mine = pressed.filter(({ body }) => body.practitioner === second.practitioner)
    assert.equal(mine.length, 5)
  })

  it('leaves those who are booked with another practitioner to that one', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const second = await addPractitioner(house, clinic.place)
    const queue = await openShared(clinic)
    const { visit } = await book(clinic, '2031-03-01T09:00:00Z')
    const entry = ok(await arrive(clinic.desk, visit)).entry
    assert.equal(entry.queue, queue, 'no queue of their own is opened where there is one of the speciality')
    assert.equal((await callNext(second.doctor, queue)).status, 422)
    const call = { step: 'call' }
    const direct = await second.doctor.post(`/v1/queue-entries/${entry.id}/steps`, call, version(1))
    assert.match(direct.body.detail, /another practitioner/)
    assert.match((await callNext(clinic.desk, queue)).body.detail, /name who calls/)
    assert.equal(ok(await callNext(clinic.desk, queue, { practitioner: clinic.practitioner })).id, entry.id)
    assert.equal((await callNext(clinic.desk, queue, { practitioner: newId() })).status, 422)
    assert.equal((await callNext(clinic.stranger, queue)).status, 404)
  })
})

describe('POST /v1/queue-entries/:id/steps', () => {
  const stepper = (clinic: Clinic, id: string) => (body: object, at: number) =>
    clinic.desk.post(`/v1/queue-entries/${id}/steps`, body, version(at))

  it('goes through a visit, and takes the appointment along', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const { visit, ...patient } = await book(clinic, '2031-03-01T09:00:00Z')
    const { id } = ok(await arrive(clinic.desk, visit)).entry
    const step = stepper(clinic, id)
    const status = async () => ok(await patient.get(`/v1/appointments/${visit}`)).status
    assert.equal(ok(await step({ step: 'call' }, 1)).state, 'called')
    house.setNow('2031-03-01T09:01:00Z')
    const back = ok(await step({ step: 'put-back', reason: 'did-not-answer' }, 2))
    assert.deepEqual([back.state, back.dueAt, back.calledAt], ['waiting', '2031-03-01T09:11:00.000Z', undefined])
    ok(await step({ step: 'call' }, 3))
    ok(await step({ step: 'finish' }, 4))
    assert.equal(await status(), 'fulfilled')
    assert.equal(ok(await step({ step: 'undo', reason: 'other' }, 5)).state, 'called')
    assert.equal(await status(), 'arrived')
    ok(await step({ step: 'leave', reason: 'left-unseen' }, 6))
    assert.equal(await status(), 'noshow')
    ok(await step({ step: 'undo', reason: 'came-after-all' }, 7))
    ok(await step({ step: 'undo', reason: 'other' }, 8))
    ok(await step({ step: 'undo', reason: 'other' }, 9))
    assert.equal(await status(), 'booked')
    assert.equal((await patient.post(`/v1/queue-entries/${id}/steps`, { step: 'call' }, version(10))).status, 403)
  })

  it('says what cannot be: no reason, the wrong one, another version, another day, what is over', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const queue = await openShared(clinic)
    const { id } = await join(clinic.desk, queue)
    const step = stepper(clinic, id)
    const refused = async (body: object, detail: RegExp) => {
      const answer = await step(body, 1)
      assert.equal(answer.status, 422)
      assert.match(answer.body.detail, detail)
    }
    await refused({ step: 'leave' }, /one of the reasons left-unseen/)
    await refused({ step: 'leave', reason: 'not-ready' }, /one of the reasons/)
    await refused({ step: 'finish', reason: 'other' }, /has no reason/)
    await refused({ step: 'put-back', reason: 'not-ready' }, /was called can be put back/)
    await refused({ step: 'call' }, /name who calls/)
    assert.equal((await step({ step: 'sit' }, 1)).status, 400)
    assert.equal((await step({ step: 'finish' }, 2)).status, 412)
    assert.equal(
      (await clinic.stranger.post(`/v1/queue-entries/${id}/steps`, { step: 'finish' }, version(1))).status,
      404,
    )
    house.setNow('2031-03-01T20:00:01Z')
    await refused({ step: 'finish' }, /another day/)
  })

  it('is taken once when two press at once', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const { id } = await join(clinic.desk, await openShared(clinic))
    const step = stepper(clinic, id)
    const both = await Promise.all([step({ step: 'finish' }, 1), step({ step: 'leave', reason: 'left-unseen' }, 1)])
    assert.deepEqual(both.map(({ status }) => status).sort(), [200, 412])
  })
})

describe('the wait that is told', () => {
  it('is reckoned from those before, who is there, and what visits took today', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const queue = await openShared(clinic) // fifteen minutes planned
    const told = async () => {
      const { waiting } = ok(await clinic.desk.get(`/v1/queues/${queue}/entries`))
      return waiting.map(({ wait }: { wait?: { from: number; until: number } }) => wait && (wait.from + wait.until) / 2)
    }
    for (let i = 0; i < 3; i++) await join(clinic.desk, queue)
    const alone = await told()
    assert.equal(alone[0], 0, 'somebody is free')
    await addPractitioner(house, clinic.place)
    const two = await told()
    assert.deepEqual(two.slice(0, 2), [0, 0])
    assert.ok(two[2] < alone[2], `${two} ${alone}`)
    const { items } = ok(await clinic.desk.get(`/v1/places/${clinic.place}/queues`))
    assert.equal(items[0].waiting, 3)
    assert.ok(items[0].wait.until > 0)
    const called = ok(await callNext(clinic.doctor, queue))
    house.setNow('2031-03-01T08:45:00Z')
    ok(await clinic.doctor.post(`/v1/queue-entries/${called.id}/steps`, { step: 'finish' }, version(2)))
    await join(clinic.desk, queue)
    const slower = await told()
    assert.ok(slower[2] > two[2], `a visit took three times as long as planned: ${slower} ${two}`)
  })

  it('counts those who are booked and still come, and says nothing where nobody is', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const queue = await openShared(clinic)
    await join(clinic.desk, queue, { priority: 'non-urgent', priorityReason: 'triage' })
    const { id } = await join(clinic.desk, queue, { priority: 'non-urgent', priorityReason: 'triage' })
    const before = ok(await clinic.desk.get(`/v1/queue-entries/${id}`)).wait
    house.setNow('2031-03-01T07:59:00Z')
    await book(clinic, '2031-03-01T08:00:00Z')
    house.setNow('2031-03-01T08:01:00Z')
    const after = ok(await clinic.desk.get(`/v1/queue-entries/${id}`)).wait
    assert.ok(after.until > before.until, `${before.until} ${after.until}`)
    await house.owner.query('delete from scheduling.shift')
    assert.equal(ok(await clinic.desk.get(`/v1/queue-entries/${id}`)).wait, undefined)
  })
})

describe('PATCH /v1/queue-entries/:id', () => {
  it('moves somebody who is worse to the front', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const queue = await openShared(clinic)
    await join(clinic.desk, queue)
    const { id } = await join(clinic.desk, queue)
    const worse = { priority: 'very-urgent', priorityReason: 'worse' }
    assert.equal((await clinic.stranger.patch(`/v1/queue-entries/${id}`, worse, version(1))).status, 404)
    ok(await clinic.desk.patch(`/v1/queue-entries/${id}`, worse, version(1)))
    assert.deepEqual(labels(ok(await clinic.doctor.get(`/v1/queues/${queue}/entries`)).waiting), ['G2', 'G1'])
    assert.equal((await clinic.desk.patch(`/v1/queue-entries/${id}`, { priority: 'urgent' }, version(2))).status, 422)
  })
})
