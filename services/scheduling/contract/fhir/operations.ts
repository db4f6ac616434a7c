import { type TProperties, Type } from 'typebox'
import { Closed, type FhirParameter, Instant, operation } from '#platform/operation.ts'
import { CancelReason } from '../appointments.ts'
import { LATE } from '../finding.ts'
import { Mode, Speciality } from '../schedules.ts'
import { ServiceCode } from '../services.ts'
import { FhirAppointment } from './appointments.ts'
import { FhirId, FhirIdParams, Ref, Searchset } from './types.ts'

// The operations of the Argonaut Scheduling guide (fhir.org/guides/argonaut/scheduling), by its names, on R4.

const takes = (type: FhirParameter['type'], documentation: string, min: 0 | 1 = 0) =>
  ({ use: 'in', type, documentation, min }) as const
const gives = (type: 'Bundle' | 'Appointment') => ({
  name: 'return',
  ...{ use: 'out', min: 1, type, documentation: 'What came of it' },
})
const listed = (named: Record<string, ReturnType<typeof takes>>, out: 'Bundle' | 'Appointment') =>
  [...Object.entries(named).map(([name, one]) => ({ name, ...one })), gives(out)] as FhirParameter[]

/** One value of a Parameters resource; which of these a parameter comes in, its type says. */
const values = {
  valueUri: Type.Optional(Ref('Appointment/018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f')),
  valueUrl: Type.Optional(Ref('Appointment/018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f')),
  valueReference: Type.Optional(Closed({ reference: Ref('Patient/018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f') })),
  valueString: Type.Optional(
    Type.String({ maxLength: 500, pattern: '^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f]*$' }),
  ),
  valueCode: Type.Optional(Type.String({ pattern: '^[a-z][a-z0-9-]{1,63}$' })),
  valueDateTime: Type.Optional(Instant),
  valueInteger: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
}
const Parameters = (names: string[], title: string, example: object[], more: TProperties = {}) =>
  Closed(
    {
      resourceType: Type.Enum(['Parameters']),
      parameter: Type.Array(Closed({ name: Type.Enum(names), ...values, ...more }), { minItems: 1, maxItems: 20 }),
    },
    { title, examples: [{ resourceType: 'Parameters', parameter: example }] },
  )

/** As a client has it: what is not looked at may be in it. */
export const Open = <P extends TProperties>(properties: P) => Type.Object(properties, { additionalProperties: true })
export const Wish = Open({
  resourceType: Type.Enum(['Appointment']),
  id: Type.Optional(FhirId),
  start: Type.Optional(Instant),
  slot: Type.Optional(Type.Array(Open({ reference: Ref('Slot/1') }), { maxItems: 1 })),
  participant: Type.Optional(
    Type.Array(Open({ actor: Type.Optional(Open({ reference: Type.Optional(Ref('Patient/1')) })) }), { maxItems: 10 }),
  ),
})

const finds = {
  start: takes('dateTime', 'From when on; default: now'),
  end: takes('dateTime', 'Until when; default: as far ahead as may be booked'),
  practitioner: takes('uri', 'Practitioner/…: all that they have free'),
  specialty: takes('code', 'Without a practitioner: of each who has it the first free time'),
  'visit-type': takes('code', 'Code of a service'),
  'location-reference': takes('uri', 'Location/…'),
  mode: takes('code', 'in-person, video or phone'),
  _count: takes('integer', 'At most 100 are shown'),
  cursor: takes('string', 'As in the `next` link'),
}
const find = { name: 'find', level: 'type', parameters: listed(finds, 'Bundle') } as const

export const findFhirAppointments = operation({
  id: 'findFhirAppointments',
  method: 'GET',
  url: '/fhir/R4/Appointment/$find',
  summary: 'Find times that can be booked (FHIR R4)',
  description: `Proposed Appointments, each with an id for $hold and $book. Of one practitioner all that is free; else of each who matches the first. ${LATE}`,
  access: 'Practitioner.s',
  scope: 'Appointment.s',
  patient: 'none',
  reader: true,
  fhir: { resource: 'Appointment', interaction: 'operation', operation: find },
  query: Closed({
    start: Type.Optional(Instant),
    end: Type.Optional(Instant),
    practitioner: Type.Optional(Ref('Practitioner/018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f')),
    specialty: Type.Optional(Speciality),
    'visit-type': Type.Optional(ServiceCode),
    'location-reference': Type.Optional(Ref('Location/018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f')),
    mode: Type.Optional(Mode),
    _count: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000, examples: [20] })),
    cursor: Type.Optional(Type.String({ maxLength: 400, pattern: '^[A-Za-z0-9_-]+$' })),
  }),
  response: Searchset(FhirAppointment, 'FhirProposals'),
})
export const findFhirAppointmentsByParameters = operation({
  id: 'findFhirAppointmentsByParameters',
  method: 'POST',
  url: '/fhir/R4/Appointment/$find',
  summary: 'Find times that can be booked, by a Parameters resource (FHIR R4)',
  description: 'As with GET.',
  access: 'Practitioner.s',
  scope: 'Appointment.s',
  patient: 'none',
  idempotent: false,
  fhir: { resource: 'Appointment', interaction: 'operation', operation: find },
  body: Parameters(Object.keys(finds), 'FhirFind', [{ name: 'specialty', valueCode: 'cardiology' }]),
  response: Searchset(FhirAppointment, 'FhirProposals'),
})

const books = {
  'appt-id': takes('uri', 'Appointment/…: one that $find proposed, or for $book one that is held'),
  'appt-resource': takes(
    'Appointment',
    'Instead: an Appointment with its slot, or with start and practitioner; and with its patient. For $book also with several practitioners, who give it together',
  ),
  'patient-id': takes('uri', 'Patient/…, where the Appointment does not name them'),
  mode: takes('code', 'in-person, video or phone; default: the first that the hours offer'),
}
const bookMore = {
  comment: takes('string', 'Why one comes'),
  overbook: takes(
    'string',
    'Why the visit goes into time that is taken: by the practitioner, or the desk that places their hours',
  ),
}
const wished = [
  { name: 'appt-id', valueUri: 'Appointment/018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f' },
  { name: 'patient-id', valueUri: 'Patient/018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e10' },
]

export const holdFhirAppointment = operation({
  id: 'holdFhirAppointment',
  method: 'POST',
  url: '/fhir/R4/Appointment/$hold',
  summary: 'Hold a time for five minutes (FHIR R4)',
  description:
    'As POST /v1/holds: nobody else can take it meanwhile, and it frees itself. A 409 names other times in its extensions, as proposals.',
  access: 'Appointment.c',
  patient: 'condition',
  fhir: {
    resource: 'Appointment',
    interaction: 'operation',
    operation: { name: 'hold', level: 'type', parameters: listed(books, 'Bundle') },
  },
  body: Parameters(Object.keys(books), 'FhirHold', wished, { resource: Type.Optional(Wish) }),
  problems: ['not-found'],
  response: Searchset(FhirAppointment, 'FhirHeld'),
})
export const bookFhirAppointment = operation({
  id: 'bookFhirAppointment',
  method: 'POST',
  url: '/fhir/R4/Appointment/$book',
  summary: 'Book an Appointment (FHIR R4)',
  description:
    'As POST /v1/appointments: of what $find proposed, or what is held. A 409 names other times in its extensions, as proposals.',
  access: 'Appointment.c',
  patient: 'condition',
  fhir: {
    resource: 'Appointment',
    interaction: 'operation',
    operation: { name: 'book', level: 'type', parameters: listed({ ...books, ...bookMore }, 'Bundle') },
  },
  body: Parameters(Object.keys({ ...books, ...bookMore }), 'FhirBook', wished, { resource: Type.Optional(Wish) }),
  problems: ['not-found'],
  response: Searchset(FhirAppointment, 'FhirBooked'),
})

const cancels = {
  reason: takes('code', `Of FHIR’s appointment-cancellation-reason: ${CancelReason.enum.join(', ')}`, 1),
  note: takes('string', 'For whom it was called off with'),
}
export const cancelFhirAppointment = operation({
  id: 'cancelFhirAppointment',
  method: 'POST',
  url: '/fhir/R4/Appointment/:id/$cancel',
  summary: 'Cancel an Appointment (FHIR R4)',
  description: 'As POST /v1/appointments/:id/cancel, with the ETag that was read in If-Match.',
  access: 'Appointment.u',
  patient: 'condition',
  fhir: {
    resource: 'Appointment',
    interaction: 'operation',
    operation: { name: 'cancel', level: 'instance', parameters: listed(cancels, 'Appointment') },
  },
  params: FhirIdParams,
  ifMatch: true,
  body: Parameters(Object.keys(cancels), 'FhirCancel', [{ name: 'reason', valueCode: 'pat-cpp' }]),
  response: FhirAppointment,
})
