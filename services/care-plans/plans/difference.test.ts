import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { languages } from '#platform/language.ts'
import { caregiverOf, changeOf, openWard, planned, version } from '../testing.ts'
import { difference } from './difference.ts'
import type { Plan } from './plan.ts'
import { catalogues } from './words/catalogues.ts'

const id = (n: number) => `018f3a5e-7c1b-7d2e-9f30-00000000000${n}`

const plan: Plan = {
  ...{ id: id(1), patient: id(2), practitioner: id(3), status: 'active', title: 'Pressure', category: 'general' },
  ...{ from: '2031-03-03', zone: 'UTC', version: 1, changed: { at: '2031-03-03T09:00:00Z', by: id(3) } },
  goals: [{ id: id(4), what: { text: 'Lower' }, achievement: 'in-progress' }],
  activities: [
    {
      ...{ id: id(5), instruction: 'Measure it', kind: 'measurement', performer: { role: 'patient' } },
      schedule: { timesOfDay: ['08:00'], from: '2031-03-03' },
    },
  ],
}
const [goal, activity] = [plan.goals[0] as Plan['goals'][number], plan.activities[0] as Plan['activities'][number]]
const texts = (is: Plan, language: (typeof languages)[number] = 'en') =>
  difference(plan, is, language).map(({ text }) => text)

describe('GET /v1/care-plans/{id}/difference', () => {
  it('says in words which goal and activity was added, left out, or changed and how', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    const daughter = await caregiverOf(house, patient, ['see-record'])
    const first = await planned(doctor, patient)
    const [measuring] = first.activities
    const change = changeOf(first, {
      goals: [{ what: { text: 'Walk more' } }],
      activities: [
        {
          ...measuring,
          performer: { role: 'caregiver', mandate: daughter.mandate },
          schedule: { timesOfDay: ['20:00', '08:00'], days: ['thu', 'mon'], from: '2031-03-03', to: '2031-04-01' },
        },
      ],
      reason: 'She asked for it',
    })
    assert.equal((await doctor.put(`/v1/care-plans/${first.id}`, change, version(1))).status, 200)
    const { body } = await patient.get(`/v1/care-plans/${first.id}/difference?from=1&to=2`)
    assert.deepEqual([body.from.version, body.to.version, body.to.reason], [1, 2, 'She asked for it'])
    assert.deepEqual(
      body.changes.map(({ text }: { text: string }) => text),
      [
        'Goal “Walk more”: added',
        'Goal “A lower pressure”: left out',
        'Activity “Measure the blood pressure”: who does it: patient → caregiver',
        'Activity “Measure the blood pressure”: when: 08:00, each day, from 3 March 2031 → 08:00 and 20:00, Monday and Thursday, from 3 March 2031, until 1 April 2031',
      ],
    )
    const french = await doctor.get(`/v1/care-plans/${first.id}/difference?from=2&to=1`, { 'accept-language': 'fr' })
    assert.match(french.body.changes[0].text, /^Objectif “A lower pressure”: ajouté$/)
    assert.equal((await doctor.get(`/v1/care-plans/${first.id}/difference?from=1&to=3`)).status, 404)
    assert.deepEqual((await doctor.get(`/v1/care-plans/${first.id}/difference?from=2&to=2`)).body.changes, [])
  })

  it('says of two who are the same to a reader that it is another', () => {
    const by = (mandate: string): Plan => ({
      ...plan,
      activities: [{ ...activity, performer: { role: 'caregiver', mandate } }],
    })
    const [change] = difference(by(id(6)), by(id(7)), 'en')
    assert.deepEqual([change?.before, change?.now], ['caregiver', 'another caregiver'])
  })

  it('has words for every state, achievement and kind there is, in every language', () => {
    for (const language of languages) {
      const { statuses, achievements, kinds } = catalogues[language]
      const changes: [Plan, string][] = [
        ...Object.entries(statuses)
          .filter(([status]) => status !== 'active')
          .map(([status, word]): [Plan, string] => [{ ...plan, status: status as Plan['status'] }, word]),
        ...Object.entries(achievements)
          .filter(([name]) => name !== 'in-progress')
          .map(([name, word]): [Plan, string] => [
            { ...plan, goals: [{ ...goal, achievement: name as NonNullable<typeof goal.achievement> }] },
            word,
          ]),
        ...Object.entries(kinds)
          .filter(([kind]) => kind !== 'measurement')
          .map(([kind, word]): [Plan, string] => [
            { ...plan, activities: [{ ...activity, kind: kind as typeof activity.kind }] },
            word,
          ]),
      ]
      for (const [is, word] of changes) {
        const [text = ''] = texts(is, language)
        assert.ok(text.endsWith(word), `${language}: ${text}`)
        assert.doesNotMatch(text, /undefined|[{}]/)
      }
      const [text = ''] = texts(
        {
          ...plan,
          goals: [
            {
              ...goal,
              targets: [
                { measure: { text: 'A' }, within: { low: 60, high: 140.5, unit: 'mm[Hg]' }, on: '2031-06-01' },
                { measure: { text: 'B' }, within: { low: 1, unit: 'kg' } },
                { measure: { text: 'C' }, within: { high: 2, unit: 'kg' } },
              ],
            },
          ],
        },
        language,
      )
      assert.doesNotMatch(text, /undefined|[{}]/)
      for (const part of ['A', 'B', 'C', 'mm[Hg]', 'kg']) assert.ok(text.includes(part), `${language}: ${text}`)
      const [every = ''] = texts(
        {
          ...plan,
          activities: [{ ...activity, schedule: { timesOfDay: ['08:00'], everyDays: 3, from: '2031-03-03' } }],
        },
        language,
      )
      assert.doesNotMatch(every, /undefined|[{}#]/)
    }
  })

  it('keeps what somebody wrote from turning the direction of what is beside it', () => {
    const turned = texts({ ...plan, title: 'x\u202egnp.exe' })[0] ?? ''
    assert.doesNotMatch(turned, /\u202e/)
    assert.match(texts({ ...plan, title: 'خطة' })[0] ?? '', /\u2068خطة\u2069/)
  })
})
