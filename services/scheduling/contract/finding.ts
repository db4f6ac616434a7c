import { Type } from 'typebox'
import {
  Closed,
  Gender,
  Id,
  IdParams,
  Instant,
  Language,
  Line,
  operation,
  Page,
  PageQuery,
  Zone,
} from '#platform/operation.ts'
import { Mode, Speciality } from './schedules.ts'

/** The promise of platform/reader.ts. */
const LATE =
  'What others have just taken may be shown as free for up to 5 seconds, and what they gave back may be lacking; booking it then answers 409 with other times. What you have taken or given back yourself is never shown late.'

const Slot = Closed({ start: Instant, end: Instant }, { title: 'Slot' })
const FoundPractitioner = Closed(
  {
    id: Id,
    name: Line(300, 'Dr Amina Okello'),
    gender: Gender,
    languages: Type.Array(Language),
    specialities: Type.Array(Speciality),
    modes: Type.Array(Mode, { description: 'Of the hours that the next slot is in' }),
    place: Type.Optional(
      Closed({
        id: Id,
        name: Line(300, 'Harbour Clinic'),
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
  description: `Only practitioners with a verified licence that is valid at the slot. Ordered by next free slot. Any mix of criteria. ${LATE}`,
  access: 'Practitioner.s',
  patient: 'none',
  reader: true,
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
  description: `At most 31 days at a time. ${LATE}`,
  access: 'Practitioner.s',
  patient: 'none',
  reader: true,
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
