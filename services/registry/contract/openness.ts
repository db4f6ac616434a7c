import { Type } from 'typebox'
import {
  CalendarDate,
  Closed,
  Gender,
  Id,
  IdParams,
  Instant,
  Line,
  operation,
  Page,
  PageQuery,
  Prose,
  Version,
} from '#platform/operation.ts'

// What keeps a record in the hands of the person it is about: consent, emergencies that are looked into, and a log of who saw it.

// Consent

const Purpose = Type.Enum(['treatment', 'messages', 'research', 'public-health'], { examples: ['treatment'] })
const Category = Type.Enum(['general', 'mental-health', 'sexual-health', 'hiv', 'substance-use'], {
  examples: ['mental-health'],
})
const Decision = Type.Enum(['permit', 'deny'], { examples: ['deny'] })
const TextVersion = Line(20, '2026-11')

export const Consent = Closed(
  {
    purpose: Purpose,
    category: Category,
    decision: Decision,
    textVersion: TextVersion,
    recordedAt: Type.Optional(Instant),
  },
  { title: 'Consent' },
)
export const listConsentTexts = operation({
  id: 'listConsentTexts',
  method: 'GET',
  url: '/v1/consent-texts',
  summary: 'What people are asked to permit or refuse, in its present words',
  access: 'public',
  response: Closed({
    items: Type.Array(
      Closed(
        {
          purpose: Purpose,
          category: Category,
          version: TextVersion,
          text: Prose(1_000, 'Those who treat me…'),
          default: Decision,
        },
        { title: 'ConsentText' },
      ),
    ),
  }),
})
export const listConsents = operation({
  id: 'listConsents',
  method: 'GET',
  url: '/v1/patients/:id/consents',
  summary: 'What a patient permits and refuses now',
  description:
    'By the patient or a guardian. Where nothing was answered, the default of the text holds, without recordedAt.',
  access: 'signed-in',
  params: IdParams,
  response: Closed({ items: Type.Array(Consent) }),
})
export const recordConsent = operation({
  id: 'recordConsent',
  method: 'POST',
  url: '/v1/patients/:id/consents',
  summary: 'Permit or refuse',
  description:
    'By the patient or a guardian, on the text in its present version. A refusal holds from the next request on.',
  access: 'signed-in',
  params: IdParams,
  body: Closed(
    { purpose: Purpose, category: Category, decision: Decision, textVersion: TextVersion },
    { title: 'NewConsent' },
  ),
  status: 201,
  response: Consent,
})

// Emergencies

const Reason = Type.String({
  minLength: 10,
  maxLength: 500,
  pattern:
    '^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f]*[^\\s\\u0000-\\u001f\\u007f][^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f]*$',
  examples: ['Unconscious after an accident; allergies must be known'],
})
export const BreakGlass = Closed(
  {
    id: Id,
    patient: Id,
    practitioner: Id,
    practitionerName: Line(300, 'Dr Amina Okello'),
    reason: Reason,
    openedAt: Instant,
    openUntil: Instant,
    verdict: Type.Optional(Type.Enum(['justified', 'unjustified'], { examples: ['justified'] })),
    note: Type.Optional(Prose(1_000, 'The ward confirms the accident.')),
    reviewedAt: Type.Optional(Instant),
    version: Version,
  },
  { title: 'BreakGlass' },
)
export const findInEmergency = operation({
  id: 'findInEmergency',
  method: 'POST',
  url: '/v1/emergency-look-ups',
  summary: 'Find a patient by exact name and birth date',
  description:
    'For practitioners with a verified licence. Shows who there is and no more; each one that is shown is recorded in their access log.',
  access: 'BreakGlass.c',
  idempotent: false,
  perMinute: 20,
  body: Closed(
    { name: Line(300, 'Saba Tesfaye'), birthDate: CalendarDate },
    { title: 'EmergencyLookUp', examples: [{ name: 'Saba Tesfaye', birthDate: '1987-06-05' }] },
  ),
  response: Closed({
    items: Type.Array(
      Closed(
        { id: Id, name: Line(300, 'Saba Tesfaye'), birthDate: CalendarDate, gender: Gender },
        { title: 'FoundInEmergency' },
      ),
    ),
  }),
})
export const breakGlass = operation({
  id: 'breakGlass',
  method: 'POST',
  url: '/v1/break-glass',
  summary: 'Open a record in an emergency',
  description:
    'For practitioners with a verified licence. Opens all of the record for four hours, whatever the patient refuses. The patient is told at once, and an administrator looks into it.',
  access: 'BreakGlass.c',
  perMinute: 20,
  body: Closed({ patient: Id, reason: Reason }, { title: 'NewBreakGlass' }),
  status: 201,
  response: BreakGlass,
  problems: ['not-found'],
})
export const listBreakGlass = operation({
  id: 'listBreakGlass',
  method: 'GET',
  url: '/v1/break-glass',
  summary: 'List records that were opened in an emergency, oldest first',
  access: 'BreakGlass.s',
  query: Closed({
    reviewed: Type.Optional(
      Type.Boolean({ description: 'false: those that still wait for somebody to look into them' }),
    ),
    ...PageQuery,
  }),
  response: Page(BreakGlass),
})
export const reviewBreakGlass = operation({
  id: 'reviewBreakGlass',
  method: 'POST',
  url: '/v1/break-glass/:id/review',
  summary: 'Say whether opening a record was justified',
  description:
    'Nobody reviews what they did themselves. Where it was not, what is still open is closed. Cannot be taken back.',
  access: 'BreakGlass.u',
  params: IdParams,
  body: Closed(
    {
      verdict: Type.Enum(['justified', 'unjustified'], { examples: ['justified'] }),
      note: Type.Optional(Prose(1_000, 'The ward confirms the accident.')),
    },
    { title: 'BreakGlassReview' },
  ),
  ifMatch: true,
  response: BreakGlass,
  problems: ['business-rule'],
})

// Who saw my record

const Seen = Closed(
  {
    at: Instant,
    action: Type.Enum(['C', 'R', 'U', 'D', 'E'], {
      examples: ['R'],
      description: 'FHIR’s AuditEvent.action: create, read, update, delete, execute',
    }),
    what: Type.String({ examples: ['Appointment'], description: 'The kind of what was touched' }),
    who: Type.Enum(['yourself', 'practitioner', 'caregiver', 'administrator', 'service', 'somebody'], {
      examples: ['practitioner'],
    }),
    name: Type.Optional(Line(300, 'Dr Amina Okello')),
    relationship: Type.Optional(Type.String({ examples: ['treatment'] })),
    refused: Type.Boolean({ examples: [false], description: 'Whether somebody tried and was not let in' }),
    text: Type.String({ examples: ['Dr Amina Okello, who treats you, read your profile.'] }),
  },
  { title: 'AccessLogEntry' },
)
export const readAccessLog = operation({
  id: 'readAccessLog',
  method: 'GET',
  url: '/v1/patients/:id/access-log',
  summary: 'Who saw or changed a patient’s data, newest first',
  description:
    'By the patient, and by a caregiver with the power `see-record`. Each look at it is in it as well, from the next one on.',
  access: 'signed-in',
  params: IdParams,
  query: Closed(PageQuery),
  response: Page(Seen),
})
