import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { begun, newPatient, openWard, practitionerOf, saved, signed, version } from './testing.ts'

const cough = { text: 'Cough', coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code: 'R05', display: 'Cough' }] }
const whole = {
  reason: 'Cough for a week',
  history: 'Began after a cold\nNo fever <b>at night</b> & no pain',
  vitals: [
    { kind: 'temperature', value: 37.9, unit: 'Cel' },
    { kind: 'blood-pressure', systolic: 128, diastolic: 82, unit: 'mm[Hg]' },
    { kind: 'weight', value: 143, unit: '[lb_av]' },
    { kind: 'height', value: 168, unit: 'cm' },
    { kind: 'glucose', value: 5.4, unit: 'mmol/L' },
  ],
  examination: 'Chest clear',
  assessment: 'Most likely viral',
  problems: [{ code: cough, verificationStatus: 'provisional', onset: '2031-02-20', note: 'At night' }],
  orders: [{ code: { text: 'Chest X-ray' }, priority: 'routine' }],
  plan: 'Rest',
}

describe('POST /v1/consultations/{id}/sign', () => {
  it('makes the draft a part of the record, in words and as resources that whoever treats the patient finds', async () => {
    await using ward = await openWard()
    const { doctor, patient } = ward
    const note = await signed(doctor, patient, whole)
    assert.deepEqual([note.status, note.noteVersion, note.bodyMassIndex], ['final', 1, 23])
    const { vitals, problems, orders, ...texts } = note.sections
    const { vitals: v, problems: p, orders: o, ...given } = whole
    assert.deepEqual(texts, given)
    const without = (all: { id: string; version?: number; at?: string }[]) =>
      all.map(({ id: _id, version: _version, at: _at, ...rest }) => rest)
    assert.deepEqual(without(vitals), v)
    assert.deepEqual(without(problems), [{ ...p[0], clinicalStatus: 'active' }])
    assert.deepEqual(without(orders), o)
    const read = async (type: string, id: string) => (await doctor.get(`/fhir/R4/${type}/${id}`)).body
    const encounter = await read('Encounter', note.id)
    assert.deepEqual([encounter.status, encounter.diagnosis.length], ['finished', 1])
    const weight = await read('Observation', vitals[2].id)
    assert.deepEqual(
      [weight.code.coding[0].code, weight.valueQuantity.value, weight.valueQuantity.code],
      ['29463-7', 143, '[lb_av]'],
    )
    const pressure = await read('Observation', vitals[1].id)
    assert.deepEqual(
      pressure.component.map((one: { valueQuantity: { value: number } }) => one.valueQuantity.value),
      [128, 82],
    )
    assert.equal((await read('Condition', problems[0].id)).code.coding[0].code, 'R05')
    const orderedBy = await read('ServiceRequest', orders[0].id)
    assert.deepEqual([orderedBy.intent, orderedBy.encounter.reference], ['order', `Encounter/${note.id}`])
    const found = await doctor.get(`/fhir/R4/Composition?encounter=Encounter/${note.id}`)
    const [{ resource }] = found.body.entry
    assert.match(resource.section[1].text.div, /&lt;b&gt;at night&lt;\/b&gt; &amp; no pain/)
    assert.equal(resource.section.find(({ title }: { title: string }) => title === 'Vital signs').entry.length, 6)
  })

  it('shows it to the patient from then on, and not before; and to no stranger', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    const id = await begun(doctor, patient)
    await saved(doctor, id, whole)
    const before = await patient.get(`/v1/consultations/${id}`)
    assert.deepEqual([before.status, before.body.status, before.body.sections], [200, 'in-progress', undefined])
    assert.doesNotMatch(JSON.stringify(before.body), /viral/)
    await doctor.post(`/v1/consultations/${id}/sign`, undefined, version(2))
    const after = await patient.get(`/v1/consultations/${id}`)
    assert.equal(after.body.sections.assessment, 'Most likely viral')
    const stranger = await practitionerOf(house, await newPatient(house))
    assert.equal((await stranger.get(`/v1/consultations/${id}`)).status, 404)
    assert.deepEqual((await stranger.get('/v1/consultations')).body.items, [])
  })

  it('signs exactly what was written: a row that is edited behind the service is found out', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    const note = await signed(doctor, patient, whole)
    assert.deepEqual(
      note.signatures.map(({ by, as, verified }: Record<string, unknown>) => [by, as, verified]),
      [[doctor.id, 'author', true]],
    )
    for (const [type, id, from, to] of [
      ['Observation', note.sections.vitals[0].id, '37.9', '36.9'],
      ['Composition', undefined, 'Most likely viral', 'Most likely cured'],
      ['Condition', note.sections.problems[0].id, 'R05', 'R06'],
    ]) {
      const edit = (a: unknown, b: unknown) =>
        house.owner.query(
          `update platform.fhir_resource set body = replace(body, $1, $2) where type = $3 and ($4::text is null or id = $4)`,
          [a, b, type, id],
        )
      await edit(from, to)
      const edited = (await patient.get(`/v1/consultations/${note.id}`)).body
      assert.deepEqual([edited.signatures[0].verified, edited.signatures[0].why], [false, 'altered'], type)
      await edit(to, from)
      assert.equal((await patient.get(`/v1/consultations/${note.id}`)).body.signatures[0].verified, true, type)
    }
    await house.owner.query(`delete from platform.fhir_resource where type = 'Observation' and id = $1`, [
      note.sections.vitals[0].id,
    ])
    const [gone] = (await patient.get(`/v1/consultations/${note.id}`)).body.signatures
    assert.deepEqual([gone.verified, gone.why], [false, 'missing'])
  })

  it('keeps what is signed from being changed by another door', async () => {
    await using ward = await openWard()
    const { doctor, patient } = ward
    const note = await signed(doctor, patient, whole)
    const path = `/fhir/R4/Observation/${note.sections.vitals[0].id}`
    const { body } = await doctor.get(path)
    assert.equal((await doctor.put(path, { ...body, status: 'cancelled' })).status, 422)
    // What others go on with stays open to them, and the signature stands: it names the version.
    const problem = `/fhir/R4/Condition/${note.sections.problems[0].id}`
    const condition = (await doctor.get(problem)).body
    const resolved = {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'resolved' }],
    }
    assert.equal((await doctor.put(problem, { ...condition, clinicalStatus: resolved })).status, 200)
    const again = (await doctor.get(`/v1/consultations/${note.id}`)).body
    assert.equal(again.signatures[0].verified, true)
    assert.equal(again.sections.problems[0].clinicalStatus, 'active')
  })

  it('says what is missing, and asks back what is outside the plausible', async () => {
    await using ward = await openWard()
    const { doctor, patient } = ward
    const id = await begun(doctor, patient)
    const sign = (of: number) => doctor.post(`/v1/consultations/${id}/sign`, undefined, version(of))
    assert.deepEqual([(await sign(1)).status, (await sign(1)).body.errors[0].pointer], [422, '/body/sections'])
    const draft = await saved(doctor, id, {
      vitals: [
        { kind: 'weight', value: 70 },
        { kind: 'temperature', value: 45.9, unit: 'Cel' },
      ],
      problems: [{ note: 'Which?' }],
    })
    assert.deepEqual(
      draft.questions.map(({ pointer }: { pointer: string }) => pointer),
      ['/body/sections/vitals/0/unit', '/body/sections/vitals/1/value', '/body/sections/problems/0/code'],
    )
    const refused = await sign(2)
    assert.deepEqual([refused.status, refused.body.questions[1].plausible], [422, { low: 26, high: 45, unit: 'Cel' }])
    await saved(
      doctor,
      id,
      { vitals: [{ kind: 'temperature', value: 45.9, unit: 'Cel', confirmed: true }], problems: [] },
      2,
    )
    const { status, body } = await sign(3)
    assert.equal(status, 200, JSON.stringify(body))
    const [hot] = body.sections.vitals
    assert.equal(hot.confirmed, true)
    assert.match((await doctor.get(`/fhir/R4/Observation/${hot.id}`)).body.note[0].text, /confirmed by whoever/)
  })

  it('takes nothing that cannot be, confirmed or not: a value, a time in the future or before the birth', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    house.setNow('2031-03-01T09:00:00Z')
    const id = await begun(doctor, patient)
    const pulse = { kind: 'heart-rate', value: 72, unit: '/min' }
    const draft = await saved(doctor, id, {
      vitals: [
        { kind: 'oxygen-saturation', value: 983, unit: '%', confirmed: true },
        { ...pulse, at: '2031-03-01T09:06:00Z', confirmed: true },
        { ...pulse, at: '1987-06-04T09:00:00Z', confirmed: true },
        { ...pulse, at: '2031-03-01T09:04:00Z' },
      ],
      problems: [{ code: cough, onset: '2031-03-03' }],
    })
    const { status, body } = await doctor.post(`/v1/consultations/${id}/sign`, undefined, version(draft.version))
    assert.deepEqual(
      [status, body.errors.map(({ pointer }: { pointer: string }) => pointer.replace('/body/sections/', ''))],
      [422, ['vitals/0/value', 'vitals/1/at', 'vitals/2/at', 'problems/0/onset']],
    )
  })

  it('computes a body mass index of what was measured on one day alone', async () => {
    await using ward = await openWard()
    const { doctor, patient } = ward
    const [, , weight, height] = whole.vitals
    const long = { ...height, at: '2030-03-01T08:00:00Z' }
    assert.equal((await signed(doctor, patient, { vitals: [weight, long] })).bodyMassIndex, undefined)
    assert.equal((await signed(doctor, patient, { vitals: [weight, height] })).bodyMassIndex, 23)
  })

  it('names as its authors who wrote or signed it, and whoever else is named as taking part', async () => {
    await using ward = await openWard()
    const { house, doctor, patient } = ward
    const [wrote, named] = [await practitionerOf(house, patient), await practitionerOf(house, patient)]
    const id = await begun(doctor, patient, { practitioners: [wrote.id, named.id] })
    await saved(wrote, id, { plan: 'Rest' })
    assert.equal((await doctor.post(`/v1/consultations/${id}/sign`, undefined, version(2))).status, 200)
    const [{ resource }] = (await doctor.get(`/fhir/R4/Composition?encounter=Encounter/${id}`)).body.entry
    const people = (all: { reference: string }[]) => all.map(({ reference }) => reference.split('/')[1])
    assert.deepEqual(people(resource.author), [wrote.id, doctor.id])
    const { participant } = (await doctor.get(`/fhir/R4/Encounter/${id}`)).body
    assert.deepEqual(people(participant.map(({ individual }: { individual: { reference: string } }) => individual)), [
      doctor.id,
      wrote.id,
      named.id,
    ])
  })

  it('is refused in a version that was overtaken, or of a problem that somebody changed meanwhile', async () => {
    await using ward = await openWard()
    const { doctor, patient } = ward
    const earlier = await signed(doctor, patient, whole)
    const [{ id: problem }] = earlier.sections.problems
    const id = await begun(doctor, patient)
    await saved(doctor, id, { problems: [{ id: problem, version: 1, clinicalStatus: 'resolved' }] })
    const sign = (of: number) => doctor.post(`/v1/consultations/${id}/sign`, undefined, version(of))
    assert.equal((await sign(1)).status, 412)
    const path = `/fhir/R4/Condition/${problem}`
    await doctor.put(path, { ...(await doctor.get(path)).body, recordedDate: '2031-02-01' })
    const overtaken = await sign(2)
    assert.deepEqual([overtaken.status, overtaken.body.changed[0].version], [412, 2])
    await saved(doctor, id, { problems: [{ id: problem, version: 2, clinicalStatus: 'resolved' }] }, 2)
    assert.equal((await sign(3)).status, 200)
    assert.equal((await doctor.get(path)).body.clinicalStatus.coding[0].code, 'resolved')
  })

  it('happens once, however many press at the same time', async () => {
    await using ward = await openWard()
    const { doctor, patient } = ward
    const id = await begun(doctor, patient)
    await saved(doctor, id, whole)
    const pressed = await Promise.all(
      [1, 2, 3, 4].map(() => doctor.post(`/v1/consultations/${id}/sign`, undefined, version(2))),
    )
    assert.deepEqual(pressed.map(({ status }) => status).sort(), [200, 404, 404, 404])
    assert.equal((await doctor.get(`/fhir/R4/Composition?encounter=Encounter/${id}`)).body.entry.length, 1)
  })
})
