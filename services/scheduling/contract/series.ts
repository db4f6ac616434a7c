import { Type } from 'typebox'
import { Closed, Id, IdParams, Instant, operation, Prose, Zone } from '#platform/operation.ts'
import { Appointment, ByStaff, CancelReason } from './appointments.ts'
import { Mode } from './schedules.ts'

/** As many as one request books: daily visits as far ahead as hours are known. */
export const MAX_VISITS = 100

const Rule = Type.String({
  minLength: 1,
  maxLength: 300,
  pattern: '^[A-Za-z0-9:;=,+-]+$',
  examples: ['FREQ=WEEKLY;COUNT=10'],
  description: `RFC 5545 RRULE with COUNT or UNTIL, of days (FREQ=DAILY or longer); the time is that of \`start\`. ${MAX_VISITS} visits at most`,
})
const Take = Type.Optional(
  Type.Enum(['all', 'possible'], {
    default: 'all',
    examples: ['possible'],
    description:
      'all: one that cannot be had leaves everything as it was, and the 409 says which; possible: whatever can be',
  }),
)
const MemberNumber = Type.Integer({
  minimum: 1,
  maximum: MAX_VISITS,
  examples: [3],
  description: 'Stays with the visit',
})

const Outcome = Closed(
  {
    number: MemberNumber,
    start: Instant,
    done: Type.Boolean({ examples: [true] }),
    appointment: Type.Optional(Id),
    code: Type.Optional(Type.String({ examples: ['conflict'], description: 'Why not' })),
    detail: Type.Optional(Type.String({ examples: ['This time has just been taken.'] })),
    alternatives: Type.Optional(
      Type.Array(Closed({ start: Instant, end: Instant }), { maxItems: 5, description: 'Near the time wanted' }),
    ),
  },
  { title: 'SeriesOutcome' },
)
const Result = Closed({ series: Id, items: Type.Array(Outcome) }, { title: 'SeriesResult' })

export const bookSeries = operation({
  id: 'bookSeries',
  method: 'POST',
  url: '/v1/series',
  summary: 'Book visits by a rule',
  description:
    'The rule is meant on a clock at the place: nine o’clock stays nine o’clock when the clocks change. The first visit is one that the rule means.',
  access: 'Appointment.c',
  patient: '/body/patient',
  body: Closed(
    {
      practitioner: Id,
      patient: Id,
      start: Instant,
      rule: Rule,
      zone: Type.Optional(
        Type.String({
          ...Zone,
          description: 'Default: that of the hours at the start, else of the practitioner’s first',
        }),
      ),
      mode: Type.Optional(Mode),
      service: Type.Optional(Id),
      channel: ByStaff,
      reason: Type.Optional(Prose(500, 'Physiotherapy after a fracture')),
      take: Take,
    },
    { title: 'NewSeries' },
  ),
  problems: ['not-found', 'conflict', 'business-rule'],
  status: 201,
  response: Result,
})

export const readSeries = operation({
  id: 'readSeries',
  method: 'GET',
  url: '/v1/series/:id',
  summary: 'Read a series: its rule and the visits in it that one may see',
  access: 'Appointment.r',
  patient: 'condition',
  params: IdParams,
  response: Closed({ id: Id, rule: Type.String(), zone: Zone, items: Type.Array(Appointment) }, { title: 'Series' }),
})

export const cancelFollowing = operation({
  id: 'cancelFollowing',
  method: 'POST',
  url: '/v1/appointments/:id/cancel-following',
  summary: 'Cancel a visit of a series and those after it',
  description:
    'From the first visit: the whole series. Whatever may still be cancelled is; the others say why not. What is over, or cancelled already, stays as it is.',
  access: 'Appointment.u',
  patient: 'condition',
  params: IdParams,
  body: Closed(
    { reason: CancelReason, note: Type.Optional(Prose(500, 'Travelling')) },
    { title: 'CancellationFromHereOn' },
  ),
  problems: ['business-rule'],
  ifMatch: true,
  response: Result,
})

export const rescheduleFollowing = operation({
  id: 'rescheduleFollowing',
  method: 'POST',
  url: '/v1/appointments/:id/reschedule-following',
  summary: 'Move a visit of a series and those after it',
  description:
    'Each goes as many days and minutes on its clock as this one does: from Monday at nine to Tuesday at ten, all of them.',
  access: 'Appointment.u',
  patient: 'condition',
  params: IdParams,
  body: Closed(
    { start: Instant, mode: Type.Optional(Mode), reason: Type.Optional(CancelReason), take: Take },
    { title: 'RescheduleFromHereOn' },
  ),
  problems: ['conflict', 'business-rule'],
  ifMatch: true,
  response: Result,
})
