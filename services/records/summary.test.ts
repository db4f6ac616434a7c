import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { validate } from '#fhir/validate.ts'
import { type Answer, type Client, openTestHouse, type TestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { ipsFaults } from '../../tests/ips.ts'
import { openWard, pulse } from '../../tests/ward.ts'
import { newPatient, practitionerOf } from './testing.ts'

const HL7 = 'http://terminology.hl7.org/CodeSystem'
const LOINC = 'http://loinc.org'
const oneOf = (system: string, code: string) => ({ coding: [{ system: `${HL7}/${system}`, code }] })
const of = (patient: string) => ({ subject: { reference: `Patient/${patient}` } })

const problem = (patient: string, text: string, status = 'active', more: object = {}) => ({
  ...{ resourceType: 'Condition', clinicalStatus: oneOf('condition-clinical', status), code: { text } },
  ...{ ...of(patient), onsetDateTime: '2029-04-05', ...more },
})
const allergy = (patient: string, text: string, more: object = {}) => ({
  ...{ resourceType: 'AllergyIntolerance', clinicalStatus: oneOf('allergyintolerance-clinical', 'active') },
  ...{ code: { text }, patient: { reference: `Patient/${patient}` }, criticality: 'high', ...more },
})
const medicine = (patient: string, text: string, more: object = {}) => ({
  ...{ resourceType: 'MedicationRequest', status: 'active', intent: 'order', medicationCodeableConcept: { text } },
  ...{ ...of(patient), dosageInstruction: [{ text: 'One in the morning' }], ...more },
})

async function put(who: Client, resource: { resourceType: string }): Promise<string> {
  const { status, body } = await who.post(`/fhir/R4/${resource.resourceType}`, resource)
  assert.equal(status, 201, JSON.stringify(body))
  return `${resource.resourceType}/${body.id}`
}

interface Section {
  title: string
  code: { coding: { code: string }[] }
  text: { div: string }
}

/** What each section says, by its code. */
function told({ status, body }: Answer): Record<string, string> {
  assert.equal(status, 200, JSON.stringify(body))
  assert.deepEqual(ipsFaults(body), [])
  assert.deepEqual(validate(body), [])
  const sections = body.entry[0].resource.section as Section[]
  return Object.fromEntries(sections.map(({ code, text }) => [code.coding[0]?.code, text.div.replace(/<[^>]+>/g, ' ')]))
}
const inDocument = ({ body }: Answer): string[] =>
  body.entry.map(
    ({ resource }: { resource: { resourceType: string; id: string } }) => `${resource.resourceType}/${resource.id}`,
  )
const codesIn = ({ body }: Answer): string[] =>
  JSON.stringify(body)
    .match(/"no-[a-z-]+"/g)
    ?.map((one) => one.slice(1, -1)) ?? []

const nilknown = (patient: string, code: string, more: object = {}) => ({
  ...{ resourceType: 'List', status: 'current', mode: 'snapshot', code: { coding: [{ system: LOINC, code }] } },
  ...{ ...of(patient), emptyReason: { coding: [{ system: `${HL7}/list-empty-reason`, code: 'nilknown' }] }, ...more },
})

async function audited({ owner }: TestHouse): Promise<string[]> {
  const { rows } = await owner.query(
    `select distinct split_part(entity, '/', 1) as type from platform.audit_event where operation = 'fhir $summary' order by 1`,
  )
  return rows.map(({ type }) => type)
}

/** Who asks, the patient, whether their record may be seen, what is in it, and the note that it was seen. */
const STATEMENTS = 5

describe('GET /fhir/R4/Patient/{id}/$summary', () => {
  it('is a document of what is so now, by the rules of the International Patient Summary', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient } = await openWard(house)
    const id = patient.patient
    const [old, young] = [
      pulse(id, { effectiveDateTime: '2031-01-01' }),
      pulse(id, { valueQuantity: { value: 88, unit: '/min' } }),
    ]
    const kept = [
      await put(doctor, problem(id, 'Asthma')),
      await put(doctor, problem(id, 'Measles', 'resolved')),
      await put(doctor, allergy(id, 'Peanuts')),
      await put(doctor, medicine(id, 'Metformin')),
      await put(doctor, young),
      await put(doctor, pulse(id, { code: { coding: [{ system: LOINC, code: '8310-5' }] } })),
      await put(doctor, pulse(id, { code: { coding: [{ code: 'local' }] } })),
      await put(doctor, pulse(id, { code: { text: 'In words' } })),
    ]
    await put(doctor, old)
    await put(doctor, medicine(id, 'Aspirin', { status: 'stopped' }))
    await put(doctor, problem(id, 'Gout', 'active', { verificationStatus: oneOf('condition-ver-status', 'refuted') }))
    const answer = await patient.get(`/fhir/R4/Patient/${id}/$summary`)
    const says = told(answer)
    assert.match(says['11450-4'] ?? '', /Asthma\s+· 5 April 2029/)
    assert.match(says['48765-2'] ?? '', /Peanuts\s+· high risk/)
    assert.match(says['10160-0'] ?? '', /Metformin\s+· One in the morning/)
    assert.match(says['8716-3'] ?? '', /Heart rate\s+· 88 \/min · 3 March 2031/)
    assert.match(says['11348-0'] ?? '', /Measles/)
    assert.match(says['30954-2'] ?? '', /local[\s\S]*In words|In words[\s\S]*local/)
    assert.deepEqual(Object.keys(says).length, 6)
    const shown = inDocument(answer).filter((name) => !/^(Composition|Patient|Device|Organization)\//.test(name))
    assert.deepEqual(shown.sort(), kept.sort())
    assert.deepEqual(await audited(house), [
      ...['AllergyIntolerance', 'Composition', 'Condition', 'MedicationRequest', 'Observation'],
    ])
    const again = await doctor.post(`/fhir/R4/Patient/${id}/$summary`, { resourceType: 'Parameters' })
    assert.notEqual(again.body.identifier.value, answer.body.identifier.value)
    assert.deepEqual(told(again), says)
  })

  it('tells what nobody has asked from what is known to be nothing', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient } = await openWard(house)
    const url = `/fhir/R4/Patient/${patient.patient}/$summary`
    const empty = await doctor.get(url)
    assert.match(told(empty)['48765-2'] ?? '', /There is no information about allergies/)
    assert.deepEqual(codesIn(empty), ['no-problem-info', 'no-allergy-info', 'no-medication-info'])
    await put(doctor, nilknown(patient.patient, '48765-2'))
    await put(doctor, nilknown(patient.patient, '10160-0', { status: 'retired' }))
    const answer = await doctor.get(url)
    assert.match(told(answer)['48765-2'] ?? '', /No known allergies/)
    assert.deepEqual(codesIn(answer), ['no-problem-info', 'no-known-allergies', 'no-medication-info'])
    await put(doctor, allergy(patient.patient, 'Latex'))
    assert.match(
      told(await doctor.get(url))['48765-2'] ?? '',
      /^\s+Latex/,
      'what is known says more than that there was nothing',
    )
  })

  it('speaks the reader’s language, and quotes what others wrote as text', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient } = await openWard(house)
    await put(doctor, problem(patient.patient, '<script>alert(1)</script> & \u202Ereversed'))
    const url = `/fhir/R4/Patient/${patient.patient}/$summary`
    for (const [language, title] of Object.entries({
      fr: 'Problèmes',
      ar: 'المشكلات الصحية',
      sw: 'Matatizo',
      de: 'Problems',
    })) {
      const answer = await doctor.get(url, { 'accept-language': language })
      assert.match(told(answer)['11450-4'] ?? '', /&lt;script&gt;alert\(1\)&lt;\/script&gt; &amp; reversed/)
      assert.equal(answer.body.entry[0].resource.section[0].title, title)
      assert.equal(answer.headers['content-language'], language === 'de' ? 'en' : language)
      const { div } = answer.body.entry[0].resource.section[0].text
      assert.match(div, language === 'ar' ? /lang="ar" xml:lang="ar" dir="rtl"/ : /dir="ltr"/)
    }
  })

  it('names what is in no document by its address, and has who cared with what they did', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient } = await openWard(house)
    const administrator = await house.signedIn({ roles: ['administrator'] })
    const drug = await put(doctor, { resourceType: 'Medication', ...{ code: { text: 'Salbutamol' } } })
    const place = await administrator.post('/fhir/R4/Organization', {
      ...{ resourceType: 'Organization', name: 'Harbour', address: [{ city: 'Port Selam', country: 'GH' }] },
    })
    assert.equal(place.status, 201, JSON.stringify(place.body))
    const visit = await put(doctor, {
      ...{ resourceType: 'Encounter', status: 'finished', class: { system: `${HL7}/v3-ActCode`, code: 'AMB' } },
      ...of(patient.patient),
    })
    const order = await put(doctor, {
      ...medicine(patient.patient, ''),
      ...{ medicationCodeableConcept: undefined, medicationReference: { reference: drug } },
      ...{ encounter: { reference: visit }, requester: { reference: `Organization/${place.body.id}` } },
    })
    const answer = await doctor.get(`/fhir/R4/Patient/${patient.patient}/$summary`)
    assert.match(told(answer)['10160-0'] ?? '', /Salbutamol/)
    assert.ok([drug, order, `Organization/${place.body.id}`].every((name) => inDocument(answer).includes(name)))
    const { resource } = answer.body.entry.find((one: { fullUrl: string }) => one.fullUrl.endsWith(order))
    assert.equal(resource.encounter.reference, undefined)
    assert.equal(resource.encounter.identifier.value, `http://openhcs.test/fhir/R4/${visit}`)
  })

  it('has devices by their use, and says where a section has more than is shown', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient } = await openWard(house)
    const pacemaker = {
      resourceType: 'Device',
      type: { text: 'Pacemaker' },
      patient: { reference: `Patient/${patient.patient}` },
    }
    await put(doctor, pacemaker)
    const ill = Array.from({ length: 51 }, (_, n) => problem(patient.patient, `Illness ${n}`, 'resolved'))
    const entry = ill.map((resource) => ({ resource, request: { method: 'POST', url: 'Condition' } }))
    assert.equal((await doctor.post('/fhir/R4', { resourceType: 'Bundle', type: 'transaction', entry })).status, 200)
    const says = told(await doctor.get(`/fhir/R4/Patient/${patient.patient}/$summary`))
    assert.match(says['46264-8'] ?? '', /Pacemaker/)
    assert.match(says['11348-0'] ?? '', /The newest 50 of 51 are shown/)
  })

  it('leaves out what may not be seen, and says the same as where it is not there', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient, stranger } = await openWard(house)
    const url = `/fhir/R4/Patient/${patient.patient}/$summary`
    const sensitive = { meta: { security: [{ code: 'HIV' }] } }
    await put(doctor, problem(patient.patient, 'Hidden', 'active', sensitive))
    assert.match(told(await doctor.get(url))['11450-4'] ?? '', /Hidden/)
    await house.owner.query(
      `insert into platform.refusal (subject_id, purpose, category, since) values ($1, 'treatment', 'hiv', '2030-01-01Z')`,
      [patient.patient],
    )
    assert.match(told(await doctor.get(url))['11450-4'] ?? '', /no information about problems/)
    assert.match(told(await patient.get(url))['11450-4'] ?? '', /Hidden/)
    const refusals = [await stranger.get(url), await doctor.get(`/fhir/R4/Patient/${stranger.patient}/$summary`)]
    const none = await doctor.get('/fhir/R4/Patient/none/$summary')
    for (const { status, body } of refusals)
      assert.deepEqual([status, body.issue[0].details], [404, none.body.issue[0].details])
    assert.equal((await house.anonymous.get(url)).status, 401)
    const clerk = await house.signedIn({ desk: { organisation: patient.patient, function: 'desk' } })
    assert.equal((await clerk.get(url)).status, 403)
  })

  it('of two who became one is that of the one who is left, by either id', async () => {
    await using house = await openTestHouse(everything)
    const [one, other] = [await newPatient(house), await newPatient(house)]
    const doctor = await practitionerOf(house, one, other)
    const ada = await house.signedIn({ roles: ['administrator'] })
    await put(doctor, problem(one.id, 'Asthma'))
    await put(doctor, problem(other.id, 'Gout'))
    await ada.post('/v1/merges', { survivor: one.id, replaced: other.id, reason: 'Same person' })
    await house.work()
    for (const id of [one.id, other.id]) {
      const answer = await doctor.get(`/fhir/R4/Patient/${id}/$summary`)
      const says = told(answer)['11450-4'] ?? ''
      assert.ok(says.includes('Asthma') && says.includes('Gout'), says)
      assert.equal(answer.body.entry[1].resource.id, one.id)
    }
  })

  it('is refused to an app that may not read a section that must be there, and leaves out the others', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient } = await openWard(house)
    await put(doctor, pulse(patient.patient))
    const url = `/fhir/R4/Patient/${patient.patient}/$summary`
    const as = async (scopes: string[]) => {
      await house.owner.query('update platform.session set scopes = $2 where account_id = $1', [doctor.account, scopes])
      return doctor.get(url)
    }
    const must = ['Patient', 'Condition', 'AllergyIntolerance', 'MedicationRequest', 'MedicationStatement']
    const scopes = must.map((type) => `user/${type}.rs`)
    assert.equal((await as(scopes.slice(1))).status, 403)
    assert.equal((await as(scopes.slice(0, -1))).status, 403)
    assert.deepEqual(Object.keys(told(await as(scopes))).length, 3)
    assert.deepEqual(Object.keys(told(await as([...scopes, 'user/Observation.rs']))).length, 4)
  })

  it('takes as many statements for a long record as for a short one', async () => {
    await using house = await openTestHouse(everything)
    const { doctor, patient } = await openWard(house)
    const url = `/fhir/R4/Patient/${patient.patient}/$summary`
    const asked = async () => {
      const { result, statements } = await house.cost(() => doctor.get(url))
      assert.equal(result.status, 200)
      return statements
    }
    await asked()
    assert.equal(await asked(), STATEMENTS)
    const entry = Array.from({ length: 100 }, (_, n) => ({
      resource: pulse(patient.patient, { code: { text: `Measure ${n}` } }),
      request: { method: 'POST', url: 'Observation' },
    }))
    assert.equal((await doctor.post('/fhir/R4', { resourceType: 'Bundle', type: 'transaction', entry })).status, 200)
    assert.equal(await asked(), STATEMENTS)
  })
})

describe('GET /fhir/R4/Patient/$summary', () => {
  it('is of the one who has an identifier, and may be seen', async () => {
    await using house = await openTestHouse(everything)
    const saba = await house.signedIn({ roles: ['patient'] })
    const extension = [{ url: 'http://hl7.org/fhir/StructureDefinition/timezone', valueCode: 'Africa/Accra' }]
    const person = { resourceType: 'Patient', name: [{ text: 'Saba Tesfaye' }], birthDate: '1987-06-05', extension }
    const { body } = await saba.post('/fhir/R4/Patient', person)
    const [system, value] = ['http://openhcs.test/v1/patients', body.id]
    const url = '/fhir/R4/Patient/$summary'
    const named = await saba.get(`${url}?identifier=${system}|${value}`)
    told(named)
    const { entry } = named.body
    assert.match(entry[0].resource.text.div, /Saba Tesfaye/)
    assert.deepEqual([entry[1].resource.id, entry[1].resource.birthDate], [body.id, '1987-06-05'])
    const given = (name: string) => ({
      ...{ resourceType: 'Parameters', parameter: [{ name, valueIdentifier: { system, value } }] },
    })
    for (const name of ['identifier', 'identifer']) {
      const answer = await saba.post(url, given(name))
      told(answer)
      assert.equal(answer.body.entry[1].resource.id, body.id)
    }
    const stranger = await house.signedIn({ roles: ['patient'] })
    const [unseen, unknown] = [
      await stranger.get(`${url}?identifier=${system}|${value}`),
      await stranger.get(`${url}?identifier=${system}|none`),
    ]
    assert.deepEqual([unseen.status, unseen.body.issue[0].details], [404, unknown.body.issue[0].details])
    assert.equal((await saba.get(url)).status, 400)
    assert.equal((await saba.get(`/fhir/R4/Patient/${body.id}/$summary?profile=urn:other`)).status, 400)
    assert.equal((await house.anonymous.get(`${url}?identifier=a|b`)).status, 401)
  })
})
