import { Type } from 'typebox'
import { Closed, Instant, operation } from '#platform/operation.ts'
import { Concept, FhirIdParams, Identifier, Reference, Resource, SearchQuery, Searchset, Values } from './types.ts'

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

const search = {
  patient: { type: 'reference', documentation: 'Patient/…' },
  practitioner: { type: 'reference', documentation: 'Practitioner/…' },
  actor: { type: 'reference', documentation: 'Patient/… or Practitioner/…' },
  date: { type: 'date', documentation: 'The start; with eq, ge, gt, le, lt, sa or eb; may come several times' },
  status: { type: 'token', documentation: 'One, or several with commas between' },
  identifier: { type: 'token', documentation: 'urn:ietf:rfc:3986|urn:uuid:…, with the id' },
} as const

export const readFhirAppointment = operation({
  id: 'readFhirAppointment',
  method: 'GET',
  url: '/fhir/R4/Appointment/:id',
  summary: 'Read an Appointment (FHIR R4)',
  access: 'Appointment.r',
  patient: 'condition',
  fhir: { resource: 'Appointment', interaction: 'read' },
  params: FhirIdParams,
  response: FhirAppointment,
})
export const searchFhirAppointments = operation({
  id: 'searchFhirAppointments',
  method: 'GET',
  url: '/fhir/R4/Appointment',
  summary: 'Search the Appointments that one may see, by start (FHIR R4)',
  description:
    'Parameters that are not known are left out, and the `self` link shows what was looked for; with `Prefer: handling=strict` they are refused.',
  access: 'Appointment.s',
  patient: 'condition',
  fhir: { resource: 'Appointment', interaction: 'search-type', search },
  query: SearchQuery({
    patient: Values('Patient/018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f', search.patient.documentation),
    practitioner: Values('Practitioner/018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f', search.practitioner.documentation),
    actor: Values('Patient/018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f', search.actor.documentation),
    date: Values('ge2031-03-03', search.date.documentation),
    status: Values('booked', search.status.documentation),
    identifier: Values('urn:uuid:018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f', search.identifier.documentation),
  }),
  response: Searchset(FhirAppointment, 'FhirAppointments'),
})
