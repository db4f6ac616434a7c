/** The types of R4 that are kept here. */
export const ownedTypes = [
  ...['Patient', 'RelatedPerson', 'Practitioner', 'PractitionerRole', 'Organization', 'Location', 'HealthcareService'],
  ...[
    'Schedule',
    'Slot',
    'Appointment',
    'AppointmentResponse',
    'Encounter',
    'EpisodeOfCare',
    'Condition',
    'Observation',
  ],
  ...['AllergyIntolerance', 'MedicationRequest', 'MedicationStatement', 'Medication', 'Immunization', 'Procedure'],
  ...['DiagnosticReport', 'ServiceRequest', 'Specimen', 'DocumentReference', 'Binary', 'QuestionnaireResponse'],
  ...['Questionnaire', 'FamilyMemberHistory', 'CarePlan', 'CareTeam', 'Goal', 'Task', 'Communication', 'Composition'],
  ...['Bundle', 'Consent', 'Provenance', 'AuditEvent', 'RiskAssessment', 'ClinicalImpression', 'DetectedIssue', 'Flag'],
  ...['List', 'Device', 'Coverage', 'ValueSet', 'CodeSystem', 'StructureDefinition', 'SearchParameter'],
  ...['OperationDefinition', 'Subscription', 'Library', 'PlanDefinition', 'Group'],
] as const
