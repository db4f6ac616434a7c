import { Type } from 'typebox'
import {
  CalendarDate,
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
import { MAX_TOGETHER } from './appointments.ts'
import { Mode, Speciality } from './schedules.ts'
import { ServiceCode } from './services.ts'

/** The promise of platform/reader.ts. */
export const LATE =
  'What others have just taken may be shown as free for up to 5 seconds, and what they gave back may be lacking; booking it then answers 409 with other times. What you have taken or given back yourself is never shown late.'

/** Of staff; nobody else is shown what is kept for a desk or for callers. */
const Searched = Type.Optional(
  Type.Enum(['desk', 'phone', 'web'], {
    examples: ['phone'],
    description:
      'By staff: what may be booked in this way. Default: `desk` for staff, `web` for everybody else, who are shown nothing that is kept for others',
  }),
)

const Between = Type.Optional(
  Type.String({
    pattern: '^(?!(.{5})-\\1$)([01]\\d|2[0-3]):[0-5]\\d-(([01]\\d|2[0-3]):[0-5]\\d|24:00)$',
    maxLength: 11,
    examples: ['17:00-20:00'],
    description:
      'Only visits that begin within these hours of the day, on the clock of the place (of the schedule where there is none); 22:00-02:00 is over midnight',
  }),
)

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
    service: Type.Optional(
      Closed(
        { id: Id, code: ServiceCode, name: Line(120, 'Vaccination') },
        { description: 'What the next slot is for, where these hours offer services' },
      ),
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
    service: Type.Optional(ServiceCode),
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
    minutes: Type.Optional(
      Type.Integer({ minimum: 5, maximum: 480, examples: [30], description: 'Visits that are at least so long' }),
    ),
    newPatient: Type.Optional(
      Type.Boolean({
        examples: [true],
        description: 'true: only hours that take patients who are new to the practitioner',
      }),
    ),
    between: Between,
    channel: Searched,
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
    between: Between,
    channel: Searched,
    from: Type.Optional(Instant),
    until: Type.Optional(Instant),
    mode: Type.Optional(Mode),
    service: Type.Optional(Id),
    ...PageQuery,
  }),
  response: Page(
    Closed(
      {
        start: Instant,
        end: Instant,
        zone: Zone,
        modes: Type.Array(Mode),
        place: Type.Optional(Id),
        schedule: Id,
        service: Type.Optional(Id),
        seats: Type.Optional(
          Type.Integer({ minimum: 1, examples: [8], description: 'That are left, where several come together' }),
        ),
      },
      { title: 'FreeSlot' },
    ),
  ),
})

export const listCommonSlots = operation({
  id: 'listCommonSlots',
  method: 'GET',
  url: '/v1/common-slots',
  summary: 'Times at which several practitioners are free together',
  description: `For a visit that all of them give: see \`participants\` of POST /v1/appointments. Each with their own hours, time before and after, notice and window, for as long as the longest of them needs; in person only at one place. At most 31 days at a time. ${LATE}`,
  access: 'Practitioner.s',
  patient: 'none',
  reader: true,
  query: Closed({
    practitioner: Type.Array(Id, {
      minItems: 2,
      maxItems: MAX_TOGETHER,
      uniqueItems: true,
      examples: [['018f3f5e-7c1a-7d3e-9b55-2f6c1a0b4d21', '018f3f5e-7c1a-7d3e-9b55-2f6c1a0b4d22']],
      description: 'All of these',
    }),
    service: Type.Optional(
      Type.Array(Id, {
        maxItems: MAX_TOGETHER,
        uniqueItems: true,
        description: 'Of some of them, one of each; needed where their hours offer several',
      }),
    ),
    mode: Type.Optional(Mode),
    between: Between,
    channel: Searched,
    from: Type.Optional(Instant),
    until: Type.Optional(Instant),
    ...PageQuery,
  }),
  response: Page(
    Closed(
      { start: Instant, end: Instant, modes: Type.Array(Mode), place: Type.Optional(Id) },
      { title: 'CommonSlot' },
    ),
  ),
})

export const listDays = operation({
  id: 'listDays',
  method: 'GET',
  url: '/v1/practitioners/:id/days',
  summary: 'Days on which one practitioner has something free',
  description: `For a month’s page: 42 days at most. Days that have nothing are left out. ${LATE}`,
  access: 'Practitioner.s',
  reader: true,
  patient: 'none',
  params: IdParams,
  query: Closed({
    from: Type.Optional(CalendarDate),
    until: Type.Optional(CalendarDate),
    zone: Type.Optional(Zone),
    mode: Type.Optional(Mode),
    service: Type.Optional(Id),
    between: Between,
    channel: Searched,
  }),
  response: Closed(
    {
      zone: Zone,
      items: Type.Array(
        Closed({
          date: CalendarDate,
          free: Type.Integer({ minimum: 1, examples: [7], description: 'Slots' }),
          first: Instant,
        }),
      ),
    },
    { title: 'FreeDays' },
  ),
})
