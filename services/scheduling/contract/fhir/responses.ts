import { Type } from 'typebox'
import { Instant, operation } from '#platform/operation.ts'
import { FhirIdParams, Reference, Resource, SearchQuery, Searchset, Values } from './types.ts'

export const AppointmentResponse = Resource('AppointmentResponse', {
  appointment: Reference,
  start: Instant,
  end: Instant,
  actor: Reference,
  participantStatus: Type.Enum(['accepted', 'declined'], { examples: ['accepted'] }),
  comment: Type.Optional(Type.String({ examples: ['Travelling'] })),
})

const search = {
  appointment: { type: 'reference', documentation: 'Appointment/…' },
  actor: { type: 'reference', documentation: 'Patient/… or Practitioner/…; needed where no appointment is named' },
  'part-status': { type: 'token', documentation: 'accepted or declined' },
} as const

export const readFhirResponse = operation({
  id: 'readFhirResponse',
  method: 'GET',
  url: '/fhir/R4/AppointmentResponse/:id',
  summary: 'Read what a participant has said to an Appointment (FHIR R4)',
  description:
    'Who comes has accepted by booking, and who gives the visit by their hours; who called it off has declined.',
  access: 'Appointment.r',
  scope: 'AppointmentResponse.r',
  patient: 'condition',
  fhir: { resource: 'AppointmentResponse', interaction: 'read' },
  params: FhirIdParams,
  response: AppointmentResponse,
})
export const searchFhirResponses = operation({
  id: 'searchFhirResponses',
  method: 'GET',
  url: '/fhir/R4/AppointmentResponse',
  summary: 'Search what participants have said (FHIR R4)',
  description:
    'To one Appointment, or by one participant. Parameters that are not known are left out, and the `self` link shows what was looked for; with `Prefer: handling=strict` they are refused.',
  access: 'Appointment.s',
  scope: 'AppointmentResponse.s',
  patient: 'condition',
  fhir: { resource: 'AppointmentResponse', interaction: 'search-type', search },
  query: SearchQuery({
    appointment: Values('Appointment/018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f', search.appointment.documentation),
    actor: Values('Patient/018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f', search.actor.documentation),
    'part-status': Values('accepted', search['part-status'].documentation),
  }),
  response: Searchset(AppointmentResponse, 'FhirResponses'),
})
