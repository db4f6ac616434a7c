import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { validate } from '#fhir/validate.ts'
import { type Answer, type Client, openTestHouse } from '#platform/testing.ts'
import { everything } from '#services.ts'
import { ipsFaults } from '../../tests/ips.ts'
import { openWard, pulse } from '../../tests/ward.ts'

const house = await openTestHouse(everything)
after(() => house[Symbol.asyncDispose]())

const HL7 = 'http://terminology.hl7.org/CodeSystem'
const [MEDICINES, PROBLEMS, ALLERGIES] = ['10160-0', '11450-4', '48765-2']
const oneOf = (system: string, code: string) => ({ coding: [{ system: `${HL7}/${system}`, code }] })

interface Section {
  code: { coding: { code: string }[] }
  text: { status: string; div: string }
  entry: { reference: string }[]
}

async function ward() {
  const { doctor, patient } = await openWard(house)
  const subject = { reference: `Patient/${patient.patient}` }
  const put = async (resource: { resourceType: string }, by: Client = doctor) => {
    const whose = resource.resourceType === 'AllergyIntolerance' ? 'patient' : 'subject'
    const { status, body } = await by.post(`/fhir/R4/${resource.resourceType}`, { [whose]: subject, ...resource })
    assert.equal(status, 201, JSON.stringify(body))
    return `${resource.resourceType}/${body.id}`
  }
  const summary = (by: Client = doctor) => by.get(`/fhir/R4/Patient/${patient.patient}/$summary`)
  return { doctor, patient, put, summary }
}

function sectionIn({ status, body }: Answer, code = ''): Section & { says: string } {
  assert.equal(status, 200, JSON.stringify(body))
  assert.deepEqual([...ipsFaults(body), ...validate(body)], [])
  const sections = body.entry[0].resource.section as Section[]
  const one = sections.find((section) => section.code.coding[0]?.code === code)
  assert.ok(one, `no section ${code}`)
  return { ...one, says: one.text.div.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ') }
}

const problem = (text: string, more: object = {}) => ({
  ...{ resourceType: 'Condition', clinicalStatus: oneOf('condition-clinical', 'active'), code: { text }, ...more },
})
const order = (text: string, more: object = {}) => ({
  ...{ resourceType: 'MedicationRequest', status: 'active', intent: 'order', medicationCodeableConcept: { text } },
  ...more,
})
const allergy = (text: string, more: object = {}) => ({
  resourceType: 'AllergyIntolerance',
  ...{ clinicalStatus: oneOf('allergyintolerance-clinical', 'active'), code: { text }, ...more },
})
const nilknown = {
  ...{ resourceType: 'List', status: 'current', mode: 'snapshot' },
  code: { coding: [{ system: 'http://loinc.org', code: ALLERGIES }] },
  emptyReason: oneOf('list-empty-reason', 'nilknown'),
}
const sensitive = (code: string) => ({ meta: { security: [{ system: `${HL7}/v3-ActCode`, code }] } })
const labelled = (code: string) => ({ meta: { security: [{ system: `${HL7}/v3-Confidentiality`, code }] } })
const refuse = (patient: string) =>
  house.owner.query(
    `insert into platform.refusal (subject_id, purpose, category, since) values ($1, 'treatment', 'hiv', '2030-01-01Z')`,
    [patient],
  )

describe('what a summary says of what is not simply so', () => {
  it('is in words: on hold, planned, suspected, unconfirmed, come back, or not known any more', async () => {
    const { put, summary } = await ward()
    await put(order('Warfarin', { status: 'on-hold' }))
    await put(order('Iron', { intent: 'plan' }))
    await put({
      ...{ resourceType: 'MedicationStatement', status: 'unknown', medicationCodeableConcept: { text: 'Aspirin' } },
      effectivePeriod: { start: '2029-01-01', end: '2029-02-01' },
    } as never)
    await put(problem('Lupus', { verificationStatus: oneOf('condition-ver-status', 'differential') }))
    await put(problem('Lymphoma', { clinicalStatus: oneOf('condition-clinical', 'relapse') }))
    await put(allergy('Latex', { verificationStatus: oneOf('allergyintolerance-verification', 'unconfirmed') }))
    await put(allergy('Nuts', { verificationStatus: oneOf('allergyintolerance-verification', 'refuted') }))
    const answer = await summary()
    const medicines = sectionIn(answer, MEDICINES).says
    for (const wanted of [/Warfarin · on hold/, /Iron · planned/, /Aspirin · not known whether it still is so/])
      assert.match(medicines, wanted)
    assert.match(medicines, /1 January 2029 – 1 February 2029/)
    assert.match(sectionIn(answer, PROBLEMS).says, /Lupus · suspected/)
    assert.match(sectionIn(answer, PROBLEMS).says, /Lymphoma · recurring/)
    assert.match(sectionIn(answer, ALLERGIES).says, /Latex · unconfirmed/)
    assert.doesNotMatch(sectionIn(answer, ALLERGIES).says, /Nuts/)
  })

  it('is not that a medicine is taken, where somebody has asked that it is not', async () => {
    const { doctor, put, summary } = await ward()
    const drug = await doctor.post('/fhir/R4/Medication', { resourceType: 'Medication', code: { text: 'Ibuprofen' } })
    const { medicationCodeableConcept: _, ...rest } = order('')
    await put({
      ...{ ...rest, doNotPerform: true },
      medicationReference: { reference: `Medication/${drug.body.id}` },
    } as never)
    const alone = sectionIn(await summary(), MEDICINES)
    assert.match(alone.says, /no information about medicines. Not to be taken: Ibuprofen/)
    assert.equal(alone.text.status, 'additional')
    const taken = await put(order('Metformin'))
    const answer = await summary()
    const both = sectionIn(answer, MEDICINES)
    assert.match(both.says, /Metformin Not to be taken: Ibuprofen/)
    assert.deepEqual(
      both.entry.map(({ reference }) => reference.split('/').slice(-2).join('/')),
      [taken],
    )
    assert.doesNotMatch(JSON.stringify(answer.body), /doNotPerform/)
  })

  it('is never that there is nothing, where there is something that the reader may not see', async () => {
    const { patient, put, summary } = await ward()
    await put(nilknown)
    const none = { coding: [{ system: 'http://snomed.info/sct', code: '716186003', display: 'No known allergy' }] }
    const partly = { coding: [{ system: 'http://snomed.info/sct', code: '409137002', display: 'No known drug one' }] }
    await put(allergy('', { code: none }))
    assert.match(sectionIn(await summary(), ALLERGIES).says, /No known allergy/)
    await put(allergy('', { code: partly }))
    await put(allergy('Abacavir', sensitive('HIV')))
    assert.match(sectionIn(await summary(), ALLERGIES).says, /No known drug one.*Abacavir|Abacavir.*No known drug one/)
    assert.doesNotMatch(sectionIn(await summary(), ALLERGIES).says, /No known allergy/)
    await refuse(patient.patient)
    const hidden = await summary()
    assert.match(sectionIn(hidden, ALLERGIES).says, /^ There is no information about allergies. $/)
    assert.doesNotMatch(JSON.stringify(hidden.body), /no-known-allergies|716186003|409137002|Abacavir/)
    assert.match(sectionIn(await summary(patient), ALLERGIES).says, /Abacavir/)
  })

  it('is as confidential as what is most so of what it shows', async () => {
    const { patient, put, summary } = await ward()
    const said = async () => {
      const { body } = await summary()
      assert.deepEqual(body.meta.security, [
        { system: `${HL7}/v3-Confidentiality`, code: body.entry[0].resource.confidentiality },
      ])
      return body.entry[0].resource.confidentiality
    }
    await put(pulse(patient.patient, labelled('L')))
    assert.equal(await said(), 'N')
    await put(problem('Infection', sensitive('HIV')))
    assert.equal(await said(), 'R')
    await refuse(patient.patient)
    assert.equal(await said(), 'N', 'of what is not shown it tells nothing')
    await put(problem('Depression', labelled('R')))
    assert.equal(await said(), 'R')
    await put(problem('Assault', labelled('V')))
    assert.equal(await said(), 'V')
  })
})

describe('what a summary says of a dose', () => {
  const tablets = (value: number) => ({
    ...{ value, unit: 'tablet', code: 'TAB', system: `${HL7}/v3-orderableDrugForm` },
  })
  const day = { value: 1, unit: 'd', code: 'd', system: 'http://unitsofmeasure.org' }
  const [one, twice] = [[{ doseQuantity: tablets(1) }], { repeat: { frequency: 2, period: 1, periodUnit: 'd' } }]
  const whole = {
    timing: { repeat: { ...twice.repeat, dayOfWeek: ['mon'], boundsPeriod: { end: '2031-04-02' } } },
    ...{ asNeededCodeableConcept: { text: 'pain' }, maxDosePerPeriod: { numerator: tablets(4), denominator: day } },
    doseAndRate: [{ doseRange: { low: tablets(1), high: tablets(2) } }],
  }
  const saidOf = async (language: string, ...dosageInstruction: object[]) => {
    const { doctor, patient, put } = await ward()
    await put(order('Paracetamol', { dosageInstruction }))
    const answer = await doctor.get(`/fhir/R4/Patient/${patient.patient}/$summary`, { 'accept-language': language })
    return sectionIn(answer, MEDICINES).says
  }

  it('is all that its structure says, in words of the reader', async () => {
    assert.match(
      await saidOf('en', whole),
      /Paracetamol · 1 to 2 tablets, twice a day, on Monday, only when needed, for: pain, until 2 April 2031 inclusive; not more than 4 tablets in 1 day/,
    )
    assert.match(await saidOf('fr', { ...whole, text: 'One or two' }), /1 à 2 comprimés.*pas plus de 4 comprimés/)
    assert.match(
      await saidOf('en', { doseAndRate: one, asNeededBoolean: true }),
      /Paracetamol · 1 tablet, only when needed $/,
    )
  })

  it('is what somebody wrote where there are no words for all of it, and never a part of it', async () => {
    const other = { doseAndRate: one, timing: { repeat: { ...twice.repeat, frequencyMax: 4 } } }
    assert.match(await saidOf('en', { ...other, text: 'Two to four a day' }), /Paracetamol · Two to four a day/)
    const unsaid = [
      other,
      { doseAndRate: one, timing: { repeat: { period: 1, periodUnit: 'd' } } },
      { doseAndRate: one, timing: { repeat: { ...twice.repeat, boundsPeriod: { end: '2031-04' } } } },
      { doseAndRate: [{ doseQuantity: tablets(0.33333) }], timing: twice },
    ]
    for (const dose of unsaid)
      assert.match(await saidOf('en', dose), /Paracetamol · The dose is in the prescription\. $/, JSON.stringify(dose))
    assert.match(
      await saidOf('sw', { ...other, text: 'Two to four a day' }, other),
      /Paracetamol · Dozi imeandikwa kwenye maagizo ya dawa\. $/,
    )
  })
})

describe('what a summary says of a course', async () => {
  const own = await openTestHouse(everything, { now: '2031-03-01T08:00:00Z' })
  after(() => own[Symbol.asyncDispose]())
  const { doctor, patient } = await openWard(own)
  const subject = { reference: `Patient/${patient.patient}` }
  const tablet = { value: 1, unit: 'tablet', code: 'TAB', system: `${HL7}/v3-orderableDrugForm` }
  const timesADay = (bounds: object) => [
    {
      doseAndRate: [{ doseQuantity: tablet }],
      timing: { repeat: { frequency: 2, period: 1, periodUnit: 'd', ...bounds } },
    },
  ]
  const tenDays = { boundsDuration: { value: 10, unit: 'd', code: 'd', system: 'http://unitsofmeasure.org' } }
  const statement = { resourceType: 'MedicationStatement', status: 'active' }
  for (const resource of [
    order('Amoxicillin', { dosageInstruction: timesADay(tenDays), authoredOn: '2031-03-01' }),
    order('Nystatin', {
      dosageInstruction: [{ text: 'As told', timing: { repeat: { boundsPeriod: { end: '2031-03-11' } } } }],
    }),
    order('Metformin', { dosageInstruction: timesADay({}) }),
    order('Prednisolone', { dosageInstruction: timesADay(tenDays), dispenseRequest: { numberOfRepeatsAllowed: 2 } }),
    order('Ibuprofen', { dosageInstruction: timesADay(tenDays), status: 'on-hold' }),
    {
      ...{ ...statement, medicationCodeableConcept: { text: 'Doxycycline' } },
      effectivePeriod: { start: '2031-02-01', end: '2031-03-11' },
    },
    { ...statement, medicationCodeableConcept: { text: 'Insulin' }, effectivePeriod: { start: '2031-02-01' } },
  ])
    assert.equal((await doctor.post(`/fhir/R4/${resource.resourceType}`, { subject, ...resource })).status, 201)
  const asked = (language: string) =>
    doctor.get(`/fhir/R4/Patient/${patient.patient}/$summary`, { 'accept-language': language })

  it('that ended: on which day, and that nobody has confirmed that it is still taken, in each language; it stays an entry as it was written', async () => {
    own.setNow('2031-03-12T11:59:00Z')
    const before = sectionIn(await asked('en'), MEDICINES)
    assert.doesNotMatch(before.says, /course ended/, 'while it is that day anywhere')
    own.setNow('2031-03-12T12:00:00Z')
    const ended = {
      en: 'the course ended on 11 March 2031; nobody has confirmed that it is still taken',
      fr: 'le traitement prescrit s’est terminé le 11 mars 2031 ; personne n’a confirmé qu’il est encore pris',
      pt: /o tratamento terminou em .*11 de março de 2031; ninguém confirmou que ainda é tomado/,
      es: /el tratamiento terminó el .*11 de marzo de 2031; nadie ha confirmado que se siga tomando/,
      sw: /muda wa dawa uliisha tarehe .*11 Machi 2031; haijathibitishwa kama bado inatumiwa/,
      ar: /انتهت مدة الدواء في .*2031؛ ولم يؤكد أحد أنه لا يزال يؤخذ/,
      hi: /दवा की अवधि .*11 मार्च 2031 को समाप्त हुई; किसी ने पुष्टि नहीं की है कि यह अब भी ली जा रही है/,
    }
    for (const [language, words] of Object.entries(ended)) {
      const answer = await asked(language)
      const { entry, text } = sectionIn(answer, MEDICINES)
      const says = text.div.replace(/[\u2066-\u2069]/g, '')
      const marked = [...says.matchAll(/<li>.*?<\/li>/gs)].flatMap(([line]) =>
        (typeof words === 'string' ? line.includes(words) : words.test(line)) ? /<b>(.*?)<\/b>/.exec(line)?.[1] : [],
      )
      assert.deepEqual(marked.sort(), ['Amoxicillin', 'Doxycycline', 'Nystatin'], `${language}: ${says}`)
      assert.equal(entry.length, 7)
      const kept = answer.body.entry.map(({ resource }: { resource: Record<string, unknown> }) => resource)
      const course = kept.find((one: { authoredOn?: string }) => one.authoredOn === '2031-03-01')
      assert.deepEqual([course.status, course.dosageInstruction], ['active', timesADay(tenDays)])
    }
  })
})
