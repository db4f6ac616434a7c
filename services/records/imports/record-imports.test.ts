import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { system } from '#platform/auth.ts'
import { type Client, openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { pick, random } from '../../../tests/dice.ts'
import { aboutPerson } from '../about-person.ts'
import { dropFiles } from '../bulk/drop-files.ts'
import { erase } from '../erase.ts'
import { newPatient, practitionerOf } from '../testing.ts'

const house = await openTestHouse(everything)
after(() => house[Symbol.asyncDispose]())

const FHIR = 'application/fhir+json'
const HL7 = 'http://terminology.hl7.org/CodeSystem'

async function ward() {
  const patient = await newPatient(house)
  const doctor = await practitionerOf(house, patient)
  const path = `/v1/patients/${patient.id}/record-imports`
  const bring = (bundle: object, by: Client = doctor) => by.upload(path, FHIR, Buffer.from(JSON.stringify(bundle)))
  const decide = ({ id, version }: Shown, decisions: object[], by: Client = doctor) =>
    by.post(`${path}/${id}/decisions`, { decisions }, { 'if-match': `"${version}"` })
  return { patient, doctor, path, bring, decide }
}

interface Shown {
  id: string
  version: number
  entries: { entry: number; type: string; outcome: string; existing?: string; differences?: object[]; why?: string }[]
}

const outcomes = ({ entries }: Shown) => entries.map(({ outcome }) => outcome)
const open = ({ entries }: Shown) => entries.filter(({ outcome }) => outcome === 'new' || outcome === 'conflict')
const all = (shown: Shown, decision: string) => open(shown).map(({ entry }) => ({ entry, decision }))

const coded = (system: string, code: string, text: string) => ({ coding: [{ system, code }], text })
const clinical = (system: string, code: string) => ({ coding: [{ system: `${HL7}/${system}`, code }] })
const about = { reference: 'urn:uuid:0e3c3d2a-0000-4000-8000-000000000001' }

/** A summary as another house would give it: of somebody whose name is written otherwise. */
const summary = (...more: object[]) => ({
  resourceType: 'Bundle',
  type: 'document',
  identifier: { system: 'urn:ietf:rfc:3986', value: 'urn:uuid:0e3c3d2a-0000-4000-8000-00000000000f' },
  timestamp: '2031-02-01T00:00:00Z',
  entry: [
    {
      fullUrl: 'urn:uuid:0e3c3d2a-0000-4000-8000-000000000000',
      resource: {
        ...{
          resourceType: 'Composition',
          status: 'final',
          title: 'Patient Summary',
          date: '2031-02-01',
          subject: about,
        },
        ...{ type: coded('http://loinc.org', '60591-5', 'Summary'), author: [{ display: 'x' }] },
        custodian: { reference: 'urn:uuid:0e3c3d2a-0000-4000-8000-000000000002' },
      },
    },
    {
      fullUrl: about.reference,
      resource: { resourceType: 'Patient', name: [{ given: ['Saba'], family: 'Tesfay' }], birthDate: '1987-06-05' },
    },
    {
      fullUrl: 'urn:uuid:0e3c3d2a-0000-4000-8000-000000000002',
      resource: { resourceType: 'Organization', name: 'Harbour Clinic' },
    },
    {
      fullUrl: 'urn:uuid:0e3c3d2a-0000-4000-8000-000000000003',
      resource: {
        ...{ resourceType: 'Condition', code: coded('http://codes.example', 'HT', 'Hypertension'), subject: about },
        ...{ clinicalStatus: clinical('condition-clinical', 'active'), onsetDateTime: '2019' },
        asserter: { reference: 'Practitioner/77' },
      },
    },
    {
      fullUrl: 'urn:uuid:0e3c3d2a-0000-4000-8000-000000000004',
      resource: { resourceType: 'Medication', code: coded('http://codes.example', 'AML', 'Amlodipine 5 mg') },
    },
    {
      fullUrl: 'urn:uuid:0e3c3d2a-0000-4000-8000-000000000005',
      resource: {
        ...{ resourceType: 'MedicationStatement', status: 'active', subject: about, effectiveDateTime: '2020' },
        medicationReference: { reference: 'urn:uuid:0e3c3d2a-0000-4000-8000-000000000004' },
      },
    },
    {
      fullUrl: 'urn:uuid:0e3c3d2a-0000-4000-8000-000000000006',
      resource: {
        ...{ resourceType: 'AllergyIntolerance', patient: about },
        code: coded('http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips', 'no-allergy-info', 'Nothing known'),
      },
    },
    {
      fullUrl: 'urn:uuid:0e3c3d2a-0000-4000-8000-000000000007',
      resource: {
        ...{ resourceType: 'Observation', status: 'final', subject: about, effectiveDateTime: '2031-01-01T08:00:00Z' },
        ...{ code: coded('http://loinc.org', '718-7', 'Haemoglobin') },
        valueQuantity: { value: 12.4, unit: 'g/dL', system: 'http://unitsofmeasure.org', code: 'g/dL' },
      },
    },
    {
      fullUrl: 'urn:uuid:0e3c3d2a-0000-4000-8000-000000000008',
      resource: {
        ...{ resourceType: 'DiagnosticReport', status: 'final', subject: about, effectiveDateTime: '2031-01-01' },
        ...{ code: { text: 'Blood count' }, result: [{ reference: 'urn:uuid:0e3c3d2a-0000-4000-8000-000000000007' }] },
        performer: [{ reference: 'urn:uuid:0e3c3d2a-0000-4000-8000-000000000002' }],
      },
    },
    ...more.map((resource, at) => ({ fullUrl: `urn:uuid:0e3c3d2a-0000-4000-8000-0000000001${10 + at}`, resource })),
  ],
})

describe('POST /v1/patients/:id/record-imports', () => {
  it('shows what is new, who the file says it is, and what is not taken and why; nothing is written', async () => {
    const { doctor, patient, path, bring } = await ward()
    const { status, body } = await bring(summary())
    assert.equal(status, 201, JSON.stringify(body))
    assert.equal(body.source, 'Harbour Clinic')
    assert.deepEqual(body.patient, [{ field: 'name', here: '"Saba Tesfaye"', there: '"Saba Tesfay"' }])
    const not = 'not-taken'
    assert.deepEqual(outcomes(body), [not, not, not, 'new', not, 'new', not, 'new', 'new'])
    assert.match(body.entries[6].why, /nothing is known/)
    assert.equal(body.entries[5].words, 'Amlodipine 5 mg')
    assert.equal((await doctor.get(`/fhir/R4/Condition?patient=${patient.id}`)).body.entry, undefined)
    const again = await doctor.get(`${path}/${body.id}`)
    assert.deepEqual(again.body, body)
  })

  it('asks to look again at what was measured and can hardly be so, and guesses no unit; what is taken stays as it was', async () => {
    const { doctor, patient, bring, decide } = await ward()
    const UCUM = 'http://unitsofmeasure.org'
    const measured = (valueQuantity: object, more: object = {}) => ({
      ...{ resourceType: 'Observation', status: 'final', subject: about, effectiveDateTime: '2031-01-02' },
      ...{ code: coded('http://loinc.org', '29463-7', 'Weight'), valueQuantity, ...more },
    })
    const kilograms = (value: number) => ({ value, unit: 'kg', system: UCUM, code: 'kg' })
    const { body } = await bring(
      summary(
        measured(kilograms(720)),
        measured({ value: 71 }, { effectiveDateTime: '2031-01-03' }),
        measured({ value: 72, unit: 'kilos' }, { effectiveDateTime: '2031-01-04' }),
        measured(kilograms(7_000), { effectiveDateTime: '2031-01-05' }),
        measured(kilograms(73), { effectiveDateTime: '2031-01-06' }),
        measured(kilograms(3.4), { effectiveDateTime: '1987-06-05' }),
      ),
    )
    const brought = body.entries.slice(-6) as Shown['entries']
    assert.deepEqual(
      brought.map(({ outcome, why }) => [outcome, why]),
      [
        ['new', 'Look at it again: value is outside the plausible (7.5 to 250 kg): correct it, or confirm it.'],
        ['new', 'Look at it again: unit must be one of kg, g, [lb_av]: it is not guessed.'],
        ['new', 'Look at it again: unit must be one of kg, g, [lb_av]: it is not guessed.'],
        ['new', 'Look at it again: value cannot be: it is from 0.1 to 800 kg of anybody. Correct it.'],
        ['new', undefined],
        ['new', undefined],
      ],
    )
    assert.equal((await decide(body, all(body, 'take'))).status, 200)
    const found = await doctor.get(
      `/fhir/R4/Observation?patient=${patient.id}&code=http://loinc.org|29463-7&date=2031-01-03`,
    )
    assert.deepEqual(found.body.entry[0].resource.valueQuantity, { value: 71 })
  })

  it('is only for whoever asked, for a day, and who treats the patient', async () => {
    const { doctor, patient, path, bring, decide } = await ward()
    const { body } = await bring(summary())
    const colleague = await practitionerOf(house, patient)
    assert.equal((await colleague.get(`${path}/${body.id}`)).status, 404)
    assert.equal((await decide(body, all(body, 'take'), colleague)).status, 404)
    assert.equal((await bring(summary(), await practitionerOf(house))).status, 404)
    assert.equal((await bring(summary(), patient)).status, 403)
    assert.equal((await house.anonymous.get(`${path}/${body.id}`)).status, 401)
    await house.owner.query(`update records.record_import set expires_at = $1`, [house.house.now()])
    assert.equal((await doctor.get(`${path}/${body.id}`)).status, 404)
  })

  it('is told of to whom it is about, and goes when they are erased, or when its day is over', async () => {
    const { patient, bring } = await ward()
    const ctx = house.house.context('records', { actor: system, traceId: 'test', doing: 'test' })
    const left = async () =>
      (await house.owner.query(`select id from records.record_import where patient_id = $1`, [patient.id])).rows.length
    await bring(summary())
    const { data } = await aboutPerson(ctx, { patient: patient.id, names: [] })
    assert.equal((data.recordImports as { source: string }[])[0]?.source, 'Harbour Clinic')
    const [trace] = await erase(ctx, { patient: patient.id, names: [] })
    assert.deepEqual([trace?.outcome, trace?.count, await left()], ['erased', 1, 0])
    await bring(summary())
    await dropFiles(ctx)
    assert.equal(await left(), 1)
    await house.owner.query(`update records.record_import set expires_at = $1`, [house.house.now()])
    await dropFiles(ctx)
    assert.equal(await left(), 0)
  })

  it('refuses what is no bundle of one patient', async () => {
    const { bring, doctor, path } = await ward()
    const codes = async (bundle: object) => (await bring(bundle)).status
    assert.equal((await doctor.upload(path, FHIR, Buffer.from('{'))).status, 400)
    assert.equal(await codes({ resourceType: 'Patient' }), 422)
    assert.equal(await codes({ resourceType: 'Bundle', type: 'history' }), 422)
    assert.equal(await codes(summary({ resourceType: 'Patient' })), 422)
    const deep = `{"resourceType":"Bundle","type":"collection","entry":${'['.repeat(5_000)}${']'.repeat(5_000)}}`
    assert.equal((await doctor.upload(path, FHIR, Buffer.from(deep))).status, 422)
    const much = { resourceType: 'Bundle', type: 'collection', entry: Array.from({ length: 2_001 }, () => ({})) }
    assert.equal(await codes(much), 422)
  })

  it('is refused where the file is about several, or does not say about whom', async () => {
    const { bring } = await ward()
    const pulse = (subject: object) => ({
      resource: {
        ...{
          resourceType: 'Observation',
          status: 'final',
          code: coded('http://loinc.org', '8867-4', 'Pulse'),
          subject,
        },
        valueInteger: 72,
      },
    })
    const bundle = (...entry: object[]) => ({ resourceType: 'Bundle', type: 'searchset', entry })
    const one = pulse({ reference: 'Patient/a' })
    const both = await bring(bundle(one, pulse({ reference: 'Patient/b' })))
    assert.deepEqual(
      [both.status, both.body.errors?.[0]?.detail],
      [422, 'is about several patients: send one at a time'],
    )
    for (const subject of [{ identifier: { value: '1' } }, { reference: 'Group/a' }])
      assert.deepEqual(outcomes((await bring(bundle(pulse(subject)))).body), ['not-taken'])
    assert.deepEqual(outcomes((await bring(bundle(one))).body), ['new'])
  })

  it('says of an entry that is not valid, about another, or struck out there, that it is not taken', async () => {
    const { bring } = await ward()
    const one = { resourceType: 'Observation', status: 'final', code: { text: 'x' }, subject: about }
    const script = '<div xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></div>'
    const { body } = await bring(
      summary(
        { ...one, status: 'perhaps' },
        { ...one, subject: { reference: 'Patient/somebody-else' } },
        { ...one, status: 'entered-in-error' },
        { ...one, text: { status: 'generated', div: script } },
      ),
    )
    const [invalid, other, struck, scripted] = body.entries.slice(-4)
    assert.deepEqual([invalid.outcome, other.outcome, struck.outcome], ['not-taken', 'not-taken', 'not-taken'])
    assert.match(other.why, /somebody else/)
    assert.equal(scripted.outcome, 'new', 'without its words for people')
  })
})

describe('POST /v1/patients/:id/record-imports/:import/decisions', () => {
  it('takes all in one transaction, with where it came from; brought again, it is all the same', async () => {
    const { doctor, patient, bring, decide } = await ward()
    const { body: preview } = await bring(summary())
    const { status, body } = await decide(preview, all(preview, 'take'))
    assert.equal(status, 200, JSON.stringify(body))
    assert.equal(body.status, 'applied')
    const problems = await patient.get(`/v1/patients/${patient.id}/problems`)
    assert.equal(problems.body.items[0].what.text, 'Hypertension')
    assert.deepEqual(
      [problems.body.items[0].recorded.way, problems.body.items[0].recorded.source],
      ['import', 'Harbour Clinic'],
    )
    const medicines = await patient.get(`/v1/patients/${patient.id}/medicines`)
    assert.equal(medicines.body.items[0].what.text, 'Amlodipine 5 mg')
    const report = (await doctor.get(`/fhir/R4/DiagnosticReport?patient=${patient.id}`)).body.entry[0].resource
    const result = (await doctor.get(`/fhir/R4/Observation?patient=${patient.id}`)).body.entry[0].resource
    assert.deepEqual(report.result, [{ reference: `Observation/${result.id}` }])
    assert.deepEqual(report.performer, [{ display: 'Harbour Clinic' }])
    const again = (await bring(summary())).body
    assert.deepEqual(new Set(outcomes(again)), new Set(['not-taken', 'same']))
    assert.equal((await decide(preview, all(preview, 'take'))).status, 409)
  })

  it('shows what differs, and has it as it is decided', async () => {
    for (const [decision, onsets] of [
      ['keep', ['2018']],
      ['take', ['2019']],
      ['both', ['2018', '2019']],
    ] as const) {
      const { doctor, patient, bring, decide } = await ward()
      const own = `/v1/patients/${patient.id}/problems`
      const what = coded('http://codes.example', 'HT', 'High blood pressure')
      const { body: mine } = await doctor.post(own, { what, status: 'inactive' })
      const { body: preview } = await bring(summary())
      const conflict = preview.entries[3]
      assert.deepEqual([conflict.outcome, conflict.existing], ['conflict', `Condition/${mine.id}`])
      assert.deepEqual(
        conflict.differences.map(({ field }: { field: string }) => field),
        ['clinicalStatus', 'onsetDateTime'],
      )
      assert.equal(conflict.differences[1].there, '"2019"')
      const decisions = all(preview, 'take').map((one) => (one.entry === 3 ? { ...one, decision } : one))
      assert.equal((await decide(preview, decisions)).status, 200)
      const { items } = (await doctor.get(`${own}?include=all`)).body
      const rest = await doctor.get(`${own}?include=all&cursor=${(await doctor.get(`${own}?include=all`)).body.next}`)
      const seen = [...items, ...rest.body.items].map(({ onset }: { onset?: string }) => onset ?? '2018')
      assert.deepEqual(seen.toSorted(), onsets)
    }
  })

  it('is as sensitive here as there, whether it is new or changes what is here', async () => {
    const { doctor, patient, bring, decide } = await ward()
    const what = coded('http://codes.example', 'HT', 'High blood pressure')
    const { body: mine } = await doctor.post(`/v1/patients/${patient.id}/problems`, { what, status: 'inactive' })
    const security = [{ system: `${HL7}/v3-ActCode`, code: 'HIV' }]
    const given = summary()
    for (const { resource } of given.entry) Object.assign(resource, { meta: { security } })
    const { body: preview } = await bring(given)
    assert.equal((await decide(preview, all(preview, 'take'))).status, 200)
    const changed = (await doctor.get(`/fhir/R4/Condition/${mine.id}`)).body.meta
    assert.deepEqual([changed.versionId, changed.security], ['2', security])
    const [{ resource }] = (await doctor.get(`/fhir/R4/Observation?patient=${patient.id}`)).body.entry
    assert.deepEqual([resource.meta.versionId, resource.meta.security], ['1', security])
  })

  it('takes an allergy for one whenever it began, and asks which is so', async () => {
    const { doctor, patient, bring } = await ward()
    const what = coded('http://codes.example', 'PEN', 'Penicillin')
    await doctor.post(`/v1/patients/${patient.id}/allergies`, { what, status: 'active', onset: '2015' })
    const clinicalStatus = clinical('allergyintolerance-clinical', 'active')
    const there = {
      resourceType: 'AllergyIntolerance',
      patient: about,
      code: what,
      clinicalStatus,
      onsetDateTime: '2016',
    }
    const { body } = await bring(summary(there))
    const { outcome, differences } = body.entries.at(-1)
    assert.deepEqual(
      [outcome, differences],
      ['conflict', [{ field: 'onsetDateTime', here: '"2015"', there: '"2016"' }]],
    )
  })

  it('asks for one decision on each that is open, and no other', async () => {
    const { bring, decide } = await ward()
    const { body: preview } = await bring(summary())
    const [first, ...others] = all(preview, 'take')
    assert.ok(first)
    for (const decisions of [others, [first, first, ...others], [{ entry: 0, decision: 'take' }, first, ...others]])
      assert.equal((await decide(preview, decisions)).status, 422)
    assert.equal((await decide(preview, [{ ...first, decision: 'both' }, ...others])).status, 422)
    assert.equal((await decide({ ...preview, version: 7 }, [first, ...others])).status, 412)
  })

  it('asks back what has changed since the preview, and writes nothing', async () => {
    const { doctor, patient, path, bring, decide } = await ward()
    const { body: preview } = await bring(summary())
    const what = coded('http://codes.example', 'HT', 'High blood pressure')
    await doctor.post(`/v1/patients/${patient.id}/problems`, { what, status: 'active', onset: '2019' })
    const refused = await decide(preview, all(preview, 'take'))
    assert.equal(refused.status, 412)
    assert.deepEqual(
      refused.body.changes.map(({ entry, outcome }: Shown['entries'][number]) => [entry, outcome]),
      [[3, 'same']],
    )
    assert.equal((await doctor.get(`/fhir/R4/Observation?patient=${patient.id}`)).body.entry, undefined)
    const { body: again } = await doctor.get(`${path}/${preview.id}`)
    assert.equal((await decide(again, all(again, 'take'))).status, 200)
  })

  it('of two who bring the same at once, writes it once', async () => {
    const { doctor, patient, bring, decide } = await ward()
    const [one, two] = [(await bring(summary())).body, (await bring(summary())).body]
    const answers = await Promise.all([decide(one, all(one, 'take')), decide(two, all(two, 'take'))])
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 412])
    const { body } = await doctor.get(`/fhir/R4/Condition?patient=${patient.id}&_summary=count`)
    assert.equal(body.total, 1)
  })

  it('is decided on once, however many do so at once', async () => {
    const { bring, decide } = await ward()
    const { body } = await bring(summary())
    const answers = await Promise.all([1, 2, 3].map(() => decide(body, all(body, 'take'))))
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 409, 409])
  })

  it('whatever is brought and decided, nothing of it is new when it is brought again', async () => {
    for (let seed = 1; seed <= 6; seed++) {
      const dice = random(seed)
      const { bring, decide } = await ward()
      for (let round = 0; round < 3; round++) {
        const bundle = summary(...Array.from({ length: 12 }, () => somethingKnown(dice)))
        const { body: preview } = await bring(bundle)
        const decisions = open(preview).map(({ entry, outcome }) => ({
          entry,
          decision: outcome === 'new' ? 'take' : pick(dice, ['take', 'keep', 'both']),
        }))
        const decided = await decide(preview, decisions)
        assert.equal(decided.status, 200, JSON.stringify([seed, round, decided.body]))
        const { body: again } = await bring(bundle)
        assert.ok(!outcomes(again).includes('new'), `seed ${seed}, round ${round}: ${JSON.stringify(again.entries)}`)
      }
    }
  })
})

/** Of few codes, days and values, so that much of it meets. */
function somethingKnown(dice: () => number): object {
  const code = coded('http://codes.example', pick(dice, ['A', 'B', 'C']), pick(dice, ['a', 'b']))
  const day = pick(dice, ['2030-01-01', '2030-01-02', '2030'])
  return pick(dice, [
    {
      resourceType: 'Condition',
      code,
      subject: about,
      ...(dice() < 0.5 && { onsetDateTime: day }),
      clinicalStatus: clinical('condition-clinical', pick(dice, ['active', 'inactive'])),
    },
    {
      resourceType: 'AllergyIntolerance',
      code,
      patient: about,
      clinicalStatus: clinical('allergyintolerance-clinical', 'active'),
      criticality: pick(dice, ['low', 'high']),
    },
    { resourceType: 'Immunization', status: 'completed', vaccineCode: code, patient: about, occurrenceDateTime: day },
    {
      ...{ resourceType: 'Observation', status: 'final', code, subject: about, effectiveDateTime: day },
      ...(dice() < 0.5 && { identifier: [{ system: 'http://lab.example', value: pick(dice, ['1', '2']) }] }),
      valueQuantity: { value: pick(dice, [1, 2]), unit: 'g', system: 'http://unitsofmeasure.org', code: 'g' },
    },
    {
      resourceType: 'MedicationStatement',
      status: 'active',
      medicationCodeableConcept: code,
      subject: about,
      effectiveDateTime: day,
    },
  ])
}
