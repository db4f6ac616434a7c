import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { type Client, openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { newPatient, practitionerOf } from '../testing.ts'

const house = await openTestHouse(everything)
after(() => house[Symbol.asyncDispose]())

const SNOMED_LIKE = 'http://codes.example/problems'
const hypertension = { text: 'High blood pressure', coding: [{ system: SNOMED_LIKE, code: 'HT' }] }

async function ward() {
  const patient = await newPatient(house)
  const doctor = await practitionerOf(house, patient)
  const at = (kind: string, more = '') => `/v1/patients/${patient.id}/${kind}${more}`
  return { patient, doctor, at }
}

async function added(doctor: Client, path: string, body: object) {
  const answer = await doctor.post(path, body)
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  return answer.body
}

/** Of each kind a least entry, all that it can say, and how it may change. */
const samples: Record<string, { type: string; least: object; whole: object; change: object }> = {
  problems: {
    type: 'Condition',
    least: { what: { text: 'Cough' }, status: 'active' },
    whole: {
      what: hypertension,
      status: 'resolved',
      verification: 'confirmed',
      onset: '2019-05',
      until: '2030',
      note: 'x',
    },
    change: { what: hypertension, status: 'inactive', verification: 'provisional', onset: '2018' },
  },
  allergies: {
    type: 'AllergyIntolerance',
    least: { what: { text: 'Penicillin' }, status: 'active' },
    whole: {
      ...{
        what: { text: 'Peanut' },
        status: 'active',
        verification: 'confirmed',
        type: 'allergy',
        criticality: 'high',
      },
      ...{ onset: '2015', reaction: { text: 'Hives' }, severity: 'severe', note: 'As a child' },
    },
    change: { what: { text: 'Peanut' }, status: 'resolved', reaction: { text: 'Itching' }, severity: 'mild' },
  },
  medicines: {
    type: 'MedicationStatement',
    least: { what: { text: 'Amlodipine 5 mg' }, status: 'active' },
    whole: {
      ...{ what: { text: 'Amlodipine 5 mg' }, status: 'active', from: '2030-01-01', until: '2031-01-01' },
      ...{ dosage: 'One in the morning', note: 'x' },
    },
    change: { what: { text: 'Amlodipine 5 mg' }, status: 'stopped', from: '2030-01-01', until: '2030-02-01' },
  },
  immunisations: {
    type: 'Immunization',
    least: { what: { text: 'Measles' }, status: 'completed', on: '2029-03-02' },
    whole: {
      ...{ what: { text: 'Measles' }, status: 'not-done', on: '2029-03-02', lot: 'A1' },
      ...{ reason: { text: 'Fever' }, note: 'x' },
    },
    change: { what: { text: 'Measles' }, status: 'completed', on: '2029-03-05', lot: 'A2' },
  },
  results: {
    type: 'Observation',
    least: { what: { text: 'Culture' }, status: 'final', at: '2031-01-02', value: { concept: { text: 'No growth' } } },
    whole: {
      ...{ what: { text: 'Haemoglobin' }, status: 'final', at: '2031-01-02T08:00:00+03:00' },
      ...{ value: { number: 12.4, unit: 'g/dL' }, note: 'x' },
    },
    change: {
      what: { text: 'Haemoglobin' },
      status: 'corrected',
      at: '2031-01-02',
      value: { number: 11, unit: 'g/dL' },
    },
  },
  procedures: {
    type: 'Procedure',
    least: { what: { text: 'Appendectomy' }, status: 'completed' },
    whole: {
      ...{ what: { text: 'Appendectomy' }, status: 'completed', on: '2020-02', outcome: { text: 'Good' }, note: 'x' },
    },
    change: { what: { text: 'Appendectomy' }, status: 'stopped', on: '2020' },
  },
}

describe('an entry of a record by /v1', () => {
  for (const [kind, { type, least, whole, change }] of Object.entries(samples))
    it(`${kind}: is added, read, listed, changed and struck out, and is the ${type} of the FHIR face`, async () => {
      const { doctor, patient, at } = await ward()
      const one = await added(doctor, at(kind), least)
      const { id, recorded, version, ...said } = await added(doctor, at(kind), whole)
      assert.deepEqual(said, whole)
      assert.equal(version, 1)
      assert.equal(recorded.way, 'here')
      const resource = (await doctor.get(`/fhir/R4/${type}/${id}`)).body
      assert.equal((resource.subject ?? resource.patient).reference, `Patient/${patient.id}`)
      const read = await patient.get(at(kind, `/${id}`))
      assert.deepEqual(read.body, { id, ...whole, recorded, version })
      const listed = await patient.get(at(kind, '?include=all'))
      const more = listed.body.next ? await patient.get(at(kind, `?include=all&cursor=${listed.body.next}`)) : undefined
      const ids = [...listed.body.items, ...(more?.body.items ?? [])].map((each: { id: string }) => each.id)
      assert.deepEqual(ids.toSorted(), [one.id, id].toSorted())
      const changed = await doctor.put(at(kind, `/${id}`), change, { 'if-match': '"1"' })
      assert.equal(changed.status, 200, JSON.stringify(changed.body))
      const { id: _id, recorded: first, version: second, ...says } = changed.body
      assert.deepEqual([says, first, second], [change, recorded, 2])
      const reason = 'Of another patient'
      const colleague = await practitionerOf(house, patient)
      const struck = await colleague.post(at(kind, `/${id}/entered-in-error`), { reason }, { 'if-match': '"2"' })
      assert.equal(struck.status, 200, JSON.stringify(struck.body))
      assert.deepEqual([struck.body.status, struck.body.recorded], ['entered-in-error', recorded])
      const { items } = (await doctor.get(at(kind))).body
      assert.ok(!items.some((each: { id: string }) => each.id === id), 'what was in error is no longer listed')
      assert.equal((await doctor.get(at(kind, `/${id}`))).body.status, 'entered-in-error', 'and is there')
      const told = await doctor.get(`/fhir/R4/Provenance?target=${type}/${id}`)
      assert.equal(told.body.entry[0].resource.reason[0].text, reason)
      assert.equal((await doctor.put(at(kind, `/${id}`), change, { 'if-match': '"3"' })).status, 422)
    })

  it('keeps what /v1 has no field for', async () => {
    const { doctor, patient, at } = await ward()
    const given = {
      resourceType: 'Condition',
      clinicalStatus: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
      },
      code: { text: 'Asthma', coding: [{ system: 'http://codes.example', code: 'A', userSelected: true }] },
      severity: { text: 'Moderate' },
      stage: [{ summary: { text: 'Step 2' } }],
      subject: { reference: `Patient/${patient.id}` },
    }
    const { body } = await doctor.post('/fhir/R4/Condition', given)
    const shown = await doctor.get(at('problems', `/${body.id}`))
    assert.equal(shown.body.recorded.way, 'fhir')
    await doctor.put(
      at('problems', `/${body.id}`),
      { what: shown.body.what, status: 'remission' },
      { 'if-match': '"1"' },
    )
    const now = (await doctor.get(`/fhir/R4/Condition/${body.id}`)).body
    assert.deepEqual([now.code, now.severity, now.stage], [given.code, given.severity, given.stage])
    assert.equal(now.clinicalStatus.coding[0].code, 'remission')
  })

  it('of a version that is overtaken, says what changed since, by whom and when', async () => {
    const { doctor, patient, at } = await ward()
    const other = await practitionerOf(house, patient)
    const { id } = await added(doctor, at('problems'), { what: hypertension, status: 'active', onset: '2019' })
    const path = at('problems', `/${id}`)
    const says = { what: hypertension, onset: '2019' }
    const sent = await Promise.all([
      doctor.put(path, { ...says, status: 'inactive' }, { 'if-match': '"1"' }),
      other.put(path, { ...says, status: 'remission' }, { 'if-match': '"1"' }),
    ])
    assert.deepEqual(sent.map(({ status }) => status).toSorted(), [200, 412])
    const [won, lost] = sent[0].status === 200 ? [sent[0], sent[1]] : [sent[1], sent[0]]
    const again = await doctor.put(path, { ...says, status: 'resolved' }, { 'if-match': '"1"' })
    for (const { body } of [again, lost]) {
      assert.deepEqual(body.changes, [{ field: 'status', before: 'active', now: won.body.status }])
      assert.equal(body.by, `Practitioner/${sent[0].status === 200 ? doctor.account : other.account}`)
      assert.match(body.at, /^\d{4}-/)
      assert.equal(body.current, '"2"')
    }
  })

  it('asks back what cannot be so, with the place', async () => {
    const { doctor, at } = await ward()
    const refused = async (kind: string, body: object, pointer: string) => {
      const answer = await doctor.post(at(kind), body)
      assert.equal(answer.status, 422, JSON.stringify(answer.body))
      assert.deepEqual(
        answer.body.errors.map((one: { pointer: string }) => one.pointer),
        [pointer],
      )
    }
    const problem = { what: hypertension, status: 'active' }
    await refused('problems', { ...problem, onset: '2031-02-30' }, '/body/onset')
    await refused('problems', { ...problem, onset: '2041' }, '/body/onset')
    await refused('problems', { ...problem, onset: '2020-05', until: '2019' }, '/body/until')
    const result = { what: { text: 'Weight' }, status: 'final', at: '2031-01-02' }
    await refused('results', { ...result, value: { number: 70 } }, '/body/value/unit')
    await refused('results', { ...result, value: { number: 70, unit: 'kilos' } }, '/body/value/unit')
    await refused(
      'results',
      { ...result, value: { number: 70, unit: 'kg', concept: { text: 'heavy' } } },
      '/body/value',
    )
    const weight = { ...result, what: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] } }
    const heavy = { number: 720, unit: 'kg' }
    await refused('results', { ...weight, value: heavy }, '/body/value/number')
    await refused('results', { ...weight, value: { number: 72, unit: 'Cel' } }, '/body/value/unit')
    const taken = await added(doctor, at('results'), { ...weight, value: { ...heavy, confirmed: true } })
    assert.match(taken.note, /confirmed/)
    await added(doctor, at('results'), { ...weight, value: { number: 72, unit: 'kg' } })
    const atBirth = { ...weight, at: '1987-06-05' }
    await added(doctor, at('results'), { ...atBirth, value: { number: 3.2, unit: 'kg' } })
    await refused('results', { ...atBirth, value: { number: 72, unit: 'kg' } }, '/body/value/number')
    const oxygen = { ...result, what: { coding: [{ system: 'http://loinc.org', code: '59408-5' }] } }
    await refused('results', { ...oxygen, value: { number: 69, unit: '%' } }, '/body/value/number')
  })

  it('shows that a final result was amended', async () => {
    const { doctor, at } = await ward()
    const result = { what: { text: 'Haemoglobin' }, status: 'final', at: '2031-01-02' }
    const { id } = await added(doctor, at('results'), { ...result, value: { number: 12, unit: 'g/dL' } })
    const change = { ...result, value: { number: 11, unit: 'g/dL' } }
    const { body } = await doctor.put(at('results', `/${id}`), change, { 'if-match': '"1"' })
    assert.equal(body.status, 'amended')
  })

  it('is of whoever sees the record to read, and of whoever treats the patient to write', async () => {
    const { doctor, patient, at } = await ward()
    const body = { what: hypertension, status: 'active' }
    const { id } = await added(doctor, at('problems'), body)
    const stranger = await practitionerOf(house)
    const other = await newPatient(house)
    for (const path of [at('problems'), at('problems', `/${id}`)]) {
      assert.equal((await stranger.get(path)).status, 404)
      assert.equal((await other.get(path)).status, 404)
      assert.equal((await house.anonymous.get(path)).status, 401)
    }
    assert.equal((await stranger.post(at('problems'), body)).status, 404)
    assert.equal((await patient.post(at('problems'), body)).status, 403)
    const doctorOfBoth = await practitionerOf(house, patient, other)
    const elsewhere = `/v1/patients/${other.id}/problems/${id}`
    assert.equal((await doctorOfBoth.get(elsewhere)).status, 404, 'it is not in the record of the other')
    assert.equal((await doctorOfBoth.put(elsewhere, body, { 'if-match': '"1"' })).status, 404)
    assert.equal((await doctor.get(at('problems', `/${id}`))).body.version, 1)
  })

  it('does not show to whom the patient has refused what is as sensitive', async () => {
    const { doctor, patient, at } = await ward()
    const secret = { meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'HIV' }] } }
    const { body } = await doctor.post('/fhir/R4/Observation', {
      ...{ resourceType: 'Observation', status: 'final', code: { text: 'Test' }, valueString: 'x', ...secret },
      subject: { reference: `Patient/${patient.id}` },
    })
    assert.equal((await doctor.get(at('results'))).body.items.length, 1)
    await house.owner.query(`insert into platform.refusal values ($1, 'treatment', 'hiv', now())`, [patient.id])
    assert.deepEqual((await doctor.get(at('results'))).body.items, [])
    assert.equal((await doctor.get(at('results', `/${body.id}`))).status, 404)
    assert.equal((await patient.get(at('results'))).body.items.length, 1)
  })

  it('goes through what holds first and then the rest, page after page', async () => {
    const { doctor, at } = await ward()
    for (const status of ['resolved', 'active', 'inactive', 'active', 'active'])
      await added(doctor, at('problems'), { what: { text: status }, status })
    const seen: string[] = []
    let next = ''
    do {
      const { body } = await doctor.get(at('problems', `?include=all&limit=2${next && `&cursor=${next}`}`))
      seen.push(...body.items.map((one: { status: string }) => one.status))
      next = body.next ?? ''
    } while (next)
    assert.deepEqual(seen, ['active', 'active', 'active', 'resolved', 'inactive'])
    assert.equal((await doctor.get(at('problems'))).body.items.length, 3)
  })

  it('takes effect once with an Idempotency-Key', async () => {
    const { doctor, at } = await ward()
    const key = { 'idempotency-key': 'once-and-no-more' }
    const body = { what: hypertension, status: 'active' }
    const [one, two] = [await doctor.post(at('problems'), body, key), await doctor.post(at('problems'), body, key)]
    assert.deepEqual([one.status, two.status, two.body.id], [201, 201, one.body.id])
    assert.equal((await doctor.get(at('problems'))).body.items.length, 1)
  })
})
