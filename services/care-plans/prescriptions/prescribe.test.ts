import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { practitionerOf, version } from '../testing.ts'
import { atc, made, metformin, openWard, twiceADay } from './testing.ts'

const whole = {
  what: { text: 'Co-amoxiclav 500/125', coding: [{ system: 'http://codes.example', code: 'CO' }] },
  ingredients: [atc('J01CA04', 'Amoxicillin')],
  doses: [
    {
      ...{ ...twiceADay, food: 'with', route: 'oral', for: { count: 7, unit: 'day' }, note: 'Swallow it whole' },
      most: { amount: { value: 4, form: 'tablet' }, in: { count: 24, unit: 'hour' } },
    },
    { ...twiceADay, times: { count: 1, every: { count: 1, unit: 'day' } } },
  ],
  inTurn: true,
  reason: { text: 'Sinusitis' },
  note: 'Second course',
  category: 'general',
}
const words =
  '1 tablet, by mouth, twice a day, with food, for 7 days; not more than 4 tablets in 24 hours; Swallow it whole; then 1 tablet, once a day'

describe('POST /v1/patients/{id}/prescriptions', () => {
  it('prescribes in plain words and as a structure, which are the MedicationRequest of the FHIR face', async () => {
    await using ward = await openWard()
    const { doctor, patient, path } = ward
    const given = await made(doctor, `${path}/prescriptions`, whole)
    const { id, patient: of, status, words: said, prescribedBy, prescribedAt, changed, version: v, ...rest } = given
    assert.deepEqual(rest, whole)
    const [by, at] = [`Practitioner/${doctor.id}`, '2031-03-01T08:00:00.000Z']
    assert.deepEqual(
      [of, status, said, prescribedBy, prescribedAt, changed, v],
      [patient.id, 'active', words, by, at, { by, at }, 1],
    )
    const resource = (await doctor.get(`/fhir/R4/MedicationRequest/${id}`)).body
    assert.equal(resource.contained[0].ingredient[0].itemCodeableConcept.text, 'Amoxicillin')
    assert.deepEqual(
      resource.dosageInstruction.map((one: { sequence: number }) => one.sequence),
      [1, 2],
    )
    assert.match(resource.dosageInstruction[0].text, /^1 tablet, by mouth/)
    assert.equal((await doctor.post('/fhir/R4/$validate', resource)).status < 500, true)
    const read = await patient.get(`${path}/prescriptions/${id}`)
    assert.deepEqual(read.body, given)
  })

  it('is read in the language that is asked for', async () => {
    await using ward = await openWard()
    const { doctor, patient, path } = ward
    const { id } = await made(doctor, `${path}/prescriptions`, metformin)
    const read = await patient.get(`${path}/prescriptions/${id}`, { 'accept-language': 'xx, sw;q=0.8' })
    assert.deepEqual([read.body.words, read.headers['content-language']], ['kidonge 1, mara mbili kwa siku', 'sw'])
    const { items } = (await patient.get(`${path}/prescriptions`, { 'accept-language': 'ar' })).body
    assert.equal(items[0].words, '1 قرص، مرتين في اليوم')
  })

  it('is refused with the place where nobody could follow it, and takes no unit that is guessed', async () => {
    await using ward = await openWard()
    const { doctor, path } = ward
    const wrong: [object, number, string][] = [
      [{ ...twiceADay, amount: { value: 500 } }, 422, '/body/doses/0/amount'],
      [{ ...twiceADay, amount: { value: 500, unit: 'milligrams' } }, 400, '/body/doses/0/amount/unit'],
      [{ amount: { value: 1, form: 'tablet' } }, 422, '/body/doses/0/times'],
      [{ ...twiceADay, asNeeded: {} }, 422, '/body/doses/0/most'],
    ]
    for (const [dose, status, pointer] of wrong) {
      const answer = await doctor.post(`${path}/prescriptions`, { ...metformin, doses: [dose] })
      assert.deepEqual([answer.status, answer.body.errors[0].pointer], [status, pointer], JSON.stringify(answer.body))
    }
    assert.deepEqual((await doctor.get(`${path}/prescriptions`)).body.items, [])
  })

  it('asks back what the record says against it, and keeps why it was right', async () => {
    await using ward = await openWard()
    const { doctor, path, patient } = ward
    const allergy = await made(doctor, `${path}/allergies`, {
      ...{ what: atc('J01C', 'Penicillins'), status: 'active', criticality: 'high' },
    })
    const other = await made(doctor, `${path}/allergies`, { what: { text: 'Bee stings' }, status: 'active' })
    const taken = await made(doctor, `${path}/medicines`, { what: atc('J01CA04', 'Amoxicillin'), status: 'active' })
    const refused = await doctor.post(`${path}/prescriptions`, whole)
    assert.equal(refused.status, 422)
    const findings = [
      { kind: 'allergy', with: `AllergyIntolerance/${allergy.id}`, by: 'class', severity: 'high' },
      { kind: 'duplicate-therapy', with: `MedicationStatement/${taken.id}`, by: 'ingredient', severity: 'high' },
    ]
    const unchecked = [{ kind: 'allergy', with: `AllergyIntolerance/${other.id}` }]
    assert.deepEqual([refused.body.findings, refused.body.unchecked], [findings, unchecked])
    const overrides = findings.map(({ kind, with: of }, n) => ({ kind, with: of, reason: `Looked at ${n}` }))
    const half = await doctor.post(`${path}/prescriptions`, { ...whole, overrides: overrides.slice(1) })
    assert.deepEqual([half.status, half.body.findings], [422, findings.slice(0, 1)])
    assert.equal((await doctor.get(`/fhir/R4/DetectedIssue?patient=${patient.id}`)).body.total ?? 0, 0)
    const given = await made(doctor, `${path}/prescriptions`, { ...whole, overrides })
    assert.deepEqual(given.unchecked, unchecked)
    const read = (await doctor.get(`${path}/prescriptions/${given.id}`)).body
    const sorted = (all: { with: string }[]) => all.toSorted((a, b) => a.with.localeCompare(b.with))
    assert.deepEqual(
      sorted(read.overridden),
      sorted(findings.map(({ by: _by, ...one }, n) => ({ ...one, reason: `Looked at ${n}` }))),
    )
    const issues = (await doctor.get(`/fhir/R4/DetectedIssue?patient=${patient.id}`)).body.entry
    assert.deepEqual(
      issues.map(({ resource }: { resource: { mitigation: unknown[] } }) => resource.mitigation.length),
      [1, 1],
    )
  })

  it('of two who prescribe at the same time, shows the second what the first has prescribed', async () => {
    await using ward = await openWard()
    const { house, doctor, patient, path } = ward
    const colleague = await practitionerOf(house, patient)
    for (const code of ['A10BA02', 'C07AB02', 'N02BE01', 'M01AE01']) {
      const body = { ...metformin, what: atc(code, `Fictional ${code}`) }
      const answers = await Promise.all([doctor, colleague].map((who) => who.post(`${path}/prescriptions`, body)))
      const [first, second] = answers.toSorted((a, b) => a.status - b.status)
      assert.deepEqual([first?.status, second?.status], [201, 422])
      assert.equal(second?.body.findings[0].with, `MedicationRequest/${first?.body.id}`)
    }
  })

  it('is of who treats the patient and has a licence to write, of who sees the record to read, and to others not there', async () => {
    await using ward = await openWard()
    const { house, doctor, patient, path } = ward
    const { id } = await made(doctor, `${path}/prescriptions`, metformin)
    const stranger = await practitionerOf(house)
    const unlicensed = await house.signedIn({ roles: ['practitioner'] })
    await house.owner.query(
      `insert into platform.access_grant (id, account_id, relationship, subject_type, subject_id, powers, valid_from)
       values (gen_random_uuid(), $1, 'treatment', 'Patient', $2, '{see-record}', '2030-01-01Z')`,
      [unlicensed.account, patient.id],
    )
    const asked = async (who: typeof patient | typeof doctor) => [
      (await who.get(`${path}/prescriptions/${id}`)).status,
      (await who.post(`${path}/prescriptions`, metformin)).status,
      (await who.post(`${path}/prescriptions/${id}/stop`, { reason: 'Over' }, version(1))).status,
    ]
    assert.deepEqual(await asked(patient), [200, 403, 403])
    assert.deepEqual(await asked(stranger), [404, 404, 404])
    assert.deepEqual(await asked(unlicensed as unknown as typeof doctor), [404, 404, 404])
    assert.equal((await house.anonymous.get(`${path}/prescriptions`)).status, 401)
    assert.equal((await doctor.get(`${path}/prescriptions/${patient.id}`)).status, 404)
    const other = await practitionerOf(house, patient)
    const byFhir = (await other.get(`/fhir/R4/MedicationRequest/${id}`)).body
    const changed = await other.put(`/fhir/R4/MedicationRequest/${id}`, { ...byFhir, status: 'stopped' }, version(1))
    assert.equal(changed.status, 422, JSON.stringify(changed.body))
  })

  it('is kept from whom the patient has refused what is as sensitive', async () => {
    await using ward = await openWard()
    const { house, doctor, patient, path } = ward
    const { id } = await made(doctor, `${path}/prescriptions`, { ...metformin, category: 'hiv' })
    assert.equal((await doctor.get(`/fhir/R4/MedicationRequest/${id}`)).body.meta.security[0].code, 'HIV')
    await house.owner.query(`insert into platform.refusal values ($1, 'treatment', 'hiv', now())`, [patient.id])
    assert.equal((await doctor.get(`${path}/prescriptions/${id}`)).status, 404)
    assert.deepEqual((await doctor.get(`${path}/prescriptions`)).body.items, [])
    assert.equal((await patient.get(`${path}/prescriptions/${id}`)).body.category, 'hiv')
  })

  it('takes effect once with an Idempotency-Key', async () => {
    await using ward = await openWard()
    const { doctor, path } = ward
    const key = { 'idempotency-key': 'prescribe-once' }
    const [one, again] = [
      await doctor.post(`${path}/prescriptions`, metformin, key),
      await doctor.post(`${path}/prescriptions`, metformin, key),
    ]
    assert.deepEqual([one.status, again.status, again.body.id], [201, 201, one.body.id])
  })

  it('costs as many statements and trips against 200 allergies and medicines as against four', async () => {
    await using ward = await openWard()
    const { house, doctor, patient, path } = ward
    const about = { reference: `Patient/${patient.id}` }
    const clinical = 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical'
    const active = { coding: [{ system: clinical, code: 'active' }] }
    const code = (n: number) => ({ text: `Fictional ${n}`, coding: [{ system: 'http://codes.example', code: `${n}` }] })
    const one = (n: number) => {
      if (n % 4 === 0)
        return { resourceType: 'AllergyIntolerance', clinicalStatus: active, code: code(n), patient: about }
      const taken = { status: 'active', medicationCodeableConcept: code(n), subject: about }
      return n % 2 === 0
        ? { resourceType: 'MedicationStatement', ...taken }
        : { resourceType: 'MedicationRequest', intent: 'order', ...taken }
    }
    const add = async (from: number, until: number) => {
      const all = Array.from({ length: until - from }, (_, n) => one(from + n))
      const entry = all.map((resource) => ({ resource, request: { method: 'POST', url: resource.resourceType } }))
      const { status, body } = await doctor.post('/fhir/R4', { resourceType: 'Bundle', type: 'transaction', entry })
      assert.equal(status, 200, JSON.stringify(body).slice(0, 500))
    }
    const cost = async (of: string) => {
      const asked = () => made(doctor, `${path}/prescriptions`, { ...metformin, what: atc(of, `Known ${of}`) })
      const { statements, trips, result } = await house.cost(asked)
      return { statements, trips, unchecked: result.unchecked?.length }
    }
    await cost('N02BE01')
    await add(0, 4)
    const few = await cost('A10BA02')
    await add(4, 200)
    const many = await cost('C07AB02')
    assert.deepEqual(
      [few, many],
      [
        { statements: 15, trips: 10, unchecked: 4 },
        { statements: 15, trips: 10, unchecked: 200 },
      ],
    )
  })
})
