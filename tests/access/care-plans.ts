import assert from 'node:assert/strict'
import type { Client, TestHouse } from '#platform/testing.ts'
import { careTasks } from './care-tasks.ts'

const what = { text: 'Fictional', coding: [{ system: 'http://codes.example', code: 'F' }] }
const within = { high: 140, unit: 'mm[Hg]' }

/** Of which nothing names anybody. */
export const planFacts = {
  title: 'High blood pressure',
  description: 'Down within three months',
  from: '2031-03-03',
  goals: [{ what, targets: [{ measure: what, within }], note: 'At home' }],
  activities: [{ instruction: 'Measure it', kind: 'measurement', performer: { role: 'patient' } }],
} as const

export const templateFacts = {
  title: 'High blood pressure',
  description: 'By the guideline',
  condition: what,
  goals: [{ what, targets: [{ measure: what, within }] }],
  activities: [{ instruction: 'Measure it', kind: 'measurement', role: 'patient' }],
} as const

/** A plan of Saba's, by who treats her, a template, and what she has to do. */
export async function carePlans(house: TestHouse, doctor: Client, ids: { saba: string; mandate: string }) {
  const made = async (path: string, facts: object): Promise<string> => {
    const { status, body } = await doctor.post(path, facts)
    assert.equal(status, 201, JSON.stringify(body))
    return body.id
  }
  const plan = () => made(`/v1/patients/${ids.saba}/care-plans`, planFacts)
  const template = await made('/v1/care-plan-templates', templateFacts)
  return { carePlan: await plan(), template, ...(await careTasks(house, ids)) }
}
