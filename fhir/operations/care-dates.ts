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
