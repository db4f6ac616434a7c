import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { newPatient, practitionerOf } from '../testing.ts'

const house = await openTestHouse(everything)
after(() => house[Symbol.asyncDispose]())

const HL7 = 'http://terminology.hl7.org/CodeSystem'
const UCUM = 'http://unitsofmeasure.org'
const oneOf = (system: string, code: string) => ({ coding: [{ system: `${HL7}/${system}`, code }] })
const text = { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">As it was</div>' }
const quantity = (value: number, unit: string) => ({ value, unit, system: UCUM, code: unit })

const doctorAndPatient = async () => {
  const patient = await newPatient(house)
  return { doctor: await practitionerOf(house, patient), patient: patient.id }
}

interface Change {
  kind: string
  resource: { resourceType: string; [element: string]: unknown }
  change: (shown: Record<string, unknown>) => object
}

/** A resource that a FHIR app wrote, as it is once its entry has been changed by /v1. */
async function changed({ kind, resource, change }: Change) {
  const { doctor, patient } = await doctorAndPatient()
  const whose = ['AllergyIntolerance', 'Immunization'].includes(resource.resourceType) ? 'patient' : 'subject'
  const made = await doctor.post(`/fhir/R4/${resource.resourceType}`, {
    ...{ ...resource, text },
    [whose]: { reference: `Patient/${patient}` },
  })
  assert.equal(made.status, 201, JSON.stringify(made.body))
  const path = `/v1/patients/${patient}/${kind}/${made.body.id}`
  const { id: _id, recorded: _recorded, version: _version, file: _file, ...shown } = (await doctor.get(path)).body
  const answer = await doctor.put(path, change(shown), { 'if-match': '"1"' })
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return (await doctor.get(`/fhir/R4/${resource.resourceType}/${made.body.id}`)).body
}

const taken = (more: Record<string, unknown>): { resourceType: string; [element: string]: unknown } => ({
  ...{ resourceType: 'MedicationStatement', status: 'active', medicationCodeableConcept: { text: 'Amlodipine 5 mg' } },
  ...more,
})
const dose = (words: string, mg: number) => ({
  ...{ text: words, timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd' } }, route: { text: 'By mouth' } },
  doseAndRate: [{ doseQuantity: quantity(mg, 'mg') }],
})
const haemoglobin = (more: object = {}) => ({
  ...{ resourceType: 'Observation', status: 'final', code: { text: 'Haemoglobin' }, effectiveDateTime: '2031-01-02' },
  ...{ valueQuantity: quantity(7, 'g/dL'), interpretation: [{ text: 'Very low' }], issued: '2031-01-02T10:00:00Z' },
  ...{ referenceRange: [{ low: quantity(12, 'g/dL'), high: quantity(16, 'g/dL') }] },
  ...more,
})

describe('what follows from a field that /v1 changes', () => {
  it('is not left of another dose: amounts, times, other doses and the narrative', async () => {
    const resource = taken({ dosage: [dose('One in the morning', 5), dose('Two in the evening', 10)] })
    const kept = await changed({ kind: 'medicines', resource, change: (shown) => ({ ...shown, note: 'With food' }) })
    assert.deepEqual([kept.dosage, kept.text], [resource.dosage, undefined])
    const now = await changed({
      ...{ kind: 'medicines', resource },
      change(shown) {
        assert.equal(shown.dosage, 'One in the morning; Two in the evening')
        return { ...shown, dosage: 'One in the evening' }
      },
    })
    assert.deepEqual([now.dosage, now.text], [[{ text: 'One in the evening' }], undefined])
  })

  it('is not left of another medicine: its amounts, and the Medication within', async () => {
    const within = { resourceType: 'Medication', id: 'm', code: { text: 'Amlodipine 5 mg' } }
    const { medicationCodeableConcept: _, ...rest } = taken({ dosage: [dose('One in the morning', 5)] })
    const resource = {
      ...rest,
      contained: [within],
      medicationReference: { reference: '#m', display: 'A' },
    }
    const to = (what: object) => changed({ kind: 'medicines', resource, change: (shown) => ({ ...shown, what }) })
    const now = await to({ text: 'Amlodipine 10 mg' })
    assert.deepEqual([now.contained, now.medicationReference], [undefined, undefined])
    assert.deepEqual(now.dosage, [{ text: 'One in the morning' }])
    const coded = await to({ text: 'A', coding: [{ system: 'http://codes.example', code: 'A5' }] })
    assert.deepEqual(coded.dosage, [dose('One in the morning', 5)], 'coded, it is the one that it was')
  })

  it('is not left of another value: how it was judged, and a range in another unit', async () => {
    const to = (value: object) =>
      changed({ kind: 'results', resource: haemoglobin(), change: (shown) => ({ ...shown, value }) })
    const higher = await to({ number: 13, unit: 'g/dL' })
    assert.deepEqual([higher.status, higher.interpretation, higher.issued], ['amended', undefined, undefined])
    assert.deepEqual(higher.referenceRange, haemoglobin().referenceRange)
    const inOther = await to({ number: 130, unit: 'g/L' })
    assert.deepEqual([inOther.referenceRange, inOther.text], [undefined, undefined])
    const what = { text: 'Hematocrit' }
    const other = await changed({
      ...{ kind: 'results', resource: haemoglobin(), change: (shown) => ({ ...shown, what }) },
    })
    assert.deepEqual([other.interpretation, other.referenceRange], [undefined, undefined])
  })

  it('is not left of a value that somebody had looked at again: that they had', async () => {
    const { doctor, patient } = await doctorAndPatient()
    const weight = {
      ...{ what: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] }, status: 'final', at: '2031-01-02' },
      value: { number: 720, unit: 'kg', confirmed: true },
    }
    const { body } = await doctor.post(`/v1/patients/${patient}/results`, weight)
    assert.match(body.note, /confirmed/)
    const right = { ...weight, value: { number: 72, unit: 'kg' }, note: body.note }
    const now = await doctor.put(`/v1/patients/${patient}/results/${body.id}`, right, { 'if-match': '"1"' })
    assert.deepEqual([now.status, now.body.note], [200, undefined])
  })

  it('is not left of another problem, allergy, vaccine or procedure', async () => {
    const problem = {
      ...{ resourceType: 'Condition', clinicalStatus: oneOf('condition-clinical', 'active'), code: { text: 'Asthma' } },
      ...{ severity: { text: 'Severe' }, stage: [{ summary: { text: 'Step 4' } }] },
    }
    const what = { text: 'Another' }
    const bronchitis = await changed({ kind: 'problems', resource: problem, change: (shown) => ({ ...shown, what }) })
    assert.deepEqual([bronchitis.severity, bronchitis.stage], [undefined, undefined])
    const coded = { text: 'Asthma', coding: [{ system: 'http://codes.example', code: 'A' }] }
    const same = await changed({ kind: 'problems', resource: problem, change: (shown) => ({ ...shown, what: coded }) })
    assert.deepEqual(same.severity, problem.severity)
    const allergy = {
      ...{ resourceType: 'AllergyIntolerance', code: { text: 'Peanut' }, category: ['food'] },
      clinicalStatus: oneOf('allergyintolerance-clinical', 'active'),
      reaction: [{ manifestation: [{ text: 'Hives' }], description: 'Hives all over', severity: 'severe' }],
    }
    const changedTo = { what, reaction: { text: 'Itching' } }
    const latex = await changed({
      ...{ kind: 'allergies', resource: allergy, change: (shown) => ({ ...shown, ...changedTo }) },
    })
    assert.deepEqual([latex.category, latex.reaction[0].description], [undefined, undefined])
    const vaccine = {
      ...{ resourceType: 'Immunization', status: 'completed', vaccineCode: { text: 'Measles' }, lotNumber: 'A' },
      ...{ occurrenceDateTime: '2030-01-01', expirationDate: '2031-01-01', doseQuantity: quantity(1, 'mL') },
    }
    const mumps = await changed({
      ...{ kind: 'immunisations', resource: vaccine, change: (shown) => ({ ...shown, what, lot: 'B' }) },
    })
    assert.deepEqual([mumps.expirationDate, mumps.doseQuantity], [undefined, undefined])
    const procedure = {
      ...{ resourceType: 'Procedure', status: 'on-hold', statusReason: { text: 'Fever' }, code: { text: 'Biopsy' } },
      bodySite: [{ text: 'Left' }],
    }
    const done = await changed({
      ...{ kind: 'procedures', resource: procedure, change: (shown) => ({ ...shown, what, status: 'completed' }) },
    })
    assert.deepEqual([done.statusReason, done.bodySite], [undefined, undefined])
  })

  it('is not left of what was entered in error: a narrative that tells it as true', async () => {
    const { doctor, patient } = await doctorAndPatient()
    const subject = { reference: `Patient/${patient}` }
    const { body } = await doctor.post('/fhir/R4/Observation', { ...haemoglobin({ text }), subject })
    const path = `/v1/patients/${patient}/results/${body.id}/entered-in-error`
    assert.equal((await doctor.post(path, { reason: 'Of another' }, { 'if-match': '"1"' })).status, 200)
    const now = (await doctor.get(`/fhir/R4/Observation/${body.id}`)).body
    assert.deepEqual([now.text, now.interpretation], [undefined, [{ text: 'Very low' }]])
  })
})
