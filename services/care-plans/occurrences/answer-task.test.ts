import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import { appOf } from '#tests/attacks/fhir/ward.ts'
import {
  activity,
  at,
  daughterOf,
  doctorOf,
  mandateOf,
  newPatient,
  openFamily,
  ownOf,
  type Planned,
  plan,
  planOf,
  rowsOf,
  untilOneWaits,
} from './testing.ts'

const daily = (timesOfDay: string[]) => ({ schedule: { timesOfDay, from: '2031-03-01' } })

async function openDay(more: Partial<Planned> = {}, times = ['08:00', '20:00']) {
  const family = await openFamily()
  const { house, patient } = family
  const planned = planOf(patient, [activity({ ...daily(times), ...more })])
  await plan(house, planned)
  house.setNow(at('08:30'))
  const [task] = (await patient.get(`/v1/patients/${patient.id}/care-tasks`)).body.items
  const path = (verb: string) => `/v1/care-tasks/${task.id}/${verb}`
  return { ...family, planned, task, path, [Symbol.asyncDispose]: () => house[Symbol.asyncDispose]() }
}

describe('POST /v1/care-tasks/{id}/done', () => {
  it('says that it was done, by whom and when; twice by the same is once; and it is taken back', async () => {
    await using day = await openDay()
    const { house, patient, path, task } = day
    const done = await patient.post(path('done'), { note: 'A little late' })
    assert.equal(done.status, 200, JSON.stringify(done.body))
    const answered = { at: at('08:30'), by: { role: 'patient', id: patient.id } }
    assert.deepEqual(done.body, { ...task, status: 'done', answered, note: 'A little late' })
    house.setNow(at('08:40'))
    assert.deepEqual((await patient.post(path('done'), {})).body, done.body)
    const more = await patient.post(path('done'), { note: 'After lunch' })
    assert.deepEqual(more.body, { ...done.body, note: 'After lunch' })
    const undone = await patient.post(path('undo'))
    assert.deepEqual([undone.status, undone.body], [200, task])
    assert.deepEqual((await patient.post(path('undo'))).body, task)
    const { rows } = await house.owner.query(
      `select count(*)::int as n from platform.audit_event where entity = $1 and action = 'U' and subject = $2`,
      [`CareTask/${task.id}`, `Patient/${patient.id}`],
    )
    assert.deepEqual(rows, [{ n: 3 }])
  })

  it('says when it was done where that was earlier; not in the future, nor long before its time', async () => {
    await using day = await openDay()
    const { patient, path } = day
    for (const wrong of ['2031-03-03T08:31:00Z', '2031-03-03T03:59:00Z']) {
      const { status, body } = await patient.post(path('done'), { at: wrong })
      assert.deepEqual([status, body.errors?.[0].pointer], [422, '/body/at'])
    }
    const done = await patient.post(path('done'), { at: '2031-03-03T10:05:00+02:00' })
    assert.equal(done.body.answered.at, at('08:05'))
  })

  it('is refused before its time has come near, and once the plan has changed', async () => {
    await using day = await openDay()
    const { house, patient, planned, path } = day
    const [, evening] = await ownOf(patient)
    const early = await patient.post(`/v1/care-tasks/${evening.id}/done`, {})
    assert.deepEqual([early.status, early.body.dueAt], [422, at('20:00')])
    await plan(house, { ...planned, status: 'revoked' })
    for (const [verb, body] of [
      ['done', {}],
      ['skip', { note: 'Asleep' }],
    ] as const)
      assert.equal((await patient.post(path(verb), body)).status, 422, verb)
  })

  it('is answered once of two who press at once: the second is told who was first', async () => {
    await using family = await openFamily()
    const { house, patient, daughter } = family
    const performer = { role: 'caregiver' as const, mandate: daughter.mandate }
    await plan(house, planOf(patient, [activity({ ...daily(['08:00']), performer })]))
    house.setNow(at('08:30'))
    const [task] = await ownOf(daughter)
    const both = await Promise.all([patient, daughter].map((who) => who.post(`/v1/care-tasks/${task.id}/done`, {})))
    assert.deepEqual(both.map(({ status }) => status).sort(), [200, 409])
    const [first, second] = both.sort((a, b) => a.status - b.status)
    assert.deepEqual(second?.body.answered, first?.body.answered)
    const skipped = await patient.post(`/v1/care-tasks/${task.id}/skip`, { note: 'Asleep' })
    assert.equal(skipped.status, 409)
  })

  it('is for the patient and who it was given to: others who see it may not, and nobody else knows of it', async () => {
    await using day = await openDay()
    const { house, patient, daughter, path } = day
    const doctor = await doctorOf(house, patient)
    const stranger = await newPatient(house)
    for (const [verb, body] of [
      ['done', {}],
      ['skip', { note: 'Asleep' }],
      ['undo', undefined],
    ] as const) {
      assert.equal((await daughter.post(path(verb), body)).status, 403, verb)
      assert.equal((await doctor.post(path(verb), body)).status, 403, verb)
      assert.equal((await stranger.post(path(verb), body)).status, 404, verb)
      assert.equal((await patient.post(`/v1/care-tasks/${newId()}/${verb}`, body)).status, 404, verb)
      assert.equal((await house.anonymous.post(path(verb), body)).status, 401, verb)
    }
    assert.equal((await patient.post(path('skip'), { note: ' '.repeat(501) })).status, 400)
    assert.equal((await patient.post(path('skip'), {})).status, 400)
  })

  it('is for a practitioner whose it is, as long as they treat the patient', async () => {
    await using family = await openFamily()
    const { house, patient } = family
    const doctor = await doctorOf(house, patient)
    const performer = { role: 'practitioner' as const, practitioner: doctor.id }
    await plan(house, planOf(patient, [activity({ ...daily(['08:00']), performer })]))
    house.setNow(at('08:30'))
    const [task] = await ownOf(doctor)
    assert.deepEqual(await ownOf(patient), [])
    const done = await doctor.post(`/v1/care-tasks/${task.id}/done`, {})
    assert.deepEqual(done.body.answered?.by, { role: 'practitioner', id: doctor.id })
    await house.owner.query(`update platform.access_grant set revoked_at = $1 where relationship = 'treatment'`, [
      at('08:00'),
    ])
    assert.deepEqual(await ownOf(doctor), [])
    assert.equal((await ownOf(patient)).length, 8)
  })
})

describe('POST /v1/care-tasks/{id}/skip', () => {
  it('says that it was left out and why; what was missed can still be answered', async () => {
    await using day = await openDay()
    const { house, patient, path, task } = day
    house.setNow(at('12:00'))
    const read = async () =>
      (await patient.get(`/v1/patients/${patient.id}/care-tasks?to=${at('13:00')}`)).body.items[0]
    assert.equal((await read()).status, 'missed')
    const skipped = await patient.post(path('skip'), { note: 'Asleep' })
    assert.deepEqual(
      [skipped.status, skipped.body.status, skipped.body.note, skipped.body.answered.at],
      [200, 'skipped', 'Asleep', at('12:00')],
    )
    assert.deepEqual(await read(), { ...task, status: 'skipped', answered: skipped.body.answered, note: 'Asleep' })
    assert.equal((await patient.post(path('done'), {})).status, 409)
  })
})

describe('POST /v1/care-tasks/{id}/undo', () => {
  it('makes nothing due that the plan no longer wants; what it wants again is due again', async () => {
    await using day = await openDay({}, ['08:00', '10:00'])
    const { house, patient, planned, path } = day
    const [, later] = await ownOf(patient)
    for (const task of [path('done'), `/v1/care-tasks/${later.id}/done`])
      assert.equal((await patient.post(task, {})).status, 200)
    const [first] = planned.activities as [Planned]
    await plan(house, { ...planned, activities: [{ ...first, ...daily(['20:00']) }] })
    for (const task of [path('undo'), `/v1/care-tasks/${later.id}/undo`])
      assert.equal((await patient.post(task)).body.status, 'cancelled')
    const morning = async () => (await rowsOf(house)).filter(([due]) => due <= at('10:00'))
    assert.deepEqual(await morning(), [[at('08:00'), 'cancelled']])
    await plan(house, planned)
    assert.deepEqual(await morning(), [
      [at('08:00'), 'cancelled'],
      [at('10:00'), 'due'],
    ])
  })

  it('makes nothing due whose medicine is held', async () => {
    await using day = await openDay({}, ['10:00'])
    const { house, patient, path } = day
    assert.equal((await patient.post(path('done'), {})).status, 200)
    await house.owner.query('update care_plans.activity set is_paused = true')
    assert.equal((await patient.post(path('undo'))).body.status, 'cancelled')
    assert.deepEqual((await rowsOf(house))[0], [at('10:00', '2031-03-04'), 'due'])
  })

  it('leaves missed what was missed before the plan changed', async () => {
    await using day = await openDay()
    const { house, patient, planned, path } = day
    assert.equal((await patient.post(path('done'), {})).status, 200)
    house.setNow(at('12:00', '2031-03-04'))
    await plan(house, { ...planned, status: 'revoked' })
    assert.equal((await patient.post(path('undo'))).body.status, 'missed')
  })

  it('waits for who changes the plan, and follows what they made of it', async () => {
    await using day = await openDay({}, ['10:00'])
    const { house, patient, path } = day
    assert.equal((await patient.post(path('done'), {})).status, 200)
    await house.owner.query('begin')
    await house.owner.query('update care_plans.activity set schedule = null')
    const undone = patient.post(path('undo'))
    await untilOneWaits(house)
    await house.owner.query('commit')
    assert.equal((await undone).body.status, 'cancelled')
    assert.deepEqual((await rowsOf(house))[0], [at('10:00', '2031-03-04'), 'due'])
  })
})

describe('a mandate that ended', () => {
  it('takes away its tasks, to read and to answer; they are the patient’s', async () => {
    await using family = await openFamily()
    const { house, patient, daughter } = family
    const performer = { role: 'caregiver' as const, mandate: daughter.mandate }
    await plan(house, planOf(patient, [activity({ ...daily(['08:00']), performer })]))
    house.setNow(at('08:30'))
    const [task] = await ownOf(daughter)
    assert.deepEqual(task.performer, { role: 'caregiver', mandate: daughter.mandate })
    assert.deepEqual(await ownOf(patient), [])
    await daughter.end()
    assert.deepEqual(await ownOf(daughter), [])
    assert.equal((await daughter.post(`/v1/care-tasks/${task.id}/done`, {})).status, 404)
    assert.equal((await daughter.get(`/v1/patients/${patient.id}/care-tasks`)).status, 404)
    assert.equal((await ownOf(patient))[0].id, task.id)
    assert.equal((await patient.post(`/v1/care-tasks/${task.id}/done`, {})).status, 200)
  })
})

describe('what is sensitive', () => {
  it('is shown to who may see that, and given to nobody else', async () => {
    await using family = await openFamily()
    const { house, patient, daughter } = family
    const trusted = await daughterOf(house, patient, ['see-record', 'see-sensitive'])
    const give = ({ mandate }: { mandate: string }) =>
      activity({ ...daily(['08:00']), performer: { role: 'caregiver', mandate } })
    await plan(house, planOf(patient, [give(daughter), give(trusted)], { category: 'mental-health' }))
    house.setNow(at('08:30'))
    const [hers] = await ownOf(trusted)
    assert.deepEqual(await ownOf(daughter), [])
    const all = `/v1/patients/${patient.id}/care-tasks`
    assert.deepEqual((await daughter.get(all)).body.items, [])
    assert.equal((await trusted.get(`${all}?limit=100`)).body.items.length, 16)
    assert.equal((await daughter.post(`/v1/care-tasks/${hers.id}/done`, {})).status, 404)
    assert.equal((await ownOf(patient)).length, 8)
  })
})

describe('who was the patient once', () => {
  it('answers for them no more: what they may still see is the patient’s', async () => {
    await using day = await openDay()
    const { house, patient, daughter, path } = day
    const ended = `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from, valid_until, revoked_at)
      values (gen_random_uuid(), $1, 'self', 'Patient', $2, '{see-record}', '2030-01-01Z', $3, $4)`
    for (const end of [
      [at('08:00'), null],
      [null, at('08:00')],
    ])
      await house.owner.query(ended, [daughter.account, patient.id, ...end])
    assert.equal((await daughter.post(path('done'), {})).status, 403)
    assert.equal((await patient.post(path('done'), {})).status, 200)
  })
})

describe('a token that is bound to one patient', () => {
  it('shows and answers what is to be done for that patient, and nothing of others whom the person cares for', async () => {
    await using family = await openFamily()
    const { house, patient, daughter } = family
    const other = await newPatient(house)
    for (const [of, mandate] of [
      [patient, daughter.mandate],
      [other, await mandateOf(house, daughter, other)],
    ] as const)
      await plan(house, planOf(of, [activity({ ...daily(['08:00']), performer: { role: 'caregiver', mandate } })]))
    house.setNow(at('08:30'))
    const app = await appOf(house, daughter, ['patient/*.cruds'], other.id)
    const tasks = await ownOf(daughter)
    const patients = (items: { patient: string }[]) => new Set(items.map((item) => item.patient))
    assert.deepEqual(
      [patients(tasks), patients(await ownOf(app))],
      [new Set([patient.id, other.id]), new Set([other.id])],
    )
    const answer = (one: { id: string }) => {
      const { id } = tasks.find((item: { patient: string }) => item.patient === one.id)
      return app.post(`/v1/care-tasks/${id}/done`, {})
    }
    assert.deepEqual([(await answer(patient)).status, (await answer(other)).status], [404, 200])
  })
})
