import { saidIn } from './projection/to-fhir.ts'
import type * as queries from './queries/about.ts'

// What is told of a person, in FHIR R4: as much of it as there is.

type Rows<K extends keyof typeof queries> = (typeof queries)[K] extends (...given: never) => Promise<(infer R)[]>
  ? R
  : never

const THO = 'http://terminology.hl7.org/CodeSystem'
const coded = (system: string, code: string) => ({ coding: [{ system, code }] })
const patientOf = (id: string) => ({ reference: `Patient/${id}` })

const telecom = ({ phone, email }: { phone: string | null; email: string | null }) =>
  phone === null && email === null
    ? {}
    : {
        telecom: [
          ...(phone === null ? [] : [{ system: 'phone', value: phone }]),
          ...(email === null ? [] : [{ system: 'email', value: email }]),
        ],
      }
const language = (code: string) => coded('urn:ietf:bcp:47', code)

export const patientInFhir = (row: Rows<'patientFacts'>) => ({
  ...saidIn(row.said),
  resourceType: 'Patient',
  id: row.id,
  ...(row.replaced_by !== null && {
    active: false,
    link: [{ other: patientOf(row.replaced_by), type: 'replaced-by' }],
  }),
  name: [{ text: row.name }],
  birthDate: row.birth_date,
  gender: row.gender,
  communication: [{ language: language(row.language) }],
  ...telecom(row),
})

export const practitionerInFhir = (row: Rows<'practitionerFacts'>) => ({
  ...saidIn(row.said),
  resourceType: 'Practitioner',
  id: row.id,
  name: [{ text: row.name }],
  gender: row.gender,
  communication: row.languages.map(language),
})

/** Who one is as a caregiver, for whomever; for one patient they are a RelatedPerson, by a mandate. */
export const caregiverInFhir = (row: Rows<'caregiverFacts'>) => ({
  resourceType: 'Person',
  id: row.id,
  name: [{ text: row.name }],
  ...telecom(row),
})

export const mandateInFhir = (row: Rows<'mandateFacts'>) => ({
  resourceType: 'RelatedPerson',
  id: row.id,
  active: row.revoked_at === null && row.accepted_at !== null && (row.basis !== 'guardian' || row.verified_at !== null),
  patient: patientOf(row.patient_id),
  relationship: [row.basis === 'guardian' ? coded(`${THO}/v3-RoleCode`, 'GUARD') : { text: 'Caregiver, by a mandate' }],
  name: [{ text: row.caregiver }],
  period: {
    start: row.valid_from.toISOString(),
    ...(row.valid_until !== null && { end: row.valid_until.toISOString() }),
  },
})

type Answer = Rows<'consentFacts'>

/** Of several answers to one question the newest counts. Rows in the order in which they were given. */
export function consentsInFhir(rows: readonly Answer[]) {
  const newest = new Map(rows.map((row) => [`${row.purpose} ${row.category}`, row.id]))
  return rows.map((row) => consentInFhir(row, newest.get(`${row.purpose} ${row.category}`) === row.id))
}

const REASONS: Record<string, string> = { treatment: 'TREAT', research: 'HRESCH', 'public-health': 'PUBHLTH' }
const LABELS: Record<string, string> = {
  'mental-health': 'MH',
  'sexual-health': 'SEX',
  hiv: 'HIV',
  'substance-use': 'SUD',
}

export const consentInFhir = (row: Answer, counts: boolean) => ({
  resourceType: 'Consent',
  id: row.id,
  status: counts ? 'active' : 'inactive',
  scope: coded(`${THO}/consentscope`, row.purpose === 'research' ? 'research' : 'patient-privacy'),
  category: [coded('http://loinc.org', '59284-0')],
  patient: patientOf(row.patient_id),
  dateTime: row.recorded_at.toISOString(),
  policyRule: { text: `The words of version ${row.text_version}, in GET /v1/consent-texts` },
  provision: {
    type: row.decision,
    purpose: [codeOr(`${THO}/v3-ActReason`, REASONS[row.purpose], row.purpose)],
    ...(row.category !== 'general' && {
      securityLabel: [codeOr(`${THO}/v3-ActCode`, LABELS[row.category], row.category)],
    }),
  },
})

/** Where HL7 has no code, the house's word. */
const codeOr = (system: string, code: string | undefined, display: string) =>
  code === undefined ? { display } : { system, code, display }
