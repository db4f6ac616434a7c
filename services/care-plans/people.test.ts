import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { system } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { newId } from '#platform/ids.ts'
import { aboutPerson } from './about-person.ts'
import { erase } from './erase.ts'
import type { CarePlansTables } from './tables.ts'
import { changeOf, newPatient, openWard, planned, practitionerOf, version } from './testing.ts'

const contextOf = (house: Awaited<ReturnType<typeof openWard>>['house']) =>
  house.house.context('care_plans', { actor: system, traceId: newId(), doing: 'test' }) as Context<CarePlansTables>

describe('what plans tell of a person', () => {
  it('is that there are some; when they are erased these stay, under a number', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    await planned(doctor, patient, { title: 'The canary sings' })
    const ctx = contextOf(house)
    const { data } = await aboutPerson(ctx, { patient: patient.id, names: [] })
    assert.equal(data['Treatment plans']?.length, 1)
    assert.doesNotMatch(JSON.stringify(data['Treatment plans']), /canary/)
    const traces = await erase(ctx, { patient: patient.id, names: [] })
    assert.deepEqual(traces.map(({ outcome, count }) => [outcome, count])[0], ['kept', 1])
    const { rows } = await house.owner.query('select review_at from care_plans.care_plan')
    assert.deepEqual(rows, [{ review_at: null }])
    assert.deepEqual(await erase(ctx, { account: doctor.account, names: [] }), [])
  })
})

describe('two patients who become one', () => {
  it('have their plans and what is to be done together, a plan is changed, and each gets their own back', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    house.setNow('2031-03-03T06:00:00Z')
    const other = await newPatient(house)
    const colleague = await practitionerOf(house, other, patient)
    const plan = await planned(colleague, other)
    const root = await house.signedIn({ roles: ['administrator'] })
    const merge = await root.post('/v1/merges', { survivor: patient.id, replaced: other.id, reason: 'Passport seen' })
    assert.equal(merge.status, 201, JSON.stringify(merge.body))
    await house.work()
    const path = `/v1/care-plans/${plan.id}`
    assert.equal((await doctor.get(path)).body.patient, patient.id)
    assert.equal((await doctor.get(`/v1/patients/${patient.id}/care-plans`)).body.items.length, 1)
    const tasks = async (who: { id: string; get: typeof patient.get }) =>
      (await who.get(`/v1/patients/${who.id}/care-tasks`)).body.items?.length
    assert.equal(await tasks(patient), 7)
    const changed = await doctor.put(path, changeOf(plan, { title: 'Pressure' }), version(1))
    assert.equal(changed.status, 200, JSON.stringify(changed.body))
    const undone = await root.post(`/v1/merges/${merge.body.id}/undo`, { reason: 'Another person' }, version(1))
    assert.ok(undone.status < 300, JSON.stringify(undone.body))
    await house.work()
    assert.equal(await tasks(patient), 0)
    const { rows } = await house.owner.query('select patient_id from care_plans.care_plan')
    assert.deepEqual(rows, [{ patient_id: other.id }])
  })
})
