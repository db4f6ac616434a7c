import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { newPatient, practitionerOf } from '../testing.ts'

describe('a result below what can be measured', () => {
  it('is told as that in lists and in the timeline, and is no point of a series', async () => {
    await using house = await openTestHouse(everything)
    const patient = await newPatient(house)
    const doctor = await practitionerOf(house, patient)
    const result = {
      ...{ resourceType: 'Observation', status: 'final', effectiveDateTime: '2031-02-01' },
      category: [
        { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory' }] },
      ],
      code: { coding: [{ system: 'http://loinc.org', code: '1988-5' }], text: 'CRP' },
      subject: { reference: `Patient/${patient.id}` },
      valueQuantity: { value: 5, comparator: '<', unit: 'mg/L', system: 'http://unitsofmeasure.org', code: 'mg/L' },
    }
    assert.equal((await doctor.post('/fhir/R4/Observation', result)).status, 201)
    const path = `/v1/patients/${patient.id}`
    const [item] = (await doctor.get(`${path}/results`)).body.items
    assert.deepEqual(item.value, { concept: { text: '< 5 mg/L' } })
    assert.match(JSON.stringify((await doctor.get(`${path}/timeline`)).body.items), /< 5 mg\/L/)
    const valueQuantity = { ...result.valueQuantity, value: 7, comparator: undefined }
    assert.equal((await doctor.post('/fhir/R4/Observation', { ...result, valueQuantity })).status, 201)
    const series = await doctor.get(`${path}/series?code=1988-5`)
    assert.deepEqual(
      series.body.items.map(({ value }: { value: number }) => value),
      [7],
    )
  })
})
