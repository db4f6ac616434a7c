import { Type } from 'typebox'
import { Closed, Id, IdParams, Instant, operation, Page, PageQuery, Prose, Version, Zone } from '#platform/operation.ts'
import { Channel, Mode } from './schedules.ts'

/** A part of FHIR's appointment-cancellation-reason value set (terminology.hl7.org/CodeSystem/appointment-cancellation-reason). */
export const CancelReason = Type.Enum(
  ['pat', 'pat-crs', 'pat-cpp', 'pat-dec', 'pat-mt', 'pat-wp', 'prov', 'prov-pers', 'prov-hosp', 'maint', 'other'],
  { examples: ['pat-cpp'] },
)

/** As many as one visit brings together: a tumour board. */
export const MAX_TOGETHER = 8

export const Together = Closed(
  {
    appointment: Type.String({ ...Id, description: 'The one that stands for the visit: who comes sees only that' }),
    practitioners: Type.Array(Id, { description: 'Who give it, in the order of the request' }),
  },
  { description: 'Given by several at the same time, each of whom has an appointment of their own for it' },
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
    service: Type.Optional(Id),
    mode: Mode,
    start: Instant,
    end: Instant,
    zone: Zone,
    reason: Type.Optional(Prose(500, 'Cough for a week')),
    cancelReason: Type.Optional(CancelReason),
    cancelNote: Type.Optional(Prose(500, 'Travelling')),
    overbooked: Type.Optional(
      Type.Boolean({ examples: [true], description: 'Put into time that was taken: there may be a wait' }),
    ),
    confirmedAt: Type.Optional(
      Type.String({ ...Instant, description: 'When somebody said, by a link in a message, that they will come' }),
    ),
    series: Type.Optional(Type.String({ ...Id, description: 'Booked together with others; see GET /v1/series/{id}' })),
    seriesNumber: Type.Optional(Type.Integer({ minimum: 1, examples: [3] })),
    together: Type.Optional(Together),
    channel: Channel,
    sequence: Type.Integer({
      minimum: 0,
      examples: [0],
      description: 'Rises when the time changes; also of the calendar invitation',
    }),
    version: Version,
  },
  { title: 'Appointment' },
)

const ServiceWanted = Type.Optional(
  Type.String({ ...Id, description: 'One of those that are offered at the time; needed where there are several' }),
)
/** Who comes, and cares for them, leaves it out. */
export const ByStaff = Type.Optional(
  Type.Enum(['desk', 'phone', 'web'], {
    examples: ['phone'],
    description: 'By staff: `phone` for somebody who calls. Default: `desk` by staff, `web` by everybody else',
  }),
)
const wanted = {
  practitioner: Id,
  patient: Id,
  start: Instant,
  mode: Type.Optional(Mode),
  service: ServiceWanted,
  channel: ByStaff,
}

const Participant = Closed({ practitioner: Id, service: ServiceWanted }, { title: 'Participant' })

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
  patient: '/body/patient',
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
    'For oneself, or under a mandate with the power `book`. Either confirms a hold, or names patient, start and a practitioner, or several as `participants`: a visit that takes the time of all of them or of none (GET /v1/common-slots finds one). It takes as long as the longest of them needs, and is booked where each may be booked by the caller. A 409 carries `conflicts` and up to five `alternatives`; also where what is left of the session is kept for another channel, which it names with the time until when.',
  access: 'Appointment.c',
  patient: '/body/patient',
  body: Closed(
    {
      hold: Type.Optional(Id),
      practitioner: Type.Optional(Id),
      participants: Type.Optional(
        Type.Array(Participant, {
          minItems: 2,
          maxItems: MAX_TOGETHER,
          description:
            'Instead of `practitioner` and `service`: those who give the visit together. The first stands for it',
        }),
      ),
      patient: Type.Optional(Id),
      start: Type.Optional(Instant),
      mode: Type.Optional(Mode),
      service: ServiceWanted,
      overbook: Type.Optional(
        Type.String({
          ...Prose(300, 'A child with fever'),
          description:
            'Why the visit goes into time that is taken: by the practitioner, or the desk that places their hours. Up to five at a time',
        }),
      ),
      channel: ByStaff,
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
  patient: 'condition',
  params: IdParams,
  response: Appointment,
})
export const listAppointments = operation({
  id: 'listAppointments',
  method: 'GET',
  url: '/v1/appointments',
  summary: 'List appointments that one may see, by start',
  access: 'Appointment.s',
  patient: 'condition',
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
  description:
    'With the same practitioner, or all who give it together. The old time is given up only when the new one is won. Patients, and who books for them, do so as the booking policy of the practitioner or the place has it.',
  access: 'Appointment.u',
  patient: 'condition',
  params: IdParams,
  body: Closed(
    { start: Instant, mode: Type.Optional(Mode), channel: ByStaff, reason: Type.Optional(CancelReason) },
    { title: 'Reschedule' },
  ),
  ifMatch: true,
  response: Appointment,
})
export const cancelAppointment = operation({
  id: 'cancelAppointment',
  method: 'POST',
  url: '/v1/appointments/:id/cancel',
  summary: 'Cancel an appointment',
  description:
    'By patients, and who books for them, as the booking policy of the practitioner or the place has it; by the practitioner and a desk until it begins. Of a visit that several give: by the first of them, for all; the others decline it.',
  access: 'Appointment.u',
  patient: 'condition',
  params: IdParams,
  body: Closed({ reason: CancelReason, note: Type.Optional(Prose(500, 'Travelling')) }, { title: 'Cancellation' }),
  ifMatch: true,
  response: Appointment,
})

export const declineAppointment = operation({
  id: 'declineAppointment',
  method: 'POST',
  url: '/v1/appointments/:id/decline',
  summary: 'Say that one of several who give a visit cannot come',
  description:
    'By a practitioner who gives it together with others, or the desk that places their hours. Nobody’s time is given up: the visit waits to be moved or cancelled as a whole, in GET /v1/rebookings of this practitioner and of the first of them.',
  access: 'Appointment.u',
  patient: 'condition',
  params: IdParams,
  problems: ['business-rule'],
})
