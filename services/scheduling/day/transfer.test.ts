import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import { openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { faultsOf } from '../../../tests/calendar.ts'
import { addPractitioner, arrive, book, type Clinic, ok, openClinic, version } from './testing.ts'

/** Two practitioners with a queue each, and somebody who is booked with the first and waits. */
async function twoQueues(clinic: Clinic) {
  const { house } = clinic
  const second = await addPractitioner(house, clinic.place)
  const { visit } = await book(clinic, '2031-03-01T09:00:00Z')
  const other = await book({ house, practitioner: second.practitioner }, '2031-03-01T09:00:00Z')
  const entry = ok(await arrive(clinic.desk, visit)).entry
  const there = ok(await arrive(clinic.desk, other.visit)).entry
  return { second, visit, entry, there }
}

const send = (id: string) => `/v1/queue-entries/${id}/transfer`

describe('POST /v1/queue-entries/:id/transfer', () => {
  it('sends somebody to another practitioner with number, arrival and urgency, and moves nothing in the calendars', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const { second, visit, entry, there } = await twoQueues(clinic)
    const claims = async () => (await house.owner.query('select * from scheduling.claim order by 1, 2')).rows
    const before = await claims()
    house.setNow('2031-03-01T08:30:00Z')
    const wanted = { queue: there.queue, reason: 'practitioner-away' }
    const moved = ok(await clinic.doctor.post(send(entry.id), wanted, version(1)))
    assert.deepEqual(
      [moved.label, moved.queue, moved.practitioner, moved.arrivedAt, moved.dueAt, moved.reason],
      ['A1', there.queue, second.practitioner, entry.arrivedAt, entry.dueAt, 'practitioner-away'],
    )
    assert.deepEqual(await claims(), before)
    assert.deepEqual(await faultsOf(house), { overlaps: 0, divergent: 0 })
    assert.equal((await clinic.doctor.post(`/v1/queues/${entry.queue}/call-next`, {})).status, 422)
    assert.equal(ok(await second.doctor.post(`/v1/queues/${there.queue}/call-next`, {})).id, entry.id)
    ok(await second.doctor.post(`/v1/queue-entries/${entry.id}/steps`, { step: 'finish' }, version(3)))
    const { rows } = await house.owner.query(
      'select status, practitioner_id from scheduling.appointment where id = $1',
      [visit],
    )
    assert.deepEqual(rows, [{ status: 'fulfilled', practitioner_id: clinic.practitioner }])
  })

  it('refuses a queue elsewhere, the same one, somebody who is not there, and what is over', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const { entry, there } = await twoQueues(clinic)
    const elsewhere = await openClinic(house)
    const far = ok(await arrive(elsewhere.desk, (await book(elsewhere, '2031-03-01T09:00:00Z')).visit)).entry
    const to = (body: object, at = 1, who = clinic.desk) =>
      who.post(send(entry.id), { reason: 'other', ...body }, version(at))
    assert.match((await to({ queue: far.queue })).body.detail, /no such queue at this place/)
    assert.match((await to({ queue: newId() })).body.detail, /no such queue at this place/)
    assert.match((await to({ queue: entry.queue })).body.detail, /wait there already/)
    assert.match((await to({ queue: there.queue, practitioner: clinic.practitioner })).body.detail, /does not see/)
    assert.equal((await to({ queue: there.queue }, 2)).status, 412)
    assert.equal((await to({ queue: there.queue }, 1, clinic.stranger)).status, 404)
    assert.equal((await to({ queue: there.queue }, 1, house.anonymous)).status, 401)
    assert.equal((await to({ queue: there.queue, reason: 'mood' })).status, 400)
    ok(await clinic.desk.post(`/v1/queue-entries/${entry.id}/steps`, { step: 'finish' }, version(1)))
    assert.match((await to({ queue: there.queue }, 2)).body.detail, /over already/)
  })

  it('and a call at the same moment: one of the two', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const { entry, there } = await twoQueues(clinic)
    const [sent, called] = await Promise.all([
      clinic.desk.post(send(entry.id), { queue: there.queue, reason: 'other' }, version(1)),
      clinic.doctor.post(`/v1/queues/${entry.queue}/call-next`, {}),
    ])
    assert.deepEqual([sent.status, called.status].sort(), sent.status === 200 ? [200, 422] : [200, 412])
  })
})
