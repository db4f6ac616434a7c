import assert from 'node:assert/strict'
import type { Client } from '#platform/testing.ts'

const amlodipine = {
  text: 'Pressure tablet',
  coding: [{ system: 'http://www.whocc.no/atc', code: 'C08CA01' }],
}

export const prescriptionFacts = {
  what: amlodipine,
  doses: [{ amount: { value: 1, form: 'tablet' }, times: { count: 1, every: { count: 1, unit: 'day' } } }],
}

/** What whoever treats a patient has prescribed: one that is taken, and one that is on hold. */
export async function prescriptions(doctor: Client, patient: string) {
  const path = `/v1/patients/${patient}/prescriptions`
  const made = async (code: string): Promise<string> => {
    const what = { text: `Tablet ${code}`, coding: [{ ...amlodipine.coding[0], code }] }
    const { status, body } = await doctor.post(path, { ...prescriptionFacts, what })
    assert.equal(status, 201, JSON.stringify(body))
    return body.id
  }
  const heldPrescription = await made('B01AC06')
  const held = await doctor.post(`${path}/${heldPrescription}/hold`, { reason: 'Surgery' }, { 'if-match': '"1"' })
  assert.equal(held.status, 200, JSON.stringify(held.body))
  return { prescription: await made('A10BA02'), heldPrescription }
}
