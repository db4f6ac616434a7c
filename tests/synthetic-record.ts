import { type Dice, pick, random } from './dice.ts'

// Made-up patients as Synthea writes them (synthetichealth/synthea, FHIR R4): a transaction of everything that is known of one, in which entries refer to each other by
// urn:uuid. Ten years of visits, with what comes of each.

export interface Entry {
  fullUrl: string
  resource: { resourceType: string; id: string; [element: string]: unknown }
  request: { method: 'POST'; url: string }
}

export interface Transaction {
  resourceType: 'Bundle'
  type: 'transaction'
  entry: Entry[]
}

/** As what it comes in by an import: a role is known by its practitioner, who has one here. */
export const nameOf = ({ resource: { resourceType, id, practitioner } }: Entry): string =>
  `${resourceType}/${resourceType === 'PractitionerRole' ? (practitioner as { reference: string }).reference.replace('urn:uuid:', '') : id}`

const YEARS = 10
const VISITS_A_YEAR = 4
const SNOMED = 'http://snomed.info/sct'
const LOINC = 'http://loinc.org'
const HL7 = 'http://terminology.hl7.org/CodeSystem'

type Coded = readonly [system: string, code: string, display: string]
const concept = ([system, code, display]: Coded) => ({ coding: [{ system, code, display }], text: display })
const oneOf = (system: string, code: string) => ({ coding: [{ system: `${HL7}/${system}`, code }] })

const CONDITIONS: readonly Coded[] = [
  [SNOMED, '444814009', 'Viral sinusitis (disorder)'],
  [SNOMED, '59621000', 'Hypertension'],
  [SNOMED, '44054006', 'Diabetes'],
  [SNOMED, '195662009', 'Acute viral pharyngitis (disorder)'],
]
const DRUGS: readonly Coded[] = [
  ['http://www.nlm.nih.gov/research/umls/rxnorm', '314076', 'lisinopril 10 MG Oral Tablet'],
  ['http://www.nlm.nih.gov/research/umls/rxnorm', '860975', '24 HR metformin hydrochloride 500 MG Oral Tablet'],
]
const MEASURES: readonly (readonly [Coded, unit: string, mean: number])[] = [
  [[LOINC, '8302-2', 'Body Height'], 'cm', 170],
  [[LOINC, '29463-7', 'Body Weight'], 'kg', 72],
  [[LOINC, '39156-5', 'Body Mass Index'], 'kg/m2', 25],
  [[LOINC, '2339-0', 'Glucose'], 'mg/dL', 90],
  [[LOINC, '38483-4', 'Creatinine'], 'mg/dL', 1],
]
const VACCINE: Coded = ['http://hl7.org/fhir/sid/cvx', '140', 'Influenza, seasonal, injectable, preservative free']
const CHECKUP: Coded = [SNOMED, '162673000', 'General examination of patient (procedure)']

/** A few hundred entries; of one seed always the same. */
export function syntheticRecord(seed: number): Transaction {
  const dice = random(seed)
  const entry: Entry[] = []
  const add = (resourceType: string, elements: object) => {
    const id = uuid(dice)
    const fullUrl = `urn:uuid:${id}`
    entry.push({ fullUrl, resource: { resourceType, id, ...elements }, request: { method: 'POST', url: resourceType } })
    return { reference: fullUrl }
  }
  const people = around(dice, add)
  for (let visit = 0; visit < YEARS * VISITS_A_YEAR; visit++) atVisit({ dice, add, ...people }, visit)
  const target = entry.map(({ fullUrl: reference }) => ({ reference }))
  const agent = [{ type: oneOf('provenance-participant-type', 'author'), who: people.doctor }]
  add('Provenance', { target, recorded: '2020-01-01T10:00:00.000+01:00', agent })
  return { resourceType: 'Bundle', type: 'transaction', entry }
}

type Add = (resourceType: string, elements: object) => { reference: string }

const uuid = (dice: Dice): string =>
  'xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx'.replace(/x/g, () => Math.floor(dice() * 16).toString(16))

/** The patient, and whom and what they deal with. */
function around(dice: Dice, add: Add) {
  const address = [{ line: ['1 Fictional Lane'], city: 'Nowhere', country: 'US' }]
  const subject = add('Patient', {
    text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">Made up.</div>' },
    extension: [
      { url: 'http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName', valueString: 'Nobody' },
      { url: 'http://example.org/disability-adjusted-life-years', valueDecimal: dice() * 10 },
    ],
    identifier: [{ system: 'https://example.org/records', value: uuid(dice) }],
    name: [{ use: 'official', family: `Nobody${Math.floor(dice() * 1_000)}`, given: ['Saba'], prefix: ['Ms.'] }],
    ...{ gender: pick(dice, ['female', 'male']), birthDate: '1960-02-29', address, multipleBirthBoolean: false },
  })
  const clinic = add('Organization', {
    ...{ active: true, name: 'Fictional Clinic', type: [oneOf('organization-type', 'prov')], address },
  })
  const place = add('Location', {
    ...{ status: 'active', name: 'Fictional Clinic', address: address[0], managingOrganization: clinic },
    position: { longitude: -71.2 - dice(), latitude: 42.1 + dice() },
  })
  const doctor = add('Practitioner', { active: true, name: [{ family: 'Nemo', given: ['Abel'], prefix: ['Dr.'] }] })
  add('PractitionerRole', { practitioner: doctor, organization: clinic, location: [place] })
  const team = add('CareTeam', { status: 'active', subject, participant: [{ member: subject }, { member: doctor }] })
  add('AllergyIntolerance', {
    clinicalStatus: oneOf('allergyintolerance-clinical', 'active'),
    verificationStatus: oneOf('allergyintolerance-verification', 'confirmed'),
    ...{ type: 'allergy', category: ['food'], criticality: 'low', patient: subject },
    code: concept([SNOMED, '91935009', 'Allergy to peanuts']),
  })
  add('Device', {
    ...{ status: 'active', patient: subject, distinctIdentifier: '1', lotNumber: '7', serialNumber: '9' },
    ...{ type: concept([SNOMED, '72506001', 'Implantable defibrillator, device (physical object)']) },
  })
  return { subject, clinic, place, doctor, team }
}

interface Visit extends ReturnType<typeof around> {
  dice: Dice
  add: Add
}

function atVisit({ dice, add, subject, clinic, place, doctor, team }: Visit, n: number): void {
  const date = new Date(Date.UTC(2010, Math.floor((n * 12) / VISITS_A_YEAR), 1 + Math.floor(dice() * 27), 9))
  const [start, end] = [0, 900_000].map((ms) => new Date(date.getTime() + ms).toISOString().replace('Z', '+00:00'))
  const period = { start, end }
  const encounter = add('Encounter', {
    ...{ status: 'finished', class: { system: `${HL7}/v3-ActCode`, code: 'AMB' }, type: [concept(CHECKUP)], subject },
    ...{ participant: [{ individual: doctor }], period, location: [{ location: place }], serviceProvider: clinic },
  })
  const about = { subject, encounter }
  const results = MEASURES.map(([code, unit, mean]) =>
    add('Observation', {
      ...{ status: 'final', category: [oneOf('observation-category', 'vital-signs')], code: concept(code), ...about },
      ...{ effectiveDateTime: start, issued: `${start?.slice(0, 19)}.205+00:00` },
      valueQuantity: { value: mean * (0.8 + dice() * 0.4), unit, system: 'http://unitsofmeasure.org', code: unit },
    }),
  )
  add('Observation', pressure(dice, { ...about, effectiveDateTime: start }))
  const report = { status: 'final', category: [oneOf('v2-0074', 'LAB')], effectiveDateTime: start, issued: end }
  add('DiagnosticReport', {
    ...report,
    code: concept([LOINC, '51990-0', 'Basic Metabolic Panel']),
    ...about,
    result: results,
  })
  add('Procedure', { status: 'completed', code: concept(CHECKUP), ...about, performedPeriod: period, location: place })
  if (n % VISITS_A_YEAR === 0) onceAYear({ add, subject, encounter, doctor, start, period })
  if (dice() < 0.5) illness({ dice, add, subject, encounter, doctor, clinic, team, start, period })
}

const pressure = (dice: Dice, more: object) => ({
  ...{ status: 'final', category: [oneOf('observation-category', 'vital-signs')] },
  ...{ code: concept([LOINC, '85354-9', 'Blood Pressure']), ...more },
  component: (
    [
      ['8462-4', 'Diastolic Blood Pressure', 80],
      ['8480-6', 'Systolic Blood Pressure', 120],
    ] as const
  ).map(([code, display, mean]) => ({
    code: concept([LOINC, code, display]),
    valueQuantity: {
      ...{ value: mean * (0.8 + dice() * 0.4), unit: 'mm[Hg]' },
      ...{ system: 'http://unitsofmeasure.org', code: 'mm[Hg]' },
    },
  })),
})

interface Of {
  add: Add
  subject: object
  encounter: object
  doctor: object
  start: string | undefined
  period: object
}

function onceAYear({ add, subject, encounter, doctor, start, period }: Of): void {
  add('Immunization', {
    ...{ status: 'completed', vaccineCode: concept(VACCINE), patient: subject, encounter },
    ...{ occurrenceDateTime: start, primarySource: true },
  })
  add('DocumentReference', {
    ...{ status: 'current', type: concept([LOINC, '34117-2', 'History and physical note']), subject, date: start },
    author: [doctor],
    content: [{ attachment: { contentType: 'text/plain', data: Buffer.from('Made up.').toString('base64') } }],
    context: { encounter: [encounter], period },
  })
  add('ImagingStudy', {
    ...{ status: 'available', subject, encounter, started: start, numberOfSeries: 1, numberOfInstances: 1 },
    series: [
      { uid: '1.2.840.99999999.1', modality: { system: 'http://dicom.nema.org/resources/ontology/DCM', code: 'DX' } },
    ],
  })
  const content = { contentType: 'image/png', title: 'Made up' }
  add('Media', { status: 'completed', subject, encounter, content })
  add('SupplyDelivery', { status: 'completed', patient: subject, occurrenceDateTime: start })
}

function illness({
  dice,
  add,
  subject,
  encounter,
  doctor,
  clinic,
  team,
  start,
  period,
}: Of & Omit<Visit, 'place'>): void {
  const about = { subject, encounter }
  const condition = add('Condition', {
    clinicalStatus: oneOf('condition-clinical', 'resolved'),
    verificationStatus: oneOf('condition-ver-status', 'confirmed'),
    ...{ code: concept(pick(dice, CONDITIONS)), ...about, onsetDateTime: start, recordedDate: start },
  })
  const goal = add('Goal', {
    lifecycleStatus: 'accepted',
    description: { text: 'Fewer symptoms' },
    subject,
    addresses: [condition],
  })
  add('CarePlan', {
    ...{ status: 'completed', intent: 'order', category: [concept(CHECKUP)], ...about, period },
    ...{ careTeam: [team], addresses: [condition], goal: [goal] },
    activity: [{ detail: { status: 'completed', code: concept(CHECKUP) } }],
  })
  const drug = pick(dice, DRUGS)
  const medication = add('Medication', { status: 'active', code: concept(drug) })
  const order = add('MedicationRequest', {
    ...{ status: 'stopped', intent: 'order', medicationReference: medication, ...about, authoredOn: start },
    ...{ requester: doctor, reasonReference: [condition] },
    dosageInstruction: [
      { sequence: 1, timing: { repeat: { frequency: 1, period: 1.0, periodUnit: 'd' } }, asNeededBoolean: false },
    ],
  })
  add('MedicationAdministration', {
    ...{
      status: 'completed',
      medicationCodeableConcept: concept(drug),
      subject,
      context: encounter,
      effectiveDateTime: start,
    },
  })
  const claim = add('Claim', {
    ...{ status: 'active', type: oneOf('claim-type', 'pharmacy'), use: 'claim', patient: subject, created: start },
    ...{ provider: clinic, priority: oneOf('processpriority', 'normal'), prescription: order },
    insurance: [{ sequence: 1, focal: true, coverage: { display: 'Nobody' } }],
    total: { value: Math.round(dice() * 10_000) / 100, currency: 'USD' },
  })
  add('ExplanationOfBenefit', {
    contained: [
      {
        resourceType: 'Coverage',
        id: 'coverage',
        status: 'active',
        beneficiary: subject,
        payor: [{ display: 'Nobody' }],
      },
    ],
    ...{ status: 'active', type: oneOf('claim-type', 'pharmacy'), use: 'claim', patient: subject, created: start },
    ...{ insurer: { display: 'Nobody' }, provider: doctor, claim, outcome: 'complete' },
    insurance: [{ focal: true, coverage: { reference: '#coverage' } }],
  })
}
