import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newId } from '#platform/ids.ts'
import { aboutPerson } from '../about-person.ts'
import {
  activity,
  at,
  contextOf,
  doctorOf,
  mandateOf,
  newPatient,
  openFamily,
  ownOf,
  type Planned,
  plan,
  planOf,
} from './testing.ts'

const schedule = { timesOfDay: ['08:00', '14:00', '20:00'], from: '2031-03-01' }

describe('GET /v1/patients/{id}/care-tasks', () => {
  it('lists in the order of time what is to be done by whom, a page at a time', async () => {
    await using family = await openFamily()
    const { house, patient, daughter } = family
    const performer = { role: 'caregiver' as const, mandate: daughter.mandate }
    await plan(house, planOf(patient, [activity({ schedule }), activity({ schedule, performer, instruction: 'Walk' })]))
    const doctor = await doctorOf(house, patient)
    for (const who of [patient, daughter, doctor]) {
      const pages = []
      let next = ''
      do {
        const { body } = await who.get(
          `/v1/patients/${patient.id}/care-tasks?limit=5&to=${at('23:00', '2031-03-05')}${next}`,
        )
        pages.push(...body.items)
        next = body.next === undefined ? '' : `&cursor=${body.next}`
      } while (next !== '')
      const found = pages.map((item) => item.dueAt)
      assert.equal(new Set(pages.map(({ id }) => id)).size, 18)
      assert.deepEqual(found, found.toSorted())
      assert.equal(pages.filter((item) => item.performer.role === 'caregiver' && item.instruction === 'Walk').length, 9)
    }
  })

  it('shows what is asked for: of a time, and of a status', async () => {
    await using family = await openFamily()
    const { house, patient } = family
    await plan(house, planOf(patient, [activity({ schedule })]))
    house.setNow(at('14:30'))
    const list = async (query: string) =>
      (await patient.get(`/v1/patients/${patient.id}/care-tasks?${query}`)).body.items.map(
        (item: { dueAt: string; status: string }) => [item.dueAt.slice(11, 16), item.status],
      )
    const today = `from=${at('00:00')}&to=${at('23:59')}`
    const [, noon] = (await patient.get(`/v1/patients/${patient.id}/care-tasks?${today}`)).body.items
    await patient.post(`/v1/care-tasks/${noon.id}/done`, {})
    const all = [
      ['08:00', 'missed'],
      ['14:00', 'done'],
      ['20:00', 'due'],
    ]
    assert.deepEqual(await list(today), all)
    for (const one of all) assert.deepEqual(await list(`${today}&status=${one[1]}`), [one])
    for (const one of ['skipped', 'cancelled']) assert.deepEqual(await list(`${today}&status=${one}`), [])
  })

  it('refuses a window that ends before it begins, or is longer than 92 days, and what is none', async () => {
    await using family = await openFamily()
    const { house, patient } = family
    const path = `/v1/patients/${patient.id}/care-tasks`
    for (const query of [
      `from=${at('08:00')}&to=${at('07:00')}`,
      `from=${at('08:00')}&to=${at('08:01', '2031-06-03')}`,
      `from=2029-01-01T00:00:00Z`,
    ]) {
      const { status, body } = await patient.get(`${path}?${query}`)
      assert.deepEqual([status, body.errors?.[0].pointer], [422, '/query/to'], query)
    }
    assert.equal((await patient.get(`${path}?status=late`)).status, 400)
    const stranger = await newPatient(house)
    assert.equal((await stranger.get(path)).status, 404)
    assert.equal((await patient.get(`/v1/patients/${newId()}/care-tasks`)).status, 404)
    assert.equal((await house.anonymous.get(path)).status, 401)
  })
})

describe('what a plan says now', () => {
  it('is said of what is open; what was answered, missed or cancelled stays as it was then', async () => {
    await using family = await openFamily()
    const { house, patient, daughter } = family
    const performer = { role: 'caregiver' as const, mandate: daughter.mandate }
    const before = activity({
      ...{ instruction: 'Measure', performer },
      schedule: { ...schedule, timesOfDay: ['07:30', '08:00', '14:00', '14:10', '14:20', '20:00'], to: '2031-03-03' },
    })
    const planned = planOf(patient, [before])
    await plan(house, planned)
    house.setNow(at('14:30'))
    const tasks = async () =>
      (await patient.get(`/v1/patients/${patient.id}/care-tasks?from=${at('00:00')}&to=${at('23:59')}`)).body.items
    const [, late, done, taken] = await tasks()
    for (const { id } of [late, done, taken])
      assert.equal((await daughter.post(`/v1/care-tasks/${id}/done`, {})).status, 200)
    const after = {
      ...{ ...before, instruction: 'Walk', kind: 'exercise' as const, performer: { role: 'patient' as const } },
      schedule: { ...before.schedule, from: '2031-03-01', timesOfDay: ['07:30', '08:00', '14:00', '14:10', '20:00'] },
    }
    await plan(house, { ...planned, activities: [after] })
    await plan(house, { ...planned, activities: [{ ...after, kind: 'other' }] })
    for (const { id } of [late, taken]) assert.equal((await patient.post(`/v1/care-tasks/${id}/undo`)).status, 200)
    const [as, now] = [
      ['Measure', 'measurement', performer],
      ['Walk', 'other', { role: 'patient' }],
    ]
    const said = [
      ['missed', ...as],
      ['missed', ...as],
      ['done', ...as],
      ['due', ...now],
      ['cancelled', ...as],
      ['due', ...now],
    ]
    type Item = { status: string; instruction: string; kind: string; performer: object }
    assert.deepEqual(
      (await tasks()).map(({ status, instruction, kind, performer }: Item) => [status, instruction, kind, performer]),
      said,
    )
    const own = await aboutPerson(contextOf(house), { patient: patient.id, account: patient.account, names: [] })
    assert.deepEqual(
      own.data['What was to be done']?.map(({ instruction }) => instruction),
      said.map(([, instruction]) => instruction),
    )
    const { activities } = (await patient.get(`/v1/care-plans/${planned.id}/adherence`)).body
    const none = { doneLate: 0, skipped: 0 }
    assert.deepEqual(activities, [
      { activity: before.id, instruction: 'Measure', due: 3, done: 1, missed: 2, open: 0, ...none },
      { activity: before.id, instruction: 'Walk', due: 1, done: 0, missed: 0, open: 1, ...none },
    ])
  })
})

describe('GET /v1/care-tasks', () => {
  it('lists what I am to do, and for whom', async () => {
    await using family = await openFamily()
    const { house, patient, daughter } = family
    const performer = { role: 'caregiver' as const, mandate: daughter.mandate }
    await plan(house, planOf(patient, [activity({ schedule, performer }), activity({ schedule, instruction: 'Walk' })]))
    const hers = await ownOf(daughter, `?to=${at('23:00')}`)
    assert.deepEqual(
      hers.map((item: { patient: string; performer: object }) => [item.patient, item.performer]),
      Array(3).fill([patient.id, performer]),
    )
    assert.deepEqual(
      new Set((await ownOf(patient)).map((item: { instruction: string }) => item.instruction)),
      new Set(['Walk']),
    )
    assert.deepEqual(await ownOf(await doctorOf(house, patient)), [])
    assert.equal((await house.anonymous.get('/v1/care-tasks')).status, 401)
    assert.equal((await daughter.get(`/v1/care-tasks?from=${at('08:00')}&to=${at('07:00')}`)).status, 422)
  })
})

describe('what was to be done before the plan gave it to somebody else', () => {
  it('is in the list of who had to do it then, who answers it, as long as they may see it', async () => {
    await using family = await openFamily()
    const { house, patient, daughter } = family
    const doctor = await doctorOf(house, patient)
    const hers = { role: 'caregiver' as const, mandate: daughter.mandate }
    const its = { role: 'practitioner' as const, practitioner: doctor.id }
    const given = activity({ schedule: { timesOfDay: ['08:00'], from: '2031-03-01' }, performer: hers })
    const planned = planOf(patient, [given])
    const give = (performer: Planned['performer']) => plan(house, { ...planned, activities: [{ ...given, performer }] })
    const days = [hers, its, { role: 'patient' as const }, hers]
    for (const [n, performer] of days.entries()) {
      await give(performer)
      house.setNow(at('13:00', `2031-03-0${n + 3}`))
    }
    await give({ role: 'patient' })
    const window = `?from=${at('00:00')}&to=${at('23:00', '2031-03-06')}`
    const of = async (who: typeof patient | typeof daughter) =>
      (await ownOf(who, window)).map((item: { dueAt: string }) => Number(item.dueAt.slice(8, 10)))
    assert.deepEqual([await of(daughter), await of(doctor as never), await of(patient)], [[3, 6], [4], [5]])
    assert.deepEqual(
      (await ownOf(daughter, `${window}&limit=1`)).map((item: { dueAt: string }) => item.dueAt),
      [at('08:00')],
    )
    const [first, second] = (await patient.get(`/v1/patients/${patient.id}/care-tasks${window}`)).body.items
    assert.equal((await daughter.post(`/v1/care-tasks/${second.id}/done`, {})).status, 403)
    assert.equal((await daughter.post(`/v1/care-tasks/${first.id}/done`, {})).status, 200)
    await daughter.end()
    assert.deepEqual([await of(daughter), await of(patient)], [[], [3, 5, 6]])
    await mandateOf(house, daughter, patient)
    assert.deepEqual(await of(daughter), [3, 6])
  })
})

describe('GET /v1/care-plans/{id}/adherence', () => {
  it('counts by activity what was done, late, left out, missed and is open, of what was due before now and not cancelled', async () => {
    await using family = await openFamily()
    const { house, patient, daughter } = family
    const [one, other] = [activity({ schedule }), activity({ schedule: { ...schedule, timesOfDay: ['09:00'] } })]
    const planned = planOf(patient, [one, other])
    await plan(house, planned)
    house.setNow('2031-03-05T20:30:00Z')
    const tasks = (await ownOf(patient, `?from=${at('00:00')}&to=${at('23:00', '2031-03-05')}&limit=100`)).filter(
      (item: { activity: string }) => item.activity === one.id,
    )
    const say = async (n: number, verb: string, body: object) =>
      assert.equal((await patient.post(`/v1/care-tasks/${tasks[n].id}/${verb}`, body)).status, 200)
    await say(0, 'done', { at: at('08:00') })
    await say(1, 'done', { at: at('18:00') }) // four hours after its time is in time
    await say(2, 'done', { at: '2031-03-04T00:00:01Z' })
    await say(3, 'skip', { note: 'Asleep' })
    const adherence = async (of: { id: string }, query = '') => {
      const { activities } = (await patient.get(`/v1/care-plans/${planned.id}/adherence${query}`)).body
      return activities.find((found: { activity: string }) => found.activity === of.id)
    }
    const { id: activityId, instruction } = one
    const counts = { due: 9, done: 2, doneLate: 1, skipped: 1, missed: 4, open: 1 }
    assert.deepEqual(await adherence(one), { activity: activityId, instruction, ...counts })
    assert.equal((await adherence(other)).due, 3)
    assert.equal(counts.done + counts.doneLate + counts.skipped + counts.missed + counts.open, counts.due)
    await plan(house, { ...planned, activities: [{ ...one, schedule: { ...schedule, timesOfDay: ['21:00'] } }, other] })
    assert.deepEqual(await adherence(one), { activity: activityId, instruction, ...counts, due: 8, open: 0 })
    const day = `?from=${at('00:00', '2031-03-04')}&to=${at('00:00', '2031-03-05')}`
    assert.deepEqual(await adherence(one, day), {
      ...{ activity: activityId, instruction, due: 3, done: 0, doneLate: 0, skipped: 1, missed: 2, open: 0 },
    })
    assert.equal((await daughter.get(`/v1/care-plans/${planned.id}/adherence`)).status, 200)
    for (const who of [await newPatient(house), { ...daughter, get: house.anonymous.get }])
      assert.ok([401, 404].includes((await who.get(`/v1/care-plans/${planned.id}/adherence`)).status))
    assert.equal((await patient.get(`/v1/care-plans/${newId()}/adherence`)).status, 404)
  })
})
