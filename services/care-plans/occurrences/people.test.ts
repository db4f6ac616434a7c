import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { aboutPerson } from '../about-person.ts'
import { erase } from '../erase.ts'
import { changeOf, planned, practitionerOf, version } from '../testing.ts'
import { activity, at, contextOf, newPatient, openFamily, ownOf, plan, planOf, rowsOf } from './testing.ts'

const daily = (timesOfDay: string[]) => ({ schedule: { timesOfDay, from: '2031-03-01', to: '2031-03-04' } })

describe('what is known of a person', () => {
  it('is what was to be done and what came of it; of who did it for them, that they did', async () => {
    await using family = await openFamily()
    const { house, patient, daughter } = family
    const performer = { role: 'caregiver' as const, mandate: daughter.mandate }
    await plan(house, planOf(patient, [activity({ ...daily(['08:00']), performer, instruction: 'The canary sings' })]))
    house.setNow(at('08:10'))
    const [task] = await ownOf(daughter)
    await daughter.post(`/v1/care-tasks/${task.id}/done`, { note: 'It sang' })
    const own = await aboutPerson(contextOf(house), { patient: patient.id, account: patient.account, names: [] })
    assert.deepEqual(
      own.data['What was to be done']?.map(({ instruction, status, note }) => [instruction, status, note]),
      [
        ['The canary sings', 'done', 'It sang'],
        ['The canary sings', 'due', null],
      ],
    )
    assert.deepEqual(own.data['What you did for others'], [])
    const hers = await aboutPerson(contextOf(house), { account: daughter.account, names: [] })
    assert.equal(hers.data['What you did for others']?.length, 1)
    assert.doesNotMatch(JSON.stringify(hers), /canary|sang/)
  })

  it('is given up as far as it lies ahead: nobody is told of it any more; what was done stays', async () => {
    await using family = await openFamily()
    const { house, patient } = family
    await plan(house, planOf(patient, [activity(daily(['08:00', '09:00']))]))
    house.setNow(at('08:10'))
    const [task] = await ownOf(patient)
    await patient.post(`/v1/care-tasks/${task.id}/done`, {})
    for (const count of [3, 0]) {
      const traces = await erase(contextOf(house), { patient: patient.id, names: [] })
      assert.deepEqual(
        traces.slice(1).map(({ outcome, count }) => [outcome, count]),
        [
          ['erased', count],
          ['kept', 1],
        ],
      )
    }
    assert.deepEqual(await rowsOf(house), [[at('08:00'), 'done']])
  })
})

describe('two patients who become one', () => {
  it('have what is to be done together, also after the plan changes; and each gets their own back', async () => {
    await using family = await openFamily()
    const { house, patient } = family
    const other = await newPatient(house)
    const doctor = await practitionerOf(house, patient, other)
    const ill = await planned(doctor, other)
    const tasks = async (who: { id: string }) =>
      (await doctor.get(`/v1/patients/${who.id}/care-tasks?to=${at('23:00')}`)).body.items?.length
    assert.deepEqual([await tasks(patient), await tasks(other)], [0, 1])
    const root = await house.signedIn({ roles: ['administrator'] })
    const merge = await root.post('/v1/merges', { survivor: patient.id, replaced: other.id, reason: 'Passport seen' })
    assert.equal(merge.status, 201, JSON.stringify(merge.body))
    await house.work()
    assert.equal(await tasks(patient), 1)
    const more = [...ill.activities, { ...ill.activities[0], id: undefined, instruction: 'Walk' }]
    const changed = await doctor.put(`/v1/care-plans/${ill.id}`, changeOf(ill, { activities: more }), version(1))
    assert.equal(changed.status, 200, JSON.stringify(changed.body))
    assert.equal(await tasks(patient), 2)
    const undone = await root.post(`/v1/merges/${merge.body.id}/undo`, { reason: 'Another person' }, version(1))
    assert.ok(undone.status < 300, JSON.stringify(undone.body))
    await house.work()
    assert.deepEqual([await tasks(patient), await tasks(other)], [0, 2])
  })
})
