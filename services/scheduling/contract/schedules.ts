import { Type } from 'typebox'
import {
  CalendarDate,
  Closed,
  Id,
  IdParams,
  Line,
  operation,
  Page,
  PageQuery,
  Version,
  Zone,
} from '#platform/operation.ts'

export const Mode = Type.Enum(['in-person', 'video', 'phone'], { examples: ['in-person'] })
export const Speciality = Type.String({
  pattern: '^[a-z][a-z0-9-]{1,63}$',
  examples: ['cardiology'],
  description: 'Code; see GET /v1/specialities',
})
const WallTime = (example: string) =>
  Type.String({
    pattern: '^([01]\\d|2[0-3]):[0-5][05]$',
    examples: [example],
    description: 'On the clock of the schedule’s zone, in steps of five minutes',
  })

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export const WeeklyHours = Closed(
  {
    day: Type.Optional(Type.Enum([...weekdays], { examples: ['mon'] })),
    rule: Type.Optional(
      Type.String({
        pattern: '^(?=.*FREQ=)[A-Z0-9=,:;+-]{6,300}$',
        examples: ['FREQ=MONTHLY;BYDAY=1MO'],
        description: 'Instead of `day`: a recurrence rule of days (RFC 5545 §3.3.10) that begins on `validFrom`',
      }),
    ),
    from: WallTime('09:00'),
    until: Type.String({
      pattern: '^(([01]\\d|2[0-3]):[0-5][05]|24:00)$',
      examples: ['12:30'],
      description: 'Exclusive; 24:00 is the end of the day',
    }),
  },
  { title: 'WeeklyHours' },
)

export const Channel = Type.Enum(['desk', 'phone', 'web'], {
  examples: ['desk'],
  description: 'Staff at the desk, staff for somebody who calls, or the patient and who cares for them',
})
export const Reserved = Type.Array(
  Closed(
    {
      channel: Channel,
      release: Type.Array(
        Closed({
          hours: Type.Number({ minimum: 0, maximum: 2_160, examples: [48], description: 'Before the start' }),
          percent: Type.Number({ minimum: 0, maximum: 100, examples: [30] }),
        }),
        {
          minItems: 1,
          maxItems: 10,
          description:
            'Points of a falling curve, the earliest first; between two of them the share falls evenly, before the first and after the last it stays',
        },
      ),
    },
    { title: 'ReservedShare' },
  ),
  {
    maxItems: 3,
    description:
      'Shares of each session (the hours of one day), in percent of its minutes, that are kept for bookings by a channel. Default: none',
  },
)

const scheduleFacts = {
  place: Type.Optional(Id),
  room: Type.Optional(Line(60, 'Room 4')),
  devices: Type.Optional(
    Type.Array(Line(60, 'Ultrasound 2'), {
      maxItems: 5,
      uniqueItems: true,
      description:
        'Of the place; taken with each visit, as the room is, so that hours that share them never overlap in a visit',
    }),
  ),
  modes: Type.Array(Mode, { minItems: 1, maxItems: 3, uniqueItems: true }),
  specialities: Type.Optional(
    Type.Array(Speciality, {
      minItems: 1,
      maxItems: 10,
      uniqueItems: true,
      description: 'Default: all of the practitioner’s',
    }),
  ),
  zone: Type.Optional(Zone),
  minutes: Type.Integer({ minimum: 5, maximum: 480, multipleOf: 5, examples: [30], description: 'Length of a visit' }),
  services: Type.Optional(
    Type.Array(Id, {
      maxItems: 20,
      uniqueItems: true,
      description: 'What is offered in these hours, each with its own length; default: visits of `minutes`',
    }),
  ),
  newPatients: Type.Optional(
    Type.Boolean({
      default: true,
      examples: [true],
      description: 'false: only for patients whom the practitioner has seen, or is to see',
    }),
  ),
  onHolidays: Type.Optional(
    Type.Boolean({ default: false, examples: [false], description: 'true: also on the holidays of the place' }),
  ),
  reserved: Type.Optional(Reserved),
  hours: Type.Array(WeeklyHours, { minItems: 0, maxItems: 50 }),
  validFrom: CalendarDate,
  validUntil: Type.Optional(CalendarDate),
}

export const Schedule = Closed(
  {
    id: Id,
    practitioner: Id,
    ...scheduleFacts,
    specialities: Type.Array(Speciality),
    zone: Zone,
    version: Version,
    affected: Type.Optional(
      Type.Array(Id, {
        description: 'Booked appointments that lie outside the hours after this change; they stay booked',
      }),
    ),
  },
  { title: 'Schedule' },
)
export const ScheduleChange = Closed(scheduleFacts, { title: 'ScheduleChange' })
/** Left out: the practitioner who asks. */
export const whose = Type.Optional(
  Type.String({
    ...Id,
    description:
      'At a desk: a practitioner without an account, whom one’s organisation has registered. Default: oneself',
  }),
)
export const NewSchedule = Closed({ practitioner: whose, ...scheduleFacts }, { title: 'NewSchedule' })
export const AcceptAffected = Closed({
  acceptAffected: Type.Optional(
    Type.Boolean({
      default: false,
      examples: [false],
      description: 'Change the hours although booked appointments then lie outside them',
    }),
  ),
})

export const createSchedule = operation({
  id: 'createSchedule',
  method: 'POST',
  url: '/v1/schedules',
  summary: 'Place hours',
  description:
    'Hours are wall-clock times in the zone of the place (or the one given). No two schedules of a practitioner may overlap. A desk places them for a practitioner without an account, once a licence is verified, at places of its own organisation.',
  access: 'Schedule.c',
  body: NewSchedule,
  problems: ['not-found'],
  status: 201,
  response: Schedule,
})
export const readSchedule = operation({
  id: 'readSchedule',
  method: 'GET',
  url: '/v1/schedules/:id',
  summary: 'Read a schedule',
  access: 'Schedule.r',
  params: IdParams,
  response: Schedule,
})
export const listSchedules = operation({
  id: 'listSchedules',
  method: 'GET',
  url: '/v1/schedules',
  summary: 'List one’s own schedules, or those of a practitioner whose hours one places at a desk',
  access: 'Schedule.s',
  query: Closed({ practitioner: whose, ...PageQuery }),
  response: Page(Schedule),
  problems: ['not-found'],
})
export const updateSchedule = operation({
  id: 'updateSchedule',
  method: 'PUT',
  url: '/v1/schedules/:id',
  summary: 'Change hours',
  description:
    'If booked appointments would lie outside the new hours, answers 409 with their ids in `affected`; repeat with acceptAffected=true. Nothing is cancelled silently.',
  access: 'Schedule.u',
  params: IdParams,
  query: AcceptAffected,
  body: ScheduleChange,
  ifMatch: true,
  response: Schedule,
  problems: ['conflict', 'business-rule'],
})
export const deleteSchedule = operation({
  id: 'deleteSchedule',
  method: 'DELETE',
  url: '/v1/schedules/:id',
  summary: 'Withdraw a schedule',
  access: 'Schedule.d',
  params: IdParams,
  query: AcceptAffected,
  ifMatch: true,
  problems: ['conflict'],
})

const exceptionFacts = {
  kind: Type.Enum(['add', 'withdraw'], { examples: ['withdraw'] }),
  date: CalendarDate,
  from: Type.Optional(WallTime('14:00')),
  until: Type.Optional(WallTime('17:00')),
  reason: Type.Optional(Line(300, 'Public holiday')),
}
export const ScheduleException = Closed({ id: Id, ...exceptionFacts }, { title: 'ScheduleException' })
const ExceptionResult = Closed({ id: Id, schedule: Schedule }, { title: 'ScheduleExceptionResult' })

export const createException = operation({
  id: 'createException',
  method: 'POST',
  url: '/v1/schedules/:id/exceptions',
  summary: 'Add or withdraw hours on one day',
  description: 'Withdraw without times: the whole day. Affected appointments as in updateSchedule.',
  access: 'Schedule.u',
  params: IdParams,
  query: AcceptAffected,
  body: Closed(exceptionFacts, { title: 'NewScheduleException' }),
  status: 201,
  response: ExceptionResult,
})
export const listExceptions = operation({
  id: 'listExceptions',
  method: 'GET',
  url: '/v1/schedules/:id/exceptions',
  summary: 'List exceptions, by date',
  access: 'Schedule.r',
  params: IdParams,
  query: Closed(PageQuery),
  response: Page(ScheduleException),
})
export const deleteException = operation({
  id: 'deleteException',
  method: 'DELETE',
  url: '/v1/schedules/:id/exceptions/:exception',
  summary: 'Take an exception back',
  access: 'Schedule.u',
  params: Closed({ id: Id, exception: Id }),
  query: AcceptAffected,
  problems: ['conflict'],
})
