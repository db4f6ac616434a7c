import { Type } from 'typebox'
import { Closed, Instant } from '#platform/operation.ts'
import { Concept, Identifier, Reference, Resource } from './types.ts'

const Participant = Closed({
  actor: Reference,
  status: Type.Enum(['accepted', 'declined', 'tentative', 'needs-action']),
})

export const FhirAppointment = Resource('Appointment', {
  identifier: Type.Optional(Type.Array(Identifier)),
  status: Type.Enum(
    ['proposed', 'pending', 'booked', 'arrived', 'fulfilled', 'cancelled', 'noshow', 'entered-in-error'],
    { examples: ['booked'] },
  ),
  cancelationReason: Type.Optional(Concept),
  serviceCategory: Type.Array(Concept),
  serviceType: Type.Optional(Type.Array(Concept)),
  description: Type.Optional(Type.String({ examples: ['Cough for a week'] })),
  start: Instant,
  end: Instant,
  minutesDuration: Type.Integer({ minimum: 1, examples: [30] }),
  slot: Type.Optional(Type.Array(Reference)),
  created: Type.Optional(Instant),
  participant: Type.Array(Participant),
})

/** Who comes has accepted by booking, and who gives the visit by their hours; who called it off has declined. */
export const AppointmentResponse = Resource('AppointmentResponse', {
  appointment: Reference,
  start: Instant,
  end: Instant,
  actor: Reference,
  participantStatus: Type.Enum(['accepted', 'declined'], { examples: ['accepted'] }),
  comment: Type.Optional(Type.String({ examples: ['Travelling'] })),
})
