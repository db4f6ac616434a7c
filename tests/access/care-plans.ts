import assert from 'node:assert/strict'
import type { Client } from '#platform/testing.ts'

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

/** A plan of Saba's, by who treats her, and a template. */
export async function carePlans(doctor: Client, patient: string) {
  const made = async (path: string, facts: object): Promise<string> => {
    const { status, body } = await doctor.post(path, facts)
    assert.equal(status, 201, JSON.stringify(body))
    return body.id
  }
  const plan = () => made(`/v1/patients/${patient}/care-plans`, planFacts)
  return { carePlan: await plan(), template: await made('/v1/care-plan-templates', templateFacts) }
}
