import { Type } from 'typebox'
import { CalendarDate, Closed, Id, IdParams, operation, Page, PageQuery, Version } from '#platform/operation.ts'
import { Appointment } from './appointments.ts'
import { Priority, PriorityReason, QueueEntry, UndoReason } from './queues.ts'

// The day itself, as it happens to appointments: arrival, end, no-show, and the list of a place.

const ofVisit = { patient: 'condition', params: IdParams, ifMatch: true } as const

export const arriveAppointment = operation({
  id: 'arriveAppointment',
  method: 'POST',
  url: '/v1/appointments/:id/arrive',
  summary: 'Check in for an appointment, and be given a number',
  description:
    'By the desk of the place, the practitioner, or the patient or a caregiver themselves: these on the day, not long before the start (see GET /v1/places/{id}/day-settings), and without a priority. Also takes back a no-show of that day at the desk. The visit joins the practitioner’s queue, or that of its service or speciality where the place has one.',
  access: 'Appointment.u',
  ...ofVisit,
  body: Closed(
    { priority: Type.Optional(Priority), priorityReason: Type.Optional(PriorityReason) },
    { title: 'Arrival', examples: [{ priority: 'standard' }] },
  ),
  response: Closed({ ...Appointment.properties, entry: QueueEntry }, { title: 'ArrivedAppointment' }),
})

export const fulfilAppointment = operation({
  id: 'fulfilAppointment',
  method: 'POST',
  url: '/v1/appointments/:id/fulfil',
  summary: 'Say that the visit took place',
  description: 'By the practitioner or the desk; also where nobody checked in. Ends the wait in the queue.',
  access: 'Appointment.u',
  ...ofVisit,
  response: Appointment,
})

export const markNoShow = operation({
  id: 'markNoShow',
  method: 'POST',
  url: '/v1/appointments/:id/no-show',
  summary: 'Say that nobody came',
  description:
    'By the practitioner or the desk, once the visit should have begun. The clock does it too, at places that check people in that day.',
  access: 'Appointment.u',
  ...ofVisit,
  response: Appointment,
})

export const undoAppointment = operation({
  id: 'undoAppointment',
  method: 'POST',
  url: '/v1/appointments/:id/undo',
  summary: 'Take back the last step of the day: arrival, call, end, no-show',
  description: 'By the practitioner or the desk, on the same day, one step at a time.',
  access: 'Appointment.u',
  ...ofVisit,
  body: Closed({ reason: UndoReason }, { title: 'Undo' }),
  response: Appointment,
})

export const listDay = operation({
  id: 'listDay',
  method: 'GET',
  url: '/v1/places/:id/day',
  summary: 'The appointments of a place on one day, by start',
  description: 'All of them for the desk of the place; for a practitioner their own there.',
  access: 'Appointment.s',
  params: IdParams,
  query: Closed({
    date: Type.Optional(Type.String({ ...CalendarDate, description: 'In the zone of the place; default: today' })),
    practitioner: Type.Optional(Id),
    status: Type.Optional(
      Type.Enum(['booked', 'cancelled', 'arrived', 'fulfilled', 'noshow', 'entered-in-error'], {
        examples: ['booked'],
      }),
    ),
    ...PageQuery,
  }),
  response: Page(Appointment),
})

const minutes = (most: number, example: number, description: string) =>
  Type.Integer({ minimum: 0, maximum: most, examples: [example], description })
const grace = (description: string) =>
  Type.Optional(Type.Integer({ minimum: 5, maximum: 480, examples: [30], description }))

const settings = {
  earlyMinutes: minutes(720, 120, 'So long before the start people may check themselves in'),
  lateMinutes: minutes(120, 10, 'Whoever comes later than this after the start has lost the place, not the turn'),
  graceMinutes: grace('After this a visit in person is marked as a no-show; left out: never'),
  remoteGraceMinutes: grace('The same of visits by video and phone; left out: never'),
}
const DaySettingsChange = Closed(settings, { title: 'DaySettingsChange' })
export const DaySettings = Closed({ ...settings, version: Version }, { title: 'DaySettings' })

export const readDaySettings = operation({
  id: 'readDaySettings',
  method: 'GET',
  url: '/v1/places/:id/day-settings',
  summary: 'How the day is run at a place',
  access: 'Practitioner.s',
  patient: 'none',
  params: IdParams,
  response: DaySettings,
})

export const updateDaySettings = operation({
  id: 'updateDaySettings',
  method: 'PUT',
  url: '/v1/places/:id/day-settings',
  summary: 'Say how the day is run at a place',
  description: 'By its desk.',
  access: 'Queue.u',
  params: IdParams,
  body: DaySettingsChange,
  ifMatch: true,
  response: DaySettings,
})
