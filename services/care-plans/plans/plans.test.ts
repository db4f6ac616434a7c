import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { labelled } from '#fhir/rooms/labels.ts'
import { newId } from '#platform/ids.ts'
import { metformin } from '../prescriptions/testing.ts'
import {
  caregiverOf,
  changeOf,
  endMandate,
  facts,
  newPatient,
  openWard,
  planned,
  practitionerOf,
  version,
} from '../testing.ts'

const [activity] = facts.activities

describe('POST /v1/patients/{id}/care-plans', () => {
  it('makes a plan: a CarePlan and its Goals, which whoever sees the record reads', async () => {
    await using ward = await openWard()
    const { doctor, patient } = ward
    const problem = (
      await doctor.post(`/v1/patients/${patient.id}/problems`, { what: { text: 'Hypertension' }, status: 'active' })
    ).body.id
    const plan = await planned(doctor, patient, { problems: [problem] })
    assert.deepEqual(
      [plan.status, plan.zone, plan.practitioner, plan.version, plan.problems],
      ['active', 'Africa/Accra', doctor.id, 1, [problem]],
    )
    assert.deepEqual((await patient.get(`/v1/care-plans/${plan.id}`)).body, plan)
    const { body } = await doctor.get(`/fhir/R4/CarePlan?_id=${plan.id}&_include=CarePlan:goal`)
    const [resource, goal] = body.entry.map(({ resource }: { resource: object }) => resource)
    assert.deepEqual(
      [resource.intent, resource.addresses, resource.activity[0].detail.scheduledTiming.repeat],
      [
        'plan',
        [{ reference: `Condition/${problem}` }],
        { boundsPeriod: { start: '2031-03-03' }, timeOfDay: ['08:00:00'], period: 1, periodUnit: 'd' },
      ],
    )
    assert.deepEqual(
      [goal.lifecycleStatus, goal.target[0].detailRange.high.code, goal.target[0].dueDate],
      ['active', 'mm[Hg]', '2031-06-01'],
    )
    assert.equal((await doctor.put(`/fhir/R4/CarePlan/${plan.id}`, { ...resource, status: 'revoked' })).status, 422)
    assert.equal((await doctor.put(`/fhir/R4/Goal/${goal.id}`, { ...goal, lifecycleStatus: 'rejected' })).status, 422)
    assert.deepEqual(
      (await patient.get(`/v1/patients/${patient.id}/care-plans`)).body.items.map(({ id }: { id: string }) => id),
      [plan.id],
    )
  })

  it('is refused where it does not hold together, and says where', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    const other = await newPatient(house)
    const stranger = await caregiverOf(house, other, ['see-record'])
    const daughter = await caregiverOf(house, patient, ['book'])
    const elsewhere = await practitionerOf(house, other)
    const { id: problem } = (
      await elsewhere.post(`/v1/patients/${other.id}/problems`, { what: { text: 'Asthma' }, status: 'active' })
    ).body
    const by = (performer: object) => ({ activities: [{ ...activity, performer }] })
    const when = (schedule: object) => ({
      activities: [{ ...activity, schedule: { ...activity?.schedule, ...schedule } }],
    })
    const within = (range: object) => ({
      goals: [{ what: { text: 'X' }, targets: [{ measure: { text: 'X' }, within: range }] }],
    })
    const cases: [object, string][] = [
      [{ title: undefined }, '/body/title'],
      [{ to: '2031-03-02' }, '/body/to'],
      [{ reviewOn: '2031-03-02' }, '/body/reviewOn'],
      [{ problems: [problem] }, '/body/problems/0'],
      [{ template: newId() }, '/body/template'],
      [within({ high: 140, unit: 'bananas' }), '/body/goals/0/targets/0/within/unit'],
      [within({ low: 150, high: 140, unit: 'mm[Hg]' }), '/body/goals/0/targets/0/within/high'],
      [when({ days: ['mon'], everyDays: 2 }), '/body/activities/0/schedule/everyDays'],
      [when({ from: '2031-03-01' }), '/body/activities/0/schedule/from'],
      [when({ to: '2031-03-01' }), '/body/activities/0/schedule/to'],
      [by({ role: 'caregiver' }), '/body/activities/0/performer/mandate'],
      [by({ role: 'patient', mandate: daughter.mandate }), '/body/activities/0/performer/mandate'],
      [by({ role: 'patient', practitioner: doctor.id }), '/body/activities/0/performer/practitioner'],
      [by({ role: 'caregiver', mandate: stranger.mandate }), '/body/activities/0/performer/mandate'],
      [by({ role: 'caregiver', mandate: daughter.mandate }), '/body/activities/0/performer/mandate'],
      [by({ role: 'practitioner', practitioner: newId() }), '/body/activities/0/performer/practitioner'],
      [{ activities: [{ ...activity, prescription: newId() }] }, '/body/activities/0/prescription'],
      [{ activities: [{ ...activity, kind: 'medicine', prescription: newId() }] }, '/body/activities/0/prescription'],
    ]
    for (const [wrong, pointer] of cases) {
      const { status, body } = await doctor.post(`/v1/patients/${patient.id}/care-plans`, { ...facts, ...wrong })
      assert.deepEqual(
        [status, body.errors?.map((one: { pointer: string }) => one.pointer)],
        [422, [pointer]],
        JSON.stringify(body),
      )
    }
    const noUnit = await doctor.post(`/v1/patients/${patient.id}/care-plans`, { ...facts, ...within({ high: 140 }) })
    assert.equal(noUnit.status, 400)
  })

  it('is for who treats the patient: others see no patient there, and those who see the record may not', async () => {
    await using ward = await openWard()
    const { house, patient } = ward
    const path = `/v1/patients/${patient.id}/care-plans`
    const [stranger, daughter] = [await practitionerOf(house), await caregiverOf(house, patient, ['see-record'])]
    assert.equal((await stranger.post(path, facts)).status, 404)
    for (const who of [patient, daughter]) assert.equal((await who.post(path, facts)).status, 403)
    assert.equal((await house.anonymous.post(path, facts)).status, 401)
  })
})

describe('who reads a plan', () => {
  it('is the patient, who sees their record, and nobody else; what is sensitive, as they permit it', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    const other = await newPatient(house)
    const [full, plain] = [
      await caregiverOf(house, patient, ['see-record', 'see-sensitive']),
      await caregiverOf(house, patient, ['see-record']),
    ]
    const performer = { role: 'caregiver', mandate: plain.mandate }
    const wrong = { category: 'hiv', activities: [{ ...activity, performer }] }
    assert.equal((await doctor.post(`/v1/patients/${patient.id}/care-plans`, { ...facts, ...wrong })).status, 422)
    const { id } = await planned(doctor, patient, { category: 'hiv' })
    const seen = async () =>
      Promise.all(
        [patient, doctor, full, plain, other].map(async (who) => (await who.get(`/v1/care-plans/${id}`)).status),
      )
    assert.deepEqual(await seen(), [200, 200, 200, 404, 404])
    for (const path of ['versions', 'difference?from=1&to=1'])
      assert.equal((await plain.get(`/v1/care-plans/${id}/${path}`)).status, 404)
    assert.deepEqual((await plain.get(`/v1/patients/${patient.id}/care-plans`)).body.items, [])
    await house.owner.query(
      `insert into platform.refusal (subject_id, purpose, category, since) values ($1, 'treatment', 'hiv', '2030-01-01Z') on conflict do nothing`,
      [patient.id],
    )
    assert.deepEqual(await seen(), [200, 404, 200, 404, 404])
    const change = await doctor.put(`/v1/care-plans/${id}`, changeOf(await planned(doctor, patient)), version(1))
    assert.equal(change.status, 404)
  })
})

describe('PUT /v1/care-plans/{id}', () => {
  it('makes another version: what is left out was there, what is new has an id, and goals have their history', async () => {
    await using ward = await openWard()
    const { doctor, patient } = ward
    const first = await planned(doctor, patient)
    const [goal] = first.goals
    const change = changeOf(first, {
      goals: [{ ...goal, achievement: 'improving' }, { what: { text: 'Walk more' } }],
      activities: [{ instruction: 'Walk', kind: 'exercise', performer: { role: 'practitioner' } }],
      reason: 'The pressure falls',
    })
    const { status, body, headers } = await doctor.put(`/v1/care-plans/${first.id}`, change, version(1))
    assert.equal(status, 200, JSON.stringify(body))
    assert.equal(headers.etag, '"2"')
    assert.deepEqual(
      [body.version, body.goals[0].achievement, body.activities[0].performer, body.changed.reason],
      [2, 'improving', { role: 'practitioner', practitioner: doctor.id }, 'The pressure falls'],
    )
    assert.deepEqual((await doctor.get(`/v1/care-plans/${first.id}`)).body, body)
    assert.deepEqual((await patient.get(`/v1/care-plans/${first.id}?version=1`)).body, first)
    const third = await doctor.put(`/v1/care-plans/${first.id}`, changeOf(body, { goals: [body.goals[1]] }), version(2))
    assert.equal(third.status, 200, JSON.stringify(third.body))
    assert.equal((await doctor.get(`/fhir/R4/Goal/${goal.id}`)).body.lifecycleStatus, 'cancelled')
    const kept = (await doctor.get(`/fhir/R4/Goal/${body.goals[1].id}`)).body
    assert.equal(kept.meta.versionId, '1')
    assert.equal((await doctor.get(`/v1/care-plans/${first.id}?version=9`)).status, 404)
  })

  it('is refused for an id that is not of the plan, and for one that is there twice', async () => {
    await using ward = await openWard()
    const { doctor, patient } = ward
    const plan = await planned(doctor, patient)
    const [goal] = plan.goals
    for (const [goals, at] of [
      [[{ ...goal, id: newId() }], 0],
      [[goal, goal], 1],
    ] as const) {
      const { status, body } = await doctor.put(`/v1/care-plans/${plan.id}`, changeOf(plan, { goals }), version(1))
      assert.deepEqual([status, body.errors[0].pointer], [422, `/body/goals/${at}/id`], JSON.stringify(body))
    }
  })

  it('tells whoever is overtaken what changed, by whom and when, and loses nothing of twenty who write at once', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    const colleague = await practitionerOf(house, patient)
    const plan = await planned(doctor, patient)
    const path = `/v1/care-plans/${plan.id}`
    assert.equal((await colleague.put(path, changeOf(plan, { title: 'Pressure' }), version(1))).status, 200)
    const late = await doctor.put(path, changeOf(plan, { to: '2031-09-01' }), version(1))
    assert.equal(late.status, 412)
    assert.deepEqual(
      [late.body.by, late.body.current, late.body.changes],
      [
        colleague.id,
        '"2"',
        [
          {
            ...{ part: 'plan', change: 'changed', field: 'title', before: 'High blood pressure', now: 'Pressure' },
            text: 'Plan: title: High blood pressure → Pressure',
          },
        ],
      ],
    )
    assert.match(late.body.at, /^20/)
    const writes = Array.from({ length: 20 }, async (_, n) => {
      for (;;) {
        const { body: now } = await doctor.get(path)
        const activities = [...now.activities, { ...activity, instruction: `Thing ${n}` }]
        const { status, body } = await doctor.put(path, changeOf(now, { activities }), version(now.version))
        if (status === 200) return
        assert.deepEqual([status, body.current !== undefined], [412, true], JSON.stringify(body))
      }
    })
    await Promise.all(writes)
    const { body: after } = await doctor.get(path)
    assert.deepEqual([after.version, after.activities.length], [22, 21])
  })

  it('is refused where a caregiver’s mandate has ended, and lets what they did before be', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    const daughter = await caregiverOf(house, patient, ['see-record'])
    const performer = { role: 'caregiver', mandate: daughter.mandate }
    const plan = await planned(doctor, patient, { activities: [{ ...activity, performer }] })
    assert.equal((await daughter.get(`/v1/care-plans/${plan.id}`)).status, 200)
    await endMandate(house, daughter.mandate)
    const path = `/v1/care-plans/${plan.id}`
    const title = await doctor.put(path, changeOf(plan, { title: 'Pressure' }), version(1))
    assert.equal(title.status, 200, JSON.stringify(title.body))
    const activities = [...plan.activities, { ...activity, performer }]
    assert.equal((await doctor.put(path, changeOf(plan, { activities }), version(2))).status, 422)
    assert.equal((await daughter.get(path)).status, 404)
  })
})

describe('POST /v1/care-plans/{id}/status', () => {
  it('goes where it may, with a reason, and ends: nothing is deleted', async () => {
    await using ward = await openWard()
    const { doctor, patient } = ward
    const plan = await planned(doctor, patient, { status: 'draft' })
    const path = `/v1/care-plans/${plan.id}`
    let current = 1
    for (const [status, expected] of [
      ['on-hold', 422],
      ['active', 200],
      ['on-hold', 200],
      ['active', 200],
      ['completed', 200],
      ['active', 422],
      ['entered-in-error', 200],
      ['entered-in-error', 422],
    ] as const) {
      const answer = await doctor.post(`${path}/status`, { status, reason: 'So it is' }, version(current))
      assert.equal(answer.status, expected, `${status}: ${JSON.stringify(answer.body)}`)
      if (expected === 200) assert.deepEqual([answer.body.status, answer.body.version], [status, ++current])
    }
    assert.equal((await doctor.put(path, changeOf(plan), version(current))).status, 422)
    const { body } = await patient.get(path)
    assert.deepEqual([body.status, body.title, body.changed.reason], ['entered-in-error', facts.title, 'So it is'])
    assert.equal((await doctor.get(`/fhir/R4/Goal/${plan.goals[0].id}`)).body.lifecycleStatus, 'entered-in-error')
    const list = async (include: string) =>
      (await doctor.get(`/v1/patients/${patient.id}/care-plans?include=${include}`)).body.items.length
    assert.deepEqual([await list('active'), await list('all')], [0, 1])
  })

  it('is also of who may not see all that the plan names; what they name anew they see', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    const about = { code: { text: 'Fictional' }, subject: { reference: `Patient/${patient.id}` } }
    const problem = { resourceType: 'Condition', ...labelled(['hiv']), ...about }
    const [named, other] = [
      (await doctor.post('/fhir/R4/Condition', problem)).body.id,
      (await doctor.post('/fhir/R4/Condition', problem)).body.id,
    ]
    const taken = await doctor.post(`/v1/patients/${patient.id}/prescriptions`, { ...metformin, category: 'hiv' })
    const prescription = taken.body.id
    const medicine = { ...activity, kind: 'medicine', prescription }
    const plan = await planned(doctor, patient, { problems: [named], activities: [medicine] })
    const path = `/v1/care-plans/${plan.id}`
    await house.owner.query(
      `insert into platform.refusal (subject_id, purpose, category, since) values ($1, 'treatment', 'hiv', now())`,
      [patient.id],
    )
    const title = await doctor.put(path, changeOf(plan, { title: 'Pressure' }), version(1))
    assert.equal(title.status, 200, JSON.stringify(title.body))
    const more = await doctor.put(path, changeOf(plan, { problems: [named, other] }), version(2))
    assert.deepEqual([more.status, more.body.errors?.[0].pointer], [422, '/body/problems/1'])
    const held = await doctor.post(`${path}/status`, { status: 'on-hold', reason: 'So it is' }, version(2))
    assert.equal(held.status, 200, JSON.stringify(held.body))
  })

  it('is once, whoever presses at the same time', async () => {
    await using ward = await openWard()
    const { doctor, patient } = ward
    const { id } = await planned(doctor, patient)
    const ask = () => doctor.post(`/v1/care-plans/${id}/status`, { status: 'completed', reason: 'Done' }, version(1))
    const all = await Promise.all(Array.from({ length: 5 }, ask))
    assert.deepEqual(all.map(({ status }) => status).sort(), [200, 412, 412, 412, 412])
  })
})

describe('the versions of a plan', () => {
  it('are listed page by page, the newest first, with who wrote each and why', async () => {
    await using ward = await openWard()
    const { doctor, patient } = ward
    const plan = await planned(doctor, patient)
    const path = `/v1/care-plans/${plan.id}`
    for (const n of [1, 2]) {
      const sent = changeOf(plan, { title: `Title ${n}`, reason: `Reason ${n}` })
      assert.equal((await doctor.put(path, sent, version(n))).status, 200)
    }
    const first = (await patient.get(`${path}/versions?limit=2`)).body
    assert.deepEqual(
      first.items.map((one: { version: number; by: string; reason?: string }) => [one.version, one.by, one.reason]),
      [
        [3, doctor.id, 'Reason 2'],
        [2, doctor.id, 'Reason 1'],
      ],
    )
    const { items, next } = (await patient.get(`${path}/versions?limit=2&cursor=${first.next}`)).body
    assert.deepEqual([items.length, items[0].version, items[0].reason, next], [1, 1, undefined, undefined])
  })
})
