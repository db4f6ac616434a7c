import { Type } from 'typebox'
import {
  CalendarDate,
  Closed,
  event,
  Gender,
  Id,
  IdParams,
  Instant,
  Language,
  Line,
  operation,
  Page,
  PageQuery,
  Prose,
  Version,
  Zone,
} from '#platform/operation.ts'

// Schedules

export const Mode = Type.Enum(['in-person', 'video', 'phone'], { examples: ['in-person'] })
const Speciality = Type.String({
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
    day: Type.Enum([...weekdays], { examples: ['mon'] }),
    from: WallTime('09:00'),
    until: Type.String({
      pattern: '^(([01]\\d|2[0-3]):[0-5][05]|24:00)$',
      examples: ['12:30'],
      description: 'Exclusive; 24:00 is the end of the day',
    }),
  },
  { title: 'WeeklyHours' },
)

const scheduleFacts = {
  place: Type.Optional(Id),
  room: Type.Optional(Line(60, 'Room 4')),
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
export const NewSchedule = Closed(scheduleFacts, { title: 'NewSchedule' })
const AcceptAffected = Closed({
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
  summary: 'Place weekly hours',
  description:
    'Hours are wall-clock times in the zone of the place (or the one given). No two schedules of a practitioner may overlap.',
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
  summary: 'List one’s own schedules',
  access: 'Schedule.s',
  query: Closed(PageQuery),
  response: Page(Schedule),
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
  body: NewSchedule,
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
  reason: Type.Optional(Line(200, 'Public holiday')),
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

// Finding

const Slot = Closed({ start: Instant, end: Instant }, { title: 'Slot' })
const FoundPractitioner = Closed(
  {
    id: Id,
    name: Line(200, 'Dr Amina Okello'),
    gender: Gender,
    languages: Type.Array(Language),
    specialities: Type.Array(Speciality),
    modes: Type.Array(Mode, { description: 'Of the hours that the next slot is in' }),
    place: Type.Optional(
      Closed({
        id: Id,
        name: Line(200, 'Harbour Clinic'),
        zone: Zone,
        distanceKm: Type.Optional(Type.Number({ examples: [3.2] })),
      }),
    ),
    next: Slot,
  },
  { title: 'FoundPractitioner' },
)

export const findPractitioners = operation({
  id: 'findPractitioners',
  method: 'GET',
  url: '/v1/practitioners/find',
  summary: 'Find practitioners with their next free slot',
  description:
    'Only practitioners with a verified licence that is valid at the slot. Ordered by next free slot. Any mix of criteria.',
  access: 'Practitioner.s',
  query: Closed({
    speciality: Type.Optional(Speciality),
    place: Type.Optional(Id),
    near: Type.Optional(
      Type.String({
        pattern: '^-?\\d{1,2}(\\.\\d{1,8})?,-?\\d{1,3}(\\.\\d{1,8})?$',
        maxLength: 30,
        examples: ['0.35,6.73'],
        description: 'latitude,longitude',
      }),
    ),
    within: Type.Optional(
      Type.Number({ minimum: 0.1, maximum: 500, examples: [25], description: 'Kilometres around `near`; default 25' }),
    ),
    mode: Type.Optional(Mode),
    language: Type.Optional(Type.Array(Language, { maxItems: 5, examples: [['am']], description: 'All of these' })),
    gender: Type.Optional(Gender),
    from: Type.Optional(Instant),
    until: Type.Optional(Instant),
    ...PageQuery,
  }),
  response: Page(FoundPractitioner),
})

export const listSlots = operation({
  id: 'listSlots',
  method: 'GET',
  url: '/v1/practitioners/:id/slots',
  summary: 'Free slots of one practitioner',
  description: 'At most 31 days at a time.',
  access: 'Practitioner.s',
  params: IdParams,
  query: Closed({
    from: Type.Optional(Instant),
    until: Type.Optional(Instant),
    mode: Type.Optional(Mode),
    ...PageQuery,
  }),
  response: Page(
    Closed(
      { start: Instant, end: Instant, zone: Zone, modes: Type.Array(Mode), place: Type.Optional(Id), schedule: Id },
      { title: 'FreeSlot' },
    ),
  ),
})

// Appointments

/** A part of FHIR's appointment-cancellation-reason value set (terminology.hl7.org/CodeSystem/appointment-cancellation-reason). */
export const CancelReason = Type.Enum(
  ['pat', 'pat-crs', 'pat-cpp', 'pat-dec', 'pat-mt', 'pat-wp', 'prov', 'prov-pers', 'prov-hosp', 'maint', 'other'],
  { examples: ['pat-cpp'] },
)

export const Appointment = Closed(
  {
    id: Id,
    status: Type.Enum(['booked', 'cancelled', 'arrived', 'fulfilled', 'noshow', 'entered-in-error'], {
      examples: ['booked'],
    }),
    practitioner: Id,
    patient: Id,
    place: Type.Optional(Id),
    mode: Mode,
    start: Instant,
    end: Instant,
    zone: Zone,
    reason: Type.Optional(Prose(500, 'Cough for a week')),
    cancelReason: Type.Optional(CancelReason),
    cancelNote: Type.Optional(Prose(500, 'Travelling')),
    sequence: Type.Integer({
      minimum: 0,
      examples: [0],
      description: 'Rises when the time changes; also of the calendar invitation',
    }),
    version: Version,
  },
  { title: 'Appointment' },
)

const wanted = { practitioner: Id, patient: Id, start: Instant, mode: Type.Optional(Mode) }

export const Hold = Closed(
  { id: Id, practitioner: Id, patient: Id, mode: Mode, start: Instant, end: Instant, expiresAt: Instant },
  { title: 'Hold' },
)

export const createHold = operation({
  id: 'createHold',
  method: 'POST',
  url: '/v1/holds',
  summary: 'Hold a slot for five minutes',
  description: 'Nobody else can take it meanwhile; it frees itself.',
  access: 'Appointment.c',
  body: Closed(wanted, { title: 'NewHold' }),
  problems: ['not-found'],
  status: 201,
  response: Hold,
})
export const deleteHold = operation({
  id: 'deleteHold',
  method: 'DELETE',
  url: '/v1/holds/:id',
  summary: 'Give a held slot back',
  access: 'Appointment.c',
  params: IdParams,
})
export const bookAppointment = operation({
  id: 'bookAppointment',
  method: 'POST',
  url: '/v1/appointments',
  summary: 'Book an appointment',
  description:
    'For oneself, or under a mandate with the power `book`. Either confirms a hold, or names practitioner, patient and start. A 409 carries `conflicts` and up to five `alternatives`.',
  access: 'Appointment.c',
  body: Closed(
    {
      hold: Type.Optional(Id),
      practitioner: Type.Optional(Id),
      patient: Type.Optional(Id),
      start: Type.Optional(Instant),
      mode: Type.Optional(Mode),
      reason: Type.Optional(Prose(500, 'Cough for a week')),
    },
    {
      title: 'NewAppointment',
      examples: [
        {
          practitioner: '018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f',
          patient: '018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e10',
          start: '2031-03-03T09:00:00Z',
          mode: 'in-person',
        },
      ],
    },
  ),
  problems: ['not-found'],
  status: 201,
  response: Appointment,
})
export const readAppointment = operation({
  id: 'readAppointment',
  method: 'GET',
  url: '/v1/appointments/:id',
  summary: 'Read an appointment',
  access: 'Appointment.r',
  params: IdParams,
  response: Appointment,
})
export const listAppointments = operation({
  id: 'listAppointments',
  method: 'GET',
  url: '/v1/appointments',
  summary: 'List appointments that one may see, by start',
  access: 'Appointment.s',
  query: Closed({
    patient: Type.Optional(Id),
    practitioner: Type.Optional(Id),
    status: Type.Optional(
      Type.Enum(['booked', 'cancelled', 'arrived', 'fulfilled', 'noshow', 'entered-in-error'], {
        examples: ['booked'],
      }),
    ),
    from: Type.Optional(Instant),
    until: Type.Optional(Instant),
    ...PageQuery,
  }),
  response: Page(Appointment),
})
export const rescheduleAppointment = operation({
  id: 'rescheduleAppointment',
  method: 'POST',
  url: '/v1/appointments/:id/reschedule',
  summary: 'Move an appointment to another time',
  description: 'With the same practitioner. The old time is given up only when the new one is won.',
  access: 'Appointment.u',
  params: IdParams,
  body: Closed({ start: Instant, mode: Type.Optional(Mode) }, { title: 'Reschedule' }),
  ifMatch: true,
  response: Appointment,
})
export const cancelAppointment = operation({
  id: 'cancelAppointment',
  method: 'POST',
  url: '/v1/appointments/:id/cancel',
  summary: 'Cancel an appointment',
  access: 'Appointment.u',
  params: IdParams,
  body: Closed({ reason: CancelReason, note: Type.Optional(Prose(500, 'Travelling')) }, { title: 'Cancellation' }),
  ifMatch: true,
  response: Appointment,
})

// Between rooms

export const readAppointmentCard = operation({
  id: 'readAppointmentCard',
  method: 'GET',
  url: '/v1/appointments/:id/card',
  summary: 'What a message about an appointment needs to know',
  access: 'house',
  params: IdParams,
  response: Closed({
    id: Id,
    status: Type.String(),
    sequence: Type.Integer(),
    start: Instant,
    end: Instant,
    zone: Zone,
    mode: Mode,
    practitioner: Id,
    practitionerName: Type.String(),
    patient: Id,
    place: Type.Optional(Id),
    placeName: Type.Optional(Type.String()),
    bookedBy: Id,
    cancelReason: Type.Optional(CancelReason),
  }),
})

const about = { appointment: Id, patient: Id, practitioner: Id, by: Type.Optional(Id) }
export const appointmentBooked = event('Appointment.booked', about)
export const appointmentRescheduled = event('Appointment.rescheduled', about)
export const appointmentCancelled = event('Appointment.cancelled', about)
