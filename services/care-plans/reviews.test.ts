import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TestHouse } from '#platform/testing.ts'
import { changeOf, openWard, planned, version } from './testing.ts'

const look = async ({ house }: TestHouse) => house.tasks()['care_plans:announce-reviews']?.({}, undefined as never)

describe('the review of a plan', () => {
  it('is told to whoever made it on the morning of its day where the patient is, once, and without a word of what it is', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    house.setNow('2031-03-03T09:00:00Z')
    const plan = await planned(doctor, patient, { reviewOn: '2031-04-02' })
    const told = async () => {
      await Promise.all([look(house), look(house)])
      await house.work()
      const { items } = (await doctor.get('/v1/notifications')).body
      return items.filter(({ title }: { title: string }) => title === 'A care plan is to be looked at again')
    }
    house.setNow('2031-04-02T07:59:00Z') // Accra is at UTC
    assert.equal((await told()).length, 0)
    house.setNow('2031-04-02T08:00:00Z')
    const [message, ...others] = await told()
    assert.deepEqual(others, [])
    assert.doesNotMatch(JSON.stringify(message), /pressure|Saba/i)
    assert.deepEqual((await patient.get('/v1/notifications')).body.items, [])
    // What says the same day as before is not told anew; another day is.
    const same = await doctor.put(`/v1/care-plans/${plan.id}`, changeOf(plan, { title: 'Pressure' }), version(1))
    assert.equal(same.status, 200, JSON.stringify(same.body))
    assert.equal((await told()).length, 1)
    const later = await doctor.put(`/v1/care-plans/${plan.id}`, changeOf(plan, { reviewOn: '2031-05-02' }), version(2))
    assert.equal(later.status, 200)
    house.setNow('2031-05-02T08:00:00Z')
    assert.equal((await told()).length, 2)
  })

  it('is told to nobody once the plan has ended', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    house.setNow('2031-03-03T09:00:00Z')
    const { id } = await planned(doctor, patient, { reviewOn: '2031-04-02' })
    await doctor.post(`/v1/care-plans/${id}/status`, { status: 'completed', reason: 'Well' }, version(1))
    house.setNow('2031-04-03T09:00:00Z')
    await look(house)
    await house.work()
    assert.deepEqual((await doctor.get('/v1/notifications')).body.items, [])
  })
})
