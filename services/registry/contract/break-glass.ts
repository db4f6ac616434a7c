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

// A record that is opened in an emergency, and what is looked into afterwards.

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
