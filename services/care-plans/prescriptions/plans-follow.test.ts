import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { at, ownOf, rowsOf, run } from '../occurrences/testing.ts'
import { changeOf, version } from '../testing.ts'
import { made, metformin, openWard } from './testing.ts'

const measuring = {
  ...{ instruction: 'Measure the glucose', kind: 'measurement', performer: { role: 'patient' } },
  schedule: { timesOfDay: ['12:00'], from: '2031-03-03' },
}
const MEDICINE = ['05:00', '08:00', '20:00']

/** At 07:00: two hours ago the medicine was due, at noon something is measured. */
async function openCourse() {
  const ward = await openWard()
  const { house, doctor, path } = ward
  house.setNow('2031-03-03T04:00:00Z')
  const { id } = await made(doctor, `${path}/prescriptions`, metformin)
  const tablet = {
    ...{ instruction: 'Take metformin', kind: 'medicine', performer: { role: 'patient' }, prescription: id },
    schedule: { timesOfDay: MEDICINE, from: '2031-03-03' },
  }
  const planOf = (...activities: object[]) =>
    made(doctor, `${path}/care-plans`, { title: 'Diabetes', from: '2031-03-03', activities })
  const plan = await planOf(tablet, measuring)
  let now = ''
  const setNow = (to: string) => {
    now = to
    house.setNow(to)
  }
  setNow('2031-03-03T07:00:00Z')
  const one = `${path}/prescriptions/${id}`
  const say = async (what: string, of: number, body: object = { reason: 'Cough' }) => {
    const answer = await doctor.post(`${one}/${what}`, body, version(of))
    assert.ok(answer.status < 300, JSON.stringify(answer.body))
    return answer.body
  }
  const dueAhead = async () => (await rowsOf(house)).filter(([due, status]) => status === 'due' && due > now)
  /** Each day of the fourteen that are ahead. */
  const isPlanned = async (medicine: boolean) => {
    const times = (await dueAhead()).map(([due]) => due.slice(11, 16))
    assert.equal(times.filter((time) => time === '12:00').length, 14)
    for (const time of MEDICINE) assert.equal(times.filter((one) => one === time).length, medicine ? 14 : 0, time)
  }
  return { ...ward, setNow, plan, planOf, tablet, one, say, isPlanned }
}

describe('what a plan has to do by a prescription', () => {
  it('is withdrawn when that is held, stopped or in error, and the rest of the plan stays', async () => {
    for (const what of ['hold', 'stop', 'entered-in-error']) {
      await using course = await openCourse()
      const { house, setNow, patient, planOf, tablet, say, isPlanned } = course
      await planOf(tablet)
      await say(what, 1)
      const rows = await rowsOf(house)
      assert.deepEqual(
        rows.filter(([due]) => due === at('05:00')).map(([, status]) => status),
        ['cancelled'],
        what,
      )
      await isPlanned(false)
      setNow('2031-03-03T08:00:00Z')
      const due = await ownOf(patient, '?status=due')
      assert.deepEqual(
        due.filter((task: { kind: string }) => task.kind === 'medicine'),
        [],
      )
    }
  })

  it('is planned anew when that goes on', async () => {
    await using course = await openCourse()
    await course.say('hold', 1)
    await course.isPlanned(false)
    await course.say('resume', 2, {})
    await course.isPlanned(true)
  })

  it('is nothing while that is held: not when the plan is saved, nor in the night', async () => {
    await using course = await openCourse()
    const { house, setNow, doctor, plan, planOf, tablet, say, isPlanned } = course
    await say('hold', 1)
    const path = `/v1/care-plans/${plan.id}`
    const changed = await doctor.put(path, changeOf(plan, { title: 'Diabetes, held' }), version(1))
    assert.equal(changed.status, 200, JSON.stringify(changed.body))
    await planOf(tablet)
    await isPlanned(false)
    setNow('2031-03-05T00:37:00Z')
    await run(house, 'extend-horizon')
    await isPlanned(false)
    await house.owner.query(`update care_plans.activity set tzdata = '1999a'`)
    await run(house, 'extend-horizon')
    await isPlanned(false)
  })

  it('goes on when that is renewed, also after the plan is saved, and is withdrawn with what renewed it', async () => {
    await using course = await openCourse()
    const { doctor, path, plan, say, isPlanned } = course
    await say('hold', 1)
    const renewed = await say('renew', 2, {})
    await isPlanned(true)
    const change = await doctor.put(`/v1/care-plans/${plan.id}`, changeOf(plan, { title: 'Again' }), version(1))
    assert.equal(change.status, 200, JSON.stringify(change.body))
    await isPlanned(true)
    const stop = await doctor.post(`${path}/prescriptions/${renewed.id}/stop`, { reason: 'Cough' }, version(1))
    assert.equal(stop.status, 200)
    await isPlanned(false)
    await doctor.put(`/v1/care-plans/${plan.id}`, changeOf(plan, { title: 'And again' }), version(2))
    await isPlanned(false)
  })

  it('is withdrawn also where the plan is made while that is being stopped', async () => {
    await using course = await openCourse()
    const { house, planOf, tablet, say, isPlanned } = course
    const stopped: unknown[] = []
    const waiting = async (many: number) => {
      for (let n = 0; n < many && stopped.length === 0; ) {
        const { rows } = await house.owner.query(
          `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        )
        n = rows[0].n
        await house.owner.query('select pg_stat_clear_snapshot()')
      }
    }
    await house.owner.query('begin')
    await house.owner.query('lock table care_plans.care_plan in exclusive mode')
    const making = planOf(tablet)
    await waiting(1) // to be written, with the prescription read
    const stopping = say('stop', 1).then((done) => stopped.push(done))
    await waiting(2)
    await house.owner.query('commit')
    await Promise.all([making, stopping])
    await isPlanned(false)
  })
})
