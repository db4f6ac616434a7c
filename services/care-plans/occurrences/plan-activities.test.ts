import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { transact } from '#platform/transaction.ts'
import { planActivities } from './plan-activities.ts'
import { activity, at, contextOf, openFamily, ownOf, plan, planOf, rowsOf, run, untilOneWaits } from './testing.ts'

const daily = (timesOfDay: string[], more: object = {}) => ({ schedule: { timesOfDay, from: '2031-03-01', ...more } })

describe('what is to be done by a plan', () => {
  it('is written down for fourteen days, by the clock where the patient lives', async () => {
    await using family = await openFamily()
    const { house, patient } = family
    await plan(house, planOf(patient, [activity(daily(['08:00', '20:00']))], { zone: 'Africa/Addis_Ababa' }))
    const rows = await rowsOf(house)
    assert.equal(rows.length, 28)
    // 08:00 there has gone by: nobody begins with what is over.
    assert.deepEqual(rows[0], [at('17:00'), 'due'])
    assert.deepEqual(rows.at(-1), [at('05:00', '2031-03-17'), 'due'])
  })

  it('follows a change of the plan: what is ahead is anew, what was done stays, what is due at this hour is cancelled', async () => {
    await using family = await openFamily()
    const { house, patient } = family
    const before = planOf(patient, [activity(daily(['08:00', '09:30', '20:00'], { to: '2031-03-04' }))])
    await plan(house, before)
    house.setNow(at('08:30'))
    const [, early] = await ownOf(patient)
    assert.equal((await patient.post(`/v1/care-tasks/${early.id}/done`, {})).status, 200)
    const [first] = before.activities
    assert.ok(first)
    await plan(house, { ...before, activities: [{ ...first, ...daily(['20:00', '21:00'], { to: '2031-03-04' }) }] })
    assert.deepEqual(await rowsOf(house), [
      [at('08:00'), 'cancelled'],
      [at('09:30'), 'done'],
      [at('20:00'), 'due'],
      [at('21:00'), 'due'],
      [at('20:00', '2031-03-04'), 'due'],
      [at('21:00', '2031-03-04'), 'due'],
    ])
  })

  it('is left alone where the plan changes in something else, and what was missed stays missed', async () => {
    await using family = await openFamily()
    const { house, patient } = family
    const before = planOf(patient, [activity(daily(['08:00'], { to: '2031-03-04' }))])
    await plan(house, before)
    const ids = async () => (await house.owner.query('select id from care_plans.occurrence order by due_at')).rows
    const planned = await ids()
    house.setNow(at('08:30'))
    const [first] = before.activities
    assert.ok(first)
    await plan(house, { ...before, activities: [{ ...first, instruction: 'Measure it twice' }] })
    assert.deepEqual(await ids(), planned)
    assert.equal((await ownOf(patient))[0].instruction, 'Measure it twice')
    house.setNow(at('13:00'))
    await plan(house, { ...before, activities: [] })
    assert.deepEqual(await rowsOf(house), [[at('08:00'), 'due']])
    assert.equal((await ownOf(patient))[0].status, 'missed')
  })

  it('is nothing of a plan that is not active, nor of an activity that was left out', async () => {
    await using family = await openFamily()
    const { house, patient } = family
    const [one, other] = [activity(daily(['10:00'])), activity(daily(['11:00']))]
    const before = planOf(patient, [one, other])
    await plan(house, before)
    await plan(house, { ...before, activities: [other] })
    assert.deepEqual(new Set((await rowsOf(house)).map(([due]) => due.slice(11, 16))), new Set(['11:00']))
    for (const status of ['draft', 'on-hold', 'revoked', 'completed', 'entered-in-error'] as const) {
      await plan(house, before)
      assert.equal((await rowsOf(house)).length, 28)
      await plan(house, { ...before, status })
      assert.deepEqual(await rowsOf(house), [], status)
    }
    house.setNow('2031-03-04T07:00:00Z')
    await run(house, 'extend-horizon')
    assert.deepEqual(await rowsOf(house), [])
  })

  it('ends with the last day of the plan', async () => {
    await using family = await openFamily()
    const { house, patient } = family
    const ones = [activity(daily(['08:00'])), activity(daily(['09:00'], { to: '2031-03-03' }))]
    await plan(house, planOf(patient, ones, { to: '2031-03-04' }))
    assert.deepEqual(
      (await rowsOf(house)).map(([due]) => due),
      [at('08:00'), at('09:00'), at('08:00', '2031-03-04')],
    )
  })

  it('costs as many statements for a hundred activities as for one', async () => {
    await using family = await openFamily()
    const { house, patient } = family
    const cost = async (many: number) => {
      const planned = planOf(
        patient,
        Array.from({ length: many }, () => activity(daily(['08:00', '12:00', '20:00']))),
      )
      return (await house.cost(() => plan(house, planned))).statements
    }
    assert.equal(await cost(100), await cost(1))
  })
})

describe('the horizon', () => {
  it('moves each night, and what is there by then is what one look ahead would have written', async () => {
    await using family = await openFamily()
    const { house, patient } = family
    const schedules = [
      daily(['02:30', '08:00']),
      daily(['09:00'], { days: ['mon', 'thu'] }),
      daily(['10:00'], { everyDays: 3 }),
      daily(['11:00'], { to: '2031-03-20' }),
    ]
    const ones = schedules.map((schedule) => activity(schedule))
    const planned = planOf(patient, ones, { zone: 'Europe/Berlin' })
    await plan(house, planned)
    for (let day = 4; day <= 28; day++) {
      house.setNow(`2031-03-${String(day).padStart(2, '0')}T00:37:00Z`)
      await run(house, 'extend-horizon')
    }
    const walked = (await rowsOf(house)).filter(([due]) => due > at('00:37', '2031-03-28'))
    assert.ok(walked.some(([due]) => due === at('01:30', '2031-03-30'))) // the clock skips from 02:00 to 03:00
    await house.owner.query('delete from care_plans.activity')
    await plan(house, planned)
    assert.deepEqual(walked, await rowsOf(house))
  })

  it('is planned anew where the rules of the zones are others than those by which it was planned', async () => {
    await using family = await openFamily()
    const { house, patient } = family
    await plan(house, planOf(patient, [activity(daily(['08:00']))]))
    const planned = await rowsOf(house)
    await house.owner.query(`update care_plans.activity set tzdata = '1999a'`)
    await house.owner.query(`update care_plans.occurrence set due_at = due_at + interval '1 hour'`)
    await run(house, 'extend-horizon')
    assert.deepEqual(await rowsOf(house), planned)
  })

  it('is planned anew as the plan is by then: what was revoked meanwhile is not due again', async () => {
    await using family = await openFamily()
    const { house, patient } = family
    await plan(house, planOf(patient, [activity(daily(['08:00']))]))
    await house.owner.query(`update care_plans.activity set tzdata = '1999a'`)
    await house.owner.query('begin')
    await house.owner.query('update care_plans.activity set schedule = null')
    await house.owner.query('delete from care_plans.occurrence')
    const extended = run(house, 'extend-horizon')
    await untilOneWaits(house)
    await house.owner.query('commit')
    await extended
    assert.deepEqual(await rowsOf(house), [])
  })

  it('leaves to a change of the plan what that is changing, and a change waits for it', async () => {
    await using family = await openFamily()
    const { house, patient } = family
    const before = planOf(patient, [activity(daily(['08:00']))])
    await plan(house, before)
    house.setNow('2031-03-04T00:37:00Z')
    await transact(contextOf(house), async (ctx) => {
      await planActivities(ctx, { ...before, status: 'revoked' }, new Set())
      await run(house, 'extend-horizon')
    })
    const ahead = async () => (await rowsOf(house)).filter(([due]) => due > at('00:00', '2031-03-05'))
    assert.deepEqual(await ahead(), [])
    await plan(house, before)
    house.setNow('2031-03-05T00:37:00Z')
    await house.owner.query('begin')
    await house.owner.query('select from care_plans.activity for update')
    await house.owner.query(
      `insert into care_plans.occurrence (id, plan_id, activity_id, due_at) select gen_random_uuid(), plan_id, id, '2031-03-19T08:00Z' from care_plans.activity`,
    )
    const stopped = plan(house, { ...before, status: 'revoked' })
    await untilOneWaits(house)
    await house.owner.query('commit')
    await stopped
    assert.deepEqual(await ahead(), [])
  })
})
