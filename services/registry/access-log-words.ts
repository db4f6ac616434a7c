import type { SeenRow } from './queries/access-log.ts'

// For people, in plain English; whoever translates has the codes beside it. Every kind of which an audit row names a patient has its words here: a
// test reads the source for kinds that have none.

export type Who = 'yourself' | 'practitioner' | 'caregiver' | 'desk' | 'administrator' | 'service' | 'app' | 'somebody'

export const people: Record<Who, string> = {
  yourself: 'You',
  practitioner: 'A practitioner',
  caregiver: 'A caregiver',
  desk: 'Staff of a desk',
  administrator: 'An administrator',
  service: 'The service itself',
  app: 'An app',
  somebody: 'Somebody',
}

const verbs: Record<string, string> = { C: 'added', R: 'read', U: 'changed', D: 'ended', E: 'carried out' }

/** What it is; and whole phrases, by the action, where a verb and that would not say it. */
type Words = { thing: string } & Partial<Record<'C' | 'R' | 'U' | 'D' | 'E', string>>

export const words: Record<string, Words> = {
  Patient: { thing: 'your profile', D: 'erased your profile' },
  Appointment: { thing: 'an appointment' },
  Series: { thing: 'visits that were booked together' },
  WaitlistEntry: { thing: 'what you wait for', C: 'put you on a waiting list', D: 'took you off a waiting list' },
  WaitlistOffer: {
    thing: 'a time that was offered to you',
    C: 'offered you a time that had become free',
    D: 'ended the offer of a time',
  },
  QueueEntry: { thing: 'a number in a waiting room', C: 'gave out a number in a waiting room' },
  CareTask: {
    thing: 'what is to be done by a plan of your treatment',
    R: 'read what is to be done by your plans',
    U: 'said what was done by a plan of your treatment',
  },
  Mandate: { thing: 'a mandate' },
  Consent: { thing: 'what you permit and refuse' },
  Treatment: { thing: 'a treatment relationship' },
  BreakGlass: {
    thing: 'your record in an emergency',
    R: 'read why your record was opened in an emergency',
    U: 'looked into why your record was opened in an emergency',
    E: 'opened your record in an emergency',
  },
  AccessLog: { thing: 'this log' },
  Identifier: { thing: 'a number of yours', D: 'removed a number of yours' },
  ClaimCode: { thing: 'a slip', C: 'printed a slip by which your record is taken over' },
  Merge: {
    thing: 'how two records became one',
    C: 'joined two records, as both are yours',
    U: 'parted two records that had been joined',
  },
  Duplicate: { thing: 'a note', U: 'said that another record is not yours' },
  Erasure: {
    thing: 'a request to erase what is known of you',
    C: 'asked for what is known of you to be erased',
    D: 'called off that what is known of you is erased',
    E: 'began to erase what is known of you',
  },
  Export: {
    thing: 'a copy of everything known of you',
    C: 'asked for a copy of everything known of you',
    R: 'fetched a copy of everything known of you',
    E: 'made a copy of everything known of you',
  },
  BulkExport: { thing: 'a copy of your record', R: 'was given a copy of your record' },
  Grant: { thing: 'the access of an app', C: 'let an app have access' },
  Message: { thing: 'what was written to you', E: 'wrote to you' },
  HealthCard: { thing: 'a health card of yours', C: 'made a health card of yours' },
  HealthLink: {
    thing: 'a link by which your record is shared',
    C: 'shared your record by a link',
    R: 'opened a link by which your record is shared',
    U: 'renewed what a link of yours shares',
    D: 'revoked a link by which your record was shared',
  },
  Launch: { thing: 'an app', C: 'opened an app with your record' },
  // Of your record, as FHIR calls it.
  AllergyIntolerance: { thing: 'an allergy in your record' },
  Binary: { thing: 'a file in your record' },
  Bundle: { thing: 'a collection of what is in your record' },
  CarePlan: { thing: 'a plan of your treatment' },
  CareTeam: { thing: 'who takes part in your treatment' },
  Claim: { thing: 'a bill for your treatment' },
  ClinicalImpression: { thing: 'what was thought of your condition' },
  Communication: { thing: 'what was said about your treatment' },
  Composition: { thing: 'a report about you' },
  Condition: { thing: 'a condition in your record' },
  Coverage: { thing: 'who pays for your treatment' },
  DetectedIssue: { thing: 'a danger in your treatment' },
  Device: { thing: 'a device that you use' },
  DiagnosticReport: { thing: 'a report of what was examined' },
  DocumentReference: { thing: 'a document in your record' },
  Encounter: { thing: 'a meeting with a practitioner' },
  Draft: { thing: 'a note about you that is not signed yet' },
  RecordImport: { thing: 'a record of yours that came from elsewhere' },
  EpisodeOfCare: { thing: 'a time of treatment' },
  ExplanationOfBenefit: { thing: 'what was paid for your treatment' },
  FamilyMemberHistory: { thing: 'what is known of illnesses in your family' },
  Flag: { thing: 'a warning in your record' },
  Goal: { thing: 'an aim of your treatment' },
  Group: { thing: 'a group that you are in' },
  ImagingStudy: { thing: 'pictures of your body' },
  Immunization: { thing: 'a vaccination' },
  List: { thing: 'a list in your record' },
  Media: { thing: 'a picture or recording of you' },
  MedicationAdministration: { thing: 'a medicine that you were given' },
  MedicationDispense: { thing: 'a medicine that was handed out to you' },
  MedicationRequest: { thing: 'a prescription' },
  MedicationStatement: { thing: 'a medicine that you take' },
  Observation: { thing: 'something that was measured or seen' },
  Procedure: { thing: 'something that was done to treat you' },
  RelatedPerson: { thing: 'who acts for you' },
  Provenance: { thing: 'where something in your record comes from' },
  QuestionnaireResponse: { thing: 'answers to questions' },
  RiskAssessment: { thing: 'a look at your risks' },
  ServiceRequest: { thing: 'what was ordered for you' },
  Specimen: { thing: 'a sample' },
  SupplyDelivery: { thing: 'something that was delivered for you' },
  Task: { thing: 'something to be done for you' },
}

const relationships: Record<string, string> = {
  treatment: ', who treats you,',
  practitioner: ', who treats you,',
  mandate: ', whom a mandate lets act for you,',
}
const reasons: Record<string, string> = {
  told: ' in a message',
  'by link': ' by a link in a message',
  'pat by link': ' by a link in a message',
  'waitlist by link': ' by a link in a message',
  slip: ' from a slip of paper',
  claimed: ' with a slip from a desk',
  calendar: ' in a calendar program',
  duplicates: ' to see whether two records are one person’s',
  'emergency look-up': ' in an emergency look-up',
}

export function inWords(row: SeenRow, who: Who, name: string | undefined, what: string, refused: boolean): string {
  const as = who === 'yourself' ? '' : (relationships[row.relationship ?? ''] ?? '')
  const by = who === 'desk' && name !== undefined ? `Staff of ${name}` : (name ?? people[who])
  const { thing, ...phrases } = words[what] ?? { thing: 'something about you' }
  const verb = verbs[row.action] ?? 'touched'
  const did = phrases[row.action as keyof typeof phrases] ?? `${verb} ${thing}`
  return `${by}${as} ${refused ? `tried to see ${thing} and was not let in` : did}${reasons[row.reason ?? ''] ?? ''}.`
}
