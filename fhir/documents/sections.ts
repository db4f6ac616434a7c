import type { Kind } from '../store/gather.ts'

// The sections of the International Patient Summary (hl7.org/fhir/uv/ips/STU1.1/StructureDefinition-Composition-uv-ips.html), and what of a record goes into each.

export const sections = {
  problems: { code: '11450-4', display: 'Problem list - Reported' },
  allergies: { code: '48765-2', display: 'Allergies and adverse reactions Document' },
  medicines: { code: '10160-0', display: 'History of Medication use Narrative' },
  immunizations: { code: '11369-6', display: 'History of Immunization Narrative' },
  results: { code: '30954-2', display: 'Relevant diagnostic tests/laboratory data Narrative' },
  procedures: { code: '47519-4', display: 'History of Procedures Document' },
  devices: { code: '46264-8', display: 'History of medical device use' },
  vitalSigns: { code: '8716-3', display: 'Vital signs' },
  pastIllness: { code: '11348-0', display: 'History of Past illness Narrative' },
  planOfCare: { code: '18776-5', display: 'Plan of care note' },
  socialHistory: { code: '29762-2', display: 'Social history Narrative' },
  pregnancy: { code: '10162-6', display: 'History of pregnancies Narrative' },
} as const
export type Section = keyof typeof sections

/** These are there even where nothing is known. */
export const required = ['problems', 'allergies', 'medicines'] as const satisfies readonly Section[]
export type Required = (typeof required)[number]

const LOINC = 'http://loinc.org'
const each = (parameter: string, ...codes: string[]) => codes.map((code) => `${parameter}=${code}`)
const loinc = (...codes: string[]) => each('Observation.code', ...codes.map((code) => `${LOINC}|${code}`))

/** hl7.org/fhir/R4/observation-vitalsigns.html: what is one, whether or not it says so. */
const VITAL_SIGNS = loinc(
  ...['85353-1', '9279-1', '8867-4', '2708-6', '59408-5', '8310-5', '8302-2', '9843-4', '29463-7', '39156-5'],
  ...['85354-9', '8480-6', '8462-4', '8478-0'],
)
/** hl7.org/fhir/uv/ips/STU1.1: status of a pregnancy, the day of birth that is expected, and how earlier ones ended. */
const PREGNANCY = loinc(
  ...['82810-3', '11778-8', '11779-6', '11780-4', '11636-8', '11637-6', '11638-4', '11639-2', '11640-0'],
  ...['11612-9', '11613-7', '11614-5', '33065-4'],
)
const TOBACCO_AND_ALCOHOL = loinc('72166-2', '74013-4')

const WRONG = ['entered-in-error', 'refuted']
const OVER = ['inactive', 'remission', 'resolved']
const NOT_SAID = ['registered', 'cancelled', 'entered-in-error', 'unknown']
const category = (...codes: string[]) => each('Observation.category', ...codes)

const observed = (section: Section, most: number, more: Partial<Kind>): Kind => ({
  ...{ section, type: 'Observation', most, isNewestOfCode: true },
  ...more,
})

/** A List that says of a section that there is nothing: `nilknown` (hl7.org/fhir/R4/list.html). */
export const NOTHING = 'nothing'
/** Of no section. */
const LEFT_OUT = 'left-out'

/** In the order in which they are looked for: a row is of the first that has it. */
export const kinds: readonly Kind[] = [
  {
    ...{ section: 'problems', type: 'Condition', most: 200 },
    without: [...each('Condition.verification-status', ...WRONG), ...each('Condition.clinical-status', ...OVER)],
  },
  {
    ...{ section: 'pastIllness', type: 'Condition', most: 50, isNewestOfCode: true },
    within: each('Condition.clinical-status', ...OVER),
    without: each('Condition.verification-status', ...WRONG),
  },
  {
    ...{ section: 'allergies', type: 'AllergyIntolerance', most: 200 },
    without: [
      ...each('AllergyIntolerance.verification-status', ...WRONG),
      ...each('AllergyIntolerance.clinical-status', 'inactive', 'resolved'),
    ],
  },
  {
    ...{ section: 'medicines', type: 'MedicationRequest', most: 200 },
    within: each('MedicationRequest.status', 'active', 'on-hold', 'unknown'),
    without: each('MedicationRequest.intent', 'proposal', 'option'),
  },
  {
    ...{ section: 'medicines', type: 'MedicationStatement', most: 200 },
    within: each('MedicationStatement.status', 'active', 'intended', 'on-hold', 'unknown'),
  },
  {
    ...{ section: 'immunizations', type: 'Immunization', most: 100 },
    within: each('Immunization.status', 'completed'),
  },
  {
    ...{ section: 'procedures', type: 'Procedure', most: 50, isNewestOfCode: true },
    within: each('Procedure.status', 'completed', 'in-progress'),
  },
  {
    ...{ section: 'devices', type: 'Device', most: 50 },
    without: each('Device.status', 'inactive', 'entered-in-error'),
  },
  { section: LEFT_OUT, type: 'Observation', most: 0, within: each('Observation.status', ...NOT_SAID) },
  observed('vitalSigns', 30, { within: [...category('vital-signs'), ...VITAL_SIGNS] }),
  observed('pregnancy', 20, { within: PREGNANCY }),
  observed('socialHistory', 20, { within: [...category('social-history'), ...TOBACCO_AND_ALCOHOL] }),
  observed('results', 100, { without: category('survey', 'exam', 'therapy', 'activity', 'procedure') }),
  {
    ...{ section: 'results', type: 'DiagnosticReport', most: 20, isNewestOfCode: true },
    without: each('DiagnosticReport.status', ...NOT_SAID),
  },
  { section: 'planOfCare', type: 'CarePlan', most: 20, within: each('CarePlan.status', 'active') },
  {
    ...{ section: NOTHING, type: 'List', most: 20 },
    within: each('List.empty-reason', 'nilknown'),
    without: each('List.status', 'retired', 'entered-in-error'),
  },
]

/** What must be readable for a summary that leaves none of its required sections out. */
export const requiredTypes: readonly string[] = [
  ...['Patient', 'Condition', 'AllergyIntolerance', 'MedicationRequest', 'MedicationStatement'],
]
/** Who cared, and with what: in the document beside what names them. */
export const supportingTypes: readonly string[] = ['Medication', 'Practitioner', 'PractitionerRole', 'Organization']
/** All that a summary is made of. */
export const summaryTypes: readonly string[] = [
  ...new Set([...requiredTypes, ...kinds.map(({ type }) => type), ...supportingTypes]),
]
