import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import { type Client, openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { addPractitioner, arrive, book, type Clinic, ok, openClinic, version } from './testing.ts'

/** As registry knows practitioner and patient; the desk looks after the patient, who waits without a booking. */
async function openWaiting(clinic: Clinic) {
  const { house, desk, doctor, practitioner, organisation } = clinic
  const knows = (id: string, account: string) =>
    house.owner.query(
      `insert into registry.practitioner (id, account_id, name, gender, languages, specialities, created_at, updated_at)
       values ($1, $2, 'Dr Test', 'female', '{en}', '{cardiology}', now(), now())`,
      [id, account],
    )
  await knows(practitioner, doctor.account)
  const who = await house.signedIn()
  const facts = { name: 'Saba', birthDate: '1990-01-01', gender: 'female', language: 'en', zone: 'UTC' }
  const patient = ok(await who.post('/v1/patients', facts), 201).id as string
  await house.owner.query(
    `insert into platform.desk_grant (id, organisation_id, subject_type, subject_id, source_id, valid_from) values ($1, $2, 'Patient', $3, $3, '2030-01-01Z')`,
    [newId(), organisation, patient],
  )
  const { visit } = await book(clinic, '2031-03-01T09:00:00Z')
  const { queue } = ok(await arrive(desk, visit)).entry
  const priority = { priority: 'immediate', priorityReason: 'triage' }
  const { id } = ok(await desk.post('/v1/queue-entries', { queue, patient, ...priority }), 201)
  const reads = async (by: Client = doctor) => (await by.get(`/v1/patients/${patient}`)).status === 200
  return { patient, queue, id, reads, knows }
}

describe('whoever is seen without a booking', () => {
  it('is treated by who calls them, until they go back to the waiting room', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const { queue, id, reads } = await openWaiting(clinic)
    await house.work()
    assert.equal(await reads(), false, 'not before they are called')
    assert.equal(ok(await clinic.doctor.post(`/v1/queues/${queue}/call-next`, {})).id, id)
    await house.work()
    assert.equal(await reads(), true)
    const back = { step: 'put-back', reason: 'called-in-error' }
    ok(await clinic.doctor.post(`/v1/queue-entries/${id}/steps`, back, version(2)))
    await house.work()
    assert.equal(await reads(), false)
    ok(await clinic.doctor.post(`/v1/queue-entries/${id}/steps`, { step: 'call' }, version(3)))
    ok(await clinic.doctor.post(`/v1/queue-entries/${id}/steps`, { step: 'finish' }, version(4)))
    await house.work()
    assert.equal(await reads(), true, 'and afterwards, as after a booked visit')
    house.setNow('2031-03-31T08:00:01Z')
    assert.equal(await reads(), false)
  })

  it('is treated by whom they are sent to, and by the first one no longer', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const { queue, id, reads, knows } = await openWaiting(clinic)
    const second = await addPractitioner(house, clinic.place)
    await knows(second.practitioner, second.doctor.account)
    const other = await book({ house, practitioner: second.practitioner }, '2031-03-01T09:00:00Z')
    const there = ok(await arrive(clinic.desk, other.visit)).entry.queue
    ok(await clinic.doctor.post(`/v1/queues/${queue}/call-next`, {}))
    const send = { queue: there, reason: 'clinical' }
    ok(await clinic.doctor.post(`/v1/queue-entries/${id}/transfer`, send, version(2)))
    ok(await second.doctor.post(`/v1/queues/${there}/call-next`, {}))
    await house.work()
    assert.deepEqual([await reads(), await reads(second.doctor)], [false, true])
  })

  it('is not brought by who only reads their record: an emergency does not become a month', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const { patient, queue } = await openWaiting(clinic)
    await house.owner.query(
      `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from) values ($1, $2, 'break-glass', 'Patient', $3, '{see-record}', '2030-01-01Z')`,
      [newId(), clinic.doctor.account, patient],
    )
    assert.equal((await clinic.doctor.post('/v1/queue-entries', { queue, patient })).status, 404)
  })

  it('is followed through a merge of two records, and forgotten when they are erased', async () => {
    await using house = await openTestHouse(everything)
    const clinic = await openClinic(house)
    const { patient, id } = await openWaiting(clinic)
    const survivor = await house.signedIn({ self: { patient: newId() } })
    assert.deepEqual(ok(await survivor.get('/v1/queue-entries')).items, [])
    const { rows } = await house.owner.query(`select subject_id from platform.access_grant where account_id = $1`, [
      survivor.account,
    ])
    await house.owner.query(
      `insert into scheduling.patient_merge (id, survivor_id, replaced_id, stands) values ($1, $2, $3, true)`,
      [newId(), rows[0].subject_id, patient],
    )
    const [mine] = ok(await survivor.get('/v1/queue-entries')).items
    assert.equal(mine.id, id)
    const ctx = {
      ...house.house.context('scheduling', {
        actor: { kind: 'system', roles: [], self: {} },
        traceId: 't',
        doing: 't',
      }),
    }
    const room = everything.find(({ name }) => name === 'scheduling')
    const told = await room?.aboutPerson?.(ctx, { patient } as never)
    assert.ok(told)
    assert.equal((told.data['Numbers in waiting rooms'] as unknown[]).length, 1)
    await room?.erase?.(ctx, { patient } as never)
    assert.equal((await survivor.get(`/v1/queue-entries/${id}`)).status, 404)
  })
})
