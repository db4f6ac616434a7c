import { Type } from 'typebox'
import { Closed, event, Id, IdParams, Instant, operation, Zone } from '#platform/operation.ts'
import { CancelReason, Together } from './contract/appointments.ts'
import { Mode } from './contract/schedules.ts'

// What other rooms may know. The public doors are in contract/, by noun.

/** As many as one call may name: a lot of platform/gathered.ts. */
const MOST = 500

/** What is told of a time, booked or offered. */
const told = {
  id: Id,
  start: Instant,
  end: Instant,
  zone: Zone,
  mode: Mode,
  practitioner: Id,
  practitionerName: Type.String(),
  patient: Id,
  place: Type.Optional(Id),
  placeName: Type.Optional(Type.String()),
  category: Type.String({ description: 'general, or one that is sensitive' }),
}

export const readAppointmentCards = operation({
  id: 'readAppointmentCards',
  method: 'POST',
  url: '/v1/appointment-cards',
  summary: 'What messages about appointments need to know',
  description: 'Those that are not there, or no more, are left out.',
  access: 'house',
  idempotent: false,
  body: Closed({ appointments: Type.Array(Id, { maxItems: MOST }) }),
  response: Closed({
    items: Type.Array(
      Closed({
        ...told,
        status: Type.String(),
        sequence: Type.Integer(),
        bookedBy: Id,
        cancelReason: Type.Optional(CancelReason),
        together: Type.Optional(Together),
      }),
    ),
  }),
})

const url = Type.Optional(Type.String())

export const readAppointmentLinks = operation({
  id: 'readAppointmentLinks',
  method: 'POST',
  url: '/v1/appointment-links',
  summary: 'Links that act for the readers of messages about appointments, or about offered times',
  description: 'For each that is asked for, in that order.',
  access: 'house',
  idempotent: false,
  body: Closed({
    items: Type.Array(
      Closed({ appointment: { ...Id, description: 'The appointment, or the offer of a time' }, account: Id }),
      { maxItems: MOST },
    ),
  }),
  response: Closed({
    items: Type.Array(Closed({ confirm: url, cancel: url, move: url, accept: url, decline: url, choose: url })),
  }),
})

export const readWaitlistOfferCard = operation({
  id: 'readWaitlistOfferCard',
  method: 'GET',
  url: '/v1/waitlist-offers/:id/card',
  summary: 'What a message about an offered time needs to know; not found when it stands no more',
  access: 'house',
  params: IdParams,
  response: Closed({
    ...told,
    entry: Id,
    expiresAt: Instant,
    bookedBy: Type.String({ ...Id, description: 'Who said that the patient waits' }),
  }),
})

export const appointmentsMadeSince = operation({
  id: 'appointmentsMadeSince',
  method: 'GET',
  url: '/v1/patients/:id/appointments-since',
  summary: 'Appointments that were made for a patient after this id, and moved to them from no other',
  access: 'house',
  params: IdParams,
  query: Closed({ since: Id }),
  response: Closed({ items: Type.Array(Id) }),
})

export const bookedWithPractitioner = operation({
  id: 'bookedWithPractitioner',
  method: 'GET',
  url: '/v1/practitioners/:id/booked-since',
  summary: 'Appointments with a practitioner that end after this instant, begin before that and stand, by id',
  access: 'house',
  params: IdParams,
  query: Closed({ since: Instant, until: Type.Optional(Instant), after: Type.Optional(Id) }),
  response: Closed({
    items: Type.Array(Closed({ appointment: Id, patient: Id, practitioner: Id }), {
      description: 'A thousand at most; ask on after the last',
    }),
  }),
})

const about = { appointment: Id, patient: Id, practitioner: Id, by: Type.Optional(Id) }
/** `series`: one of many that change together; people are told of all of them at once, by `seriesChanged`. */
const maybeOfMany = { ...about, series: Type.Optional(Id) }
export const appointmentBooked = event('Appointment.booked', maybeOfMany)
export const appointmentRescheduled = event('Appointment.rescheduled', maybeOfMany)
export const appointmentCancelled = event('Appointment.cancelled', maybeOfMany)
export const seriesChanged = event('Series.changed', {
  series: Id,
  change: Type.Enum(['booked', 'rescheduled', 'cancelled']),
  appointments: Type.Array(Id),
})

export const waitlistOfferMade = event('WaitlistOffer.made', { offer: Id, patient: Id, practitioner: Id })
/** On the day; `practitioner` is the one who was booked. */
export const appointmentArrived = event('Appointment.arrived', about)
export const appointmentFulfilled = event('Appointment.fulfilled', about)
/** Nobody came, or they left unseen. `by` is missing where the clock said so. */
export const appointmentMissed = event('Appointment.missed', about)

const ofCall = { entry: Id, patient: Id, practitioner: Id, by: Type.Optional(Id) }
/** Somebody is seen by a practitioner with whom they have no booking. */
export const unbookedCalled = event('QueueEntry.called', ofCall)
/** They are not, after all. */
export const unbookedReturned = event('QueueEntry.returned', ofCall)

export const readQueueEntryCard = operation({
  id: 'readQueueEntryCard',
  method: 'GET',
  url: '/v1/queue-entries/:id/card',
  summary: 'Whom a practitioner sees without a booking, as it stands now',
  access: 'house',
  params: IdParams,
  response: Closed({
    patient: Type.Optional(Id),
    practitioner: Type.Optional(Type.String({ ...Id, description: 'Who sees them, or has seen them' })),
    calledAt: Type.Optional(Instant),
  }),
})
