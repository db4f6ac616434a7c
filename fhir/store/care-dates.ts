import type { IndexValues } from '../indexing/index-values.ts'

/**
 * The search parameter that says when the care was to which a resource belongs: what `start` and `end` of `$everything` look at, which R4 means by "care
 * dates" (hl7.org/fhir/R4/patient-operation-everything.html). What lasts has none: allergies, conditions, family history, goals, who is in a team.
 */
const CARE_DATES: Readonly<Record<string, string>> = {
  Appointment: 'date',
  CarePlan: 'date',
  Claim: 'created',
  ClinicalImpression: 'date',
  Communication: 'sent',
  Composition: 'date',
  DetectedIssue: 'identified',
  DiagnosticReport: 'date',
  DocumentReference: 'date',
  Encounter: 'date',
  EpisodeOfCare: 'date',
  ExplanationOfBenefit: 'created',
  Flag: 'date',
  ImagingStudy: 'started',
  Immunization: 'date',
  Media: 'created',
  MedicationAdministration: 'effective-time',
  MedicationDispense: 'whenhandedover',
  MedicationRequest: 'authoredon',
  MedicationStatement: 'effective',
  Observation: 'date',
  Procedure: 'date',
  QuestionnaireResponse: 'authored',
  RiskAssessment: 'date',
  ServiceRequest: 'authored',
  Specimen: 'collected',
}

/** `Observation.date`, as the store's index names it. */
export const careDatesOf = (types: readonly string[]): string[] =>
  types.flatMap((type) => (Object.hasOwn(CARE_DATES, type) ? `${type}.${CARE_DATES[type]}` : []))

/** The same of what lasts: when it began, or was noted. */
const NOTED: Readonly<Record<string, readonly string[]>> = {
  AllergyIntolerance: ['date'],
  Condition: ['onset-date', 'recorded-date'],
  FamilyMemberHistory: ['date'],
  Goal: ['start-date'],
}

/** Types of what happened to a patient, or was found, said or decided of them: what a record is read by from its newest. */
export const careTypes: readonly string[] = [...Object.keys(CARE_DATES), ...Object.keys(NOTED)]

/** When that was, RFC 3339 in UTC: where it does not say, when it was written; undefined of other types. */
export function careAt(type: string, { dates }: Pick<IndexValues, 'dates'>, writtenAt: Date): string | undefined {
  if (!careTypes.includes(type)) return undefined
  const wanted = Object.hasOwn(CARE_DATES, type) ? [CARE_DATES[type]] : NOTED[type]
  const [first] = (wanted ?? []).flatMap((code) => dates.filter(({ parameter }) => parameter === code))
  return first && first.from !== '-infinity' ? first.from : writtenAt.toISOString()
}
