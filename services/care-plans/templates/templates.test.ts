import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { caregiverOf, openWard, practitionerOf, pressure, version } from '../testing.ts'

const hypertension = { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code: 'I10' }], text: 'Hypertension' }
const template = {
  title: 'High blood pressure, newly found',
  description: 'Three months to begin with',
  condition: hypertension,
  lastsDays: 90,
  reviewAfterDays: 30,
  goals: [
    {
      what: { text: 'A lower pressure' },
      targets: [{ measure: pressure, within: { high: 140, unit: 'mm[Hg]' }, afterDays: 60 }],
    },
  ],
  activities: [
    {
      instruction: 'Measure the blood pressure',
      kind: 'measurement',
      role: 'patient',
      schedule: { timesOfDay: ['08:00', '20:00'], days: ['mon', 'thu'], forDays: 14 },
    },
    {
      instruction: 'Look at the numbers',
      kind: 'other',
      role: 'caregiver',
      schedule: { timesOfDay: ['21:00'], everyDays: 7 },
    },
    { instruction: 'Telephone', kind: 'visit', role: 'practitioner' },
  ],
}

describe('a template of plans', () => {
  it('is written by a practitioner for a condition, read as it was written, and found by whoever makes plans', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    const made = await doctor.post('/v1/care-plan-templates', template)
    assert.equal(made.status, 201, JSON.stringify(made.body))
    assert.deepEqual(made.body, {
      ...template,
      id: made.body.id,
      status: 'active',
      practitioner: doctor.id,
      version: 1,
    })
    const path = `/v1/care-plan-templates/${made.body.id}`
    const colleague = await practitionerOf(house)
    assert.deepEqual((await colleague.get(path)).body, made.body)
    const found = async (query: string) =>
      (await colleague.get(`/v1/care-plan-templates?${query}`)).body.items.map(({ id }: { id: string }) => id)
    for (const query of [
      '',
      'code=I10',
      `code=${encodeURIComponent('http://hl7.org/fhir/sid/icd-10|I10')}`,
      'title=newly',
    ])
      assert.deepEqual(await found(query), [made.body.id], query)
    for (const query of ['code=I11', 'title=old']) assert.deepEqual(await found(query), [], query)
    assert.equal((await patient.get(path)).status, 403)
    assert.equal((await house.anonymous.get(path)).status, 401)
  })

  it('is changed and taken out of use by whoever wrote it, or an administrator, in the version that they have read', async () => {
    await using ward = await openWard()
    const { house, doctor } = ward
    const { id } = (await doctor.post('/v1/care-plan-templates', template)).body
    const path = `/v1/care-plan-templates/${id}`
    const [colleague, root] = [await practitionerOf(house), await house.signedIn({ roles: ['administrator'] })]
    assert.equal((await colleague.put(path, template, version(1))).status, 403)
    assert.equal((await doctor.put(path, template)).status, 428)
    const changed = await root.put(path, { ...template, title: 'Pressure' }, version(1))
    assert.deepEqual(
      [changed.status, changed.body.title, changed.body.version],
      [200, 'Pressure', 2],
      JSON.stringify(changed.body),
    )
    assert.equal(changed.body.practitioner, doctor.id)
    assert.equal((await doctor.put(path, template, version(1))).status, 412)
    const both = await Promise.all([1, 2].map(() => doctor.put(path, template, version(2))))
    assert.deepEqual(both.map(({ status }) => status).sort(), [200, 412])
    assert.equal((await doctor.post(`${path}/retire`, undefined, version(3))).body.status, 'retired')
    assert.equal((await doctor.put(path, template, version(4))).status, 422)
    assert.deepEqual((await doctor.get('/v1/care-plan-templates')).body.items, [])
    assert.equal((await doctor.get('/v1/care-plan-templates?include=all')).body.items.length, 1)
  })

  it('is refused with what is wrong in it', async () => {
    await using ward = await openWard()
    const { doctor } = ward
    const [activity] = template.activities
    const { status, body } = await doctor.post('/v1/care-plan-templates', {
      ...template,
      goals: [{ what: { text: 'X' }, targets: [{ measure: pressure, within: { low: 2, high: 1, unit: 'bananas' } }] }],
      activities: [{ ...activity, schedule: { ...activity?.schedule, everyDays: 2 } }],
    })
    assert.deepEqual(
      [status, body.errors.map(({ pointer }: { pointer: string }) => pointer)],
      [
        422,
        [
          '/body/goals/0/targets/0/within/high',
          '/body/goals/0/targets/0/within/unit',
          '/body/activities/0/schedule/everyDays',
        ],
      ],
    )
  })
})

describe('a plan from a template', () => {
  it('has its goals and activities from the day it begins, and what is given in their place; later changes of the template leave it be', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    const daughter = await caregiverOf(house, patient, ['see-record'])
    const { id } = (await doctor.post('/v1/care-plan-templates', template)).body
    const path = `/v1/patients/${patient.id}/care-plans`
    const lacking = await doctor.post(path, { template: id, from: '2031-03-03' })
    assert.deepEqual([lacking.status, lacking.body.errors[0].pointer], [422, '/body/mandate'])
    const given = { template: id, mandate: daughter.mandate, from: '2031-03-03', title: 'Pressure of Saba' }
    const { status, body } = await doctor.post(path, given)
    assert.equal(status, 201, JSON.stringify(body))
    assert.deepEqual(
      [body.title, body.description, body.to, body.reviewOn, body.template],
      ['Pressure of Saba', 'Three months to begin with', '2031-06-01', '2031-04-02', { id, version: 1 }],
    )
    assert.equal(body.goals[0].targets[0].on, '2031-05-02')
    assert.deepEqual(
      body.activities.map(({ performer, schedule }: { performer: object; schedule: object }) => [performer, schedule]),
      [
        [
          { role: 'patient' },
          { timesOfDay: ['08:00', '20:00'], days: ['mon', 'thu'], from: '2031-03-03', to: '2031-03-16' },
        ],
        [
          { role: 'caregiver', mandate: daughter.mandate },
          { timesOfDay: ['21:00'], everyDays: 7, from: '2031-03-03' },
        ],
        [{ role: 'practitioner', practitioner: doctor.id }, undefined],
      ],
    )
    const resource = (await doctor.get(`/fhir/R4/CarePlan/${body.id}`)).body
    const [canonical] = resource.instantiatesCanonical
    assert.match(canonical, new RegExp(`/fhir/R4/PlanDefinition/${id}\\|1$`))
    await doctor.put(`/v1/care-plan-templates/${id}`, { ...template, goals: [] }, version(1))
    assert.deepEqual((await doctor.get(`/v1/care-plans/${body.id}`)).body, body)
    await doctor.post(`/v1/care-plan-templates/${id}/retire`, undefined, version(2))
    assert.equal((await doctor.post(path, given)).status, 422)
  })
})
