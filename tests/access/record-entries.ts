import assert from 'node:assert/strict'
import type { Client } from '#platform/testing.ts'
import { prescriptions } from './prescriptions.ts'

const what = { text: 'Fictional', coding: [{ system: 'http://codes.example', code: 'F' }] }

/** One of each kind, as it is added; what is given to change one is the same. */
export const entryFacts = {
  problems: { what, status: 'active' },
  allergies: { what, status: 'active', reaction: what },
  medicines: { what, status: 'active' },
  immunisations: { what, status: 'completed', on: '2030-01-02', reason: what },
  results: { what, status: 'final', at: '2030-01-02', value: { concept: what } },
  procedures: { what, status: 'completed', outcome: what },
  documents: { what, title: 'Letter', status: 'current', on: '2030-01-02T00:00:00Z' },
} as const

export const bundleOf = (patient: string) => ({
  ...{ resourceType: 'Bundle', type: 'collection' },
  entry: [
    {
      resource: {
        resourceType: 'Procedure',
        status: 'completed',
        code: { text: 'Elsewhere' },
        subject: { reference: `Patient/${patient}` },
      },
    },
  ],
})

/** What whoever treats a patient has written down, and is about to take over. */
export async function recordEntries(doctor: Client, patient: string, picture: Buffer) {
  const path = `/v1/patients/${patient}`
  const made = async (answer: Promise<{ status: number; body: { id: string } }>): Promise<string> => {
    const { status, body } = await answer
    assert.equal(status, 201, JSON.stringify(body))
    return body.id
  }
  const { documents: _byUpload, ...others } = entryFacts
  const entry: Record<string, string> = {}
  for (const [kind, facts] of Object.entries(others)) entry[kind] = await made(doctor.post(`${path}/${kind}`, facts))
  entry.documents = await made(doctor.upload(`${path}/documents?title=Letter`, 'image/png', picture))
  const bundle = Buffer.from(JSON.stringify(bundleOf(patient)))
  return {
    ...(await prescriptions(doctor, patient)),
    ...(entry as Record<keyof typeof entryFacts, string>),
    recordImport: await made(doctor.upload(`${path}/record-imports`, 'application/fhir+json', bundle)),
  }
}
