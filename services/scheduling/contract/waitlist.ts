import { Type } from 'typebox'
import { Closed, Id, IdParams, Instant, operation, Page, PageQuery, Version, Zone } from '#platform/operation.ts'
import { Appointment } from './appointments.ts'
import { Mode, Speciality, weekdays } from './schedules.ts'
import { ServiceCode } from './services.ts'

/** FHIR's request-priority, first things first. */
export const priorities = ['stat', 'asap', 'urgent', 'routine'] as const
const Priority = Type.Enum([...priorities], { examples: ['urgent'], description: 'FHIR’s request-priority' })
/** Why somebody goes before others: a code, since the list is no place for a record. */
const PriorityReason = Type.Enum(
  [
    'deterioration',
    'test-result',
    'post-operative',
    'pregnancy',
    'medication-review',
    'referral',
    'long-wait',
    'other',
  ],
  { examples: ['deterioration'] },
)

const WallTime = (example: string, pattern: string) =>
  Type.Optional(
    Type.String({ pattern, examples: [example], description: 'On the clock of the place, in steps of five minutes' }),
  )

const wish = {
  practitioner: Type.Optional(Id),
  service: Type.Optional(ServiceCode),
  speciality: Type.Optional(Speciality),
  place: Type.Optional(Id),
  near: Type.Optional(
    Closed(
      {
        latitude: Type.Number({ minimum: -90, maximum: 90, examples: [0.35] }),
        longitude: Type.Number({ minimum: -180, maximum: 180, examples: [6.73] }),
        within: Type.Number({ minimum: 0.1, maximum: 500, examples: [25], description: 'Kilometres' }),
      },
      { description: 'Instead of `place`: visits in person in this circle' },
    ),
  ),
  mode: Type.Optional(Mode),
  from: Type.Optional(Instant),
  until: Type.Optional(Type.String({ ...Instant, description: 'Default: 90 days from now, which is also the most' })),
  weekdays: Type.Optional(
    Type.Array(Type.Enum([...weekdays], { examples: ['mon'] }), { minItems: 1, maxItems: 7, uniqueItems: true }),
  ),
  timeFrom: WallTime('09:00', '^([01]\\d|2[0-3]):[0-5][05]$'),
  timeUntil: WallTime('12:30', '^(([01]\\d|2[0-3]):[0-5][05]|24:00)$'),
  notice: Type.Optional(
    Type.Integer({
      minimum: 30,
      maximum: 43_200,
      default: 120,
      examples: [120],
      description: 'Minutes that one needs to get there: nothing that begins sooner is offered',
    }),
  ),
}

const OfferMade = Closed(
  {
    id: Id,
    practitioner: Id,
    place: Type.Optional(Id),
    service: Type.Optional(Id),
    mode: Mode,
    start: Instant,
    end: Instant,
    zone: Zone,
    expiresAt: Type.String({ ...Instant, description: 'Until then nobody else can have it' }),
  },
  { title: 'WaitlistOffer' },
)

export const WaitlistEntry = Closed(
  {
    id: Id,
    status: Type.Enum(['waiting', 'offered', 'met', 'left', 'expired'], { examples: ['waiting'] }),
    patient: Id,
    priority: Priority,
    priorityReason: Type.Optional(PriorityReason),
    ...wish,
    from: Instant,
    until: Instant,
    notice: Type.Integer({ examples: [120] }),
    offer: Type.Optional(OfferMade),
    version: Version,
  },
  { title: 'WaitlistEntry' },
)
export const NewWaitlistEntry = Closed(
  { patient: Id, ...wish },
  {
    title: 'NewWaitlistEntry',
    examples: [{ patient: '018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e10', speciality: 'cardiology', weekdays: ['mon'] }],
  },
)

export const createWaitlistEntry = operation({
  id: 'createWaitlistEntry',
  method: 'POST',
  url: '/v1/waitlist-entries',
  summary: 'Wait for a time that becomes free',
  description:
    'Says what would do: a practitioner, a service or a speciality, and where and when. A time that is given back is offered to who waits for it with the highest priority, and of those to who came first; nobody else can take it while the offer stands.',
  access: 'Appointment.c',
  patient: '/body/patient',
  body: NewWaitlistEntry,
  problems: ['not-found'],
  status: 201,
  response: WaitlistEntry,
})
export const readWaitlistEntry = operation({
  id: 'readWaitlistEntry',
  method: 'GET',
  url: '/v1/waitlist-entries/:id',
  summary: 'Read for what somebody waits, and what is offered',
  access: 'Appointment.r',
  patient: 'condition',
  params: IdParams,
  response: WaitlistEntry,
})
export const listWaitlistEntries = operation({
  id: 'listWaitlistEntries',
  method: 'GET',
  url: '/v1/waitlist-entries',
  summary: 'List who waits, of those whom one may see, oldest first',
  description:
    'One’s own patients; a practitioner also those who wait for them. A desk names a patient or a practitioner.',
  access: 'Appointment.s',
  patient: 'condition',
  query: Closed({
    patient: Type.Optional(Id),
    practitioner: Type.Optional(Id),
    ended: Type.Optional(
      Type.Boolean({ default: false, examples: [false], description: 'Also those who wait no more' }),
    ),
    ...PageQuery,
  }),
  response: Page(WaitlistEntry),
})
export const prioritiseWaitlistEntry = operation({
  id: 'prioritiseWaitlistEntry',
  method: 'PUT',
  url: '/v1/waitlist-entries/:id/priority',
  summary: 'Say how urgent it is',
  description:
    'By a practitioner who treats the patient or is waited for, or a desk; nobody for themselves or for whom they care for.',
  access: 'Appointment.u',
  patient: 'condition',
  params: IdParams,
  body: Closed({ priority: Priority, reason: PriorityReason }, { title: 'WaitlistPriority' }),
  ifMatch: true,
  problems: ['business-rule'],
  response: WaitlistEntry,
})
export const deleteWaitlistEntry = operation({
  id: 'deleteWaitlistEntry',
  method: 'DELETE',
  url: '/v1/waitlist-entries/:id',
  summary: 'Wait no more',
  description: 'A time that is offered is given back.',
  access: 'Appointment.u',
  patient: 'condition',
  params: IdParams,
})
export const acceptWaitlistOffer = operation({
  id: 'acceptWaitlistOffer',
  method: 'POST',
  url: '/v1/waitlist-offers/:id/accept',
  summary: 'Take the time that is offered',
  access: 'Appointment.c',
  patient: 'condition',
  params: IdParams,
  problems: ['conflict', 'business-rule'],
  response: Appointment,
})
export const declineWaitlistOffer = operation({
  id: 'declineWaitlistOffer',
  method: 'POST',
  url: '/v1/waitlist-offers/:id/decline',
  summary: 'Leave the time to others, and keep one’s turn',
  access: 'Appointment.u',
  patient: 'condition',
  params: IdParams,
  problems: ['conflict'],
  response: WaitlistEntry,
})
