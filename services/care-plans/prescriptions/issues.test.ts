import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { labelled } from '#fhir/rooms/labels.ts'
import { atc, made, metformin, openWard } from './testing.ts'

const clinical = 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical'
const allergyOf = (path: string, code: string, categories: string[] = []) => ({
  ...{ resourceType: 'AllergyIntolerance', ...labelled(categories), code: atc(code, 'Fictional') },
  clinicalStatus: { coding: [{ system: clinical, code: 'active' }] },
  patient: { reference: path.replace('/v1/patients', 'Patient') },
})

describe('what the record said against a prescription', () => {
  it('is as sensitive as each of the two', async () => {
    await using ward = await openWard()
    const { house, doctor, patient, path } = ward
    const { id: allergy } = await made(doctor, '/fhir/R4/AllergyIntolerance', allergyOf(path, 'A10BA02', ['hiv']))
    const override = { kind: 'allergy', with: `AllergyIntolerance/${allergy}`, reason: 'Looked at' }
    const of = async (category: string) => {
      const { id } = await made(doctor, `${path}/prescriptions`, { ...metformin, category, overrides: [override] })
      const { entry } = (
        await doctor.get(`/fhir/R4/DetectedIssue?patient=${patient.id}&implicated=MedicationRequest/${id}`)
      ).body
      await doctor.post(`${path}/prescriptions/${id}/stop`, { reason: 'Over' }, { 'if-match': '"1"' })
      return { id, codes: entry[0].resource.meta.security.map(({ code }: { code: string }) => code) }
    }
    const { id, codes } = await of('general')
    assert.deepEqual(codes, ['HIV'])
    assert.deepEqual((await of('mental-health')).codes, ['PSY', 'HIV'])
    assert.deepEqual((await of('hiv')).codes, ['HIV'])
    await house.owner.query(
      `insert into platform.refusal (subject_id, purpose, category, since) values ($1, 'treatment', 'hiv', '2031-01-01Z')`,
      [patient.id],
    )
    assert.equal((await doctor.get(`${path}/prescriptions/${id}`)).body.overridden, undefined)
    assert.equal((await patient.get(`${path}/prescriptions/${id}`)).body.overridden.length, 1)
  })

  it('is told whole, however much it was', async () => {
    await using ward = await openWard()
    const { doctor, path } = ward
    const entry = Array.from({ length: 230 }, () => ({
      ...{ resource: allergyOf(path, 'A10BA02'), request: { method: 'POST', url: 'AllergyIntolerance' } },
    }))
    const stored = await doctor.post('/fhir/R4', { resourceType: 'Bundle', type: 'transaction', entry })
    assert.equal(stored.status, 200, JSON.stringify(stored.body).slice(0, 500))
    const { findings } = (await doctor.post(`${path}/prescriptions`, metformin)).body
    const overrides = findings.map(({ kind, with: of }: { kind: string; with: string }, n: number) => ({
      ...{ kind, with: of, reason: `Looked at ${n}` },
    }))
    const { id, overridden } = await made(doctor, `${path}/prescriptions`, { ...metformin, overrides })
    const inOrder = overrides.map((one: object) => ({ ...one, severity: 'high' }))
    assert.deepEqual(overridden, inOrder)
    assert.deepEqual((await doctor.get(`${path}/prescriptions/${id}`)).body.overridden, inOrder)
  })
})
