import { Type } from 'typebox'
import { operation } from '#platform/operation.ts'
import { FhirAppointment } from './appointments.ts'
import { Open, Wish } from './operations.ts'
import { FhirIdParams } from './types.ts'

// Appointments are written as R4 has it, and end in what $book and $cancel end in.

const text = { maxLength: 500, pattern: '^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f]*$' }

export const createFhirAppointment = operation({
  id: 'createFhirAppointment',
  method: 'POST',
  url: '/fhir/R4/Appointment',
  summary: 'Book an Appointment (FHIR R4)',
  description:
    'As $book: with its slot, or with start and practitioner, and with its patient; what comes back is booked. `description` or `comment` says why one comes.',
  access: 'Appointment.c',
  patient: 'condition',
  status: 201,
  fhir: { resource: 'Appointment', interaction: 'create' },
  body: Type.Object(
    {
      ...Wish.properties,
      status: Type.Enum(['proposed', 'pending', 'booked'], { examples: ['booked'] }),
      description: Type.Optional(Type.String({ ...text, examples: ['Cough for a week'] })),
      comment: Type.Optional(Type.String(text)),
    },
    { title: 'FhirAppointmentWanted', additionalProperties: true },
  ),
  problems: ['not-found'],
  response: FhirAppointment,
})

export const updateFhirAppointment = operation({
  id: 'updateFhirAppointment',
  method: 'PUT',
  url: '/fhir/R4/Appointment/:id',
  summary: 'Cancel an Appointment by its status (FHIR R4)',
  description:
    'As $cancel: the Appointment as it was read, with `status` cancelled and the code of `cancelationReason`. Another time is asked for by POST /v1/appointments/{id}/reschedule.',
  access: 'Appointment.u',
  patient: 'condition',
  ifMatch: true,
  fhir: { resource: 'Appointment', interaction: 'update' },
  params: FhirIdParams,
  body: Type.Object(
    {
      resourceType: Type.Enum(['Appointment']),
      status: Type.Enum(['cancelled']),
      cancelationReason: Open({
        coding: Type.Array(Open({ code: Type.String({ pattern: '^[a-z][a-z0-9-]{1,63}$', examples: ['pat-cpp'] }) }), {
          minItems: 1,
          maxItems: 5,
        }),
        text: Type.Optional(Type.String(text)),
      }),
    },
    { title: 'FhirAppointmentCancelled', additionalProperties: true },
  ),
  response: FhirAppointment,
})
