import { Type } from 'typebox'
import { CalendarDate, Closed, Instant, operation } from '#platform/operation.ts'
import { Concept, FhirIdParams, Reference, Resource, SearchQuery, Searchset, Values } from './types.ts'

export const Schedule = Resource('Schedule', {
  active: Type.Boolean(),
  serviceCategory: Type.Array(Concept),
  serviceType: Type.Optional(Type.Array(Concept)),
  specialty: Type.Array(Concept),
  actor: Type.Array(Reference),
  planningHorizon: Type.Optional(Closed({ start: CalendarDate, end: CalendarDate })),
})

export const Slot = Resource('Slot', {
  extension: Type.Optional(
    Type.Array(
      Closed({
        url: Type.String({ examples: ['http://fhir-registry.smarthealthit.org/StructureDefinition/slot-capacity'] }),
        valueInteger: Type.Integer({ examples: [8] }),
      }),
    ),
  ),
  serviceCategory: Type.Array(Concept),
  serviceType: Type.Optional(Type.Array(Concept)),
  schedule: Reference,
  status: Type.Enum(['free']),
  start: Instant,
  end: Instant,
})

const search =
  'Parameters that are not known are left out, and the `self` link shows what was looked for; with `Prefer: handling=strict` they are refused.'

const ofSchedules = {
  actor: { type: 'reference', documentation: 'Practitioner/… or Location/…; without it one’s own' },
  date: { type: 'date', documentation: 'Days in the planning horizon' },
} as const
export const readFhirSchedule = operation({
  id: 'readFhirSchedule',
  method: 'GET',
  url: '/fhir/R4/Schedule/:id',
  summary: 'Read a Schedule (FHIR R4)',
  description:
    'Of practitioners with a valid licence, and one’s own: who, where and for what. The hours themselves are shown as Slots.',
  access: 'Practitioner.s',
  scope: 'Schedule.r',
  patient: 'none',
  fhir: { resource: 'Schedule', interaction: 'read' },
  params: FhirIdParams,
  response: Schedule,
})
export const searchFhirSchedules = operation({
  id: 'searchFhirSchedules',
  method: 'GET',
  url: '/fhir/R4/Schedule',
  summary: 'Search Schedules (FHIR R4)',
  description: search,
  access: 'Practitioner.s',
  scope: 'Schedule.s',
  patient: 'none',
  fhir: { resource: 'Schedule', interaction: 'search-type', search: ofSchedules },
  query: SearchQuery({
    actor: Values('Practitioner/018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f', ofSchedules.actor.documentation),
    date: Values('ge2031-03-03', ofSchedules.date.documentation),
  }),
  response: Searchset(Schedule, 'FhirSchedules'),
})

const ofSlots = {
  schedule: { type: 'reference', documentation: 'Schedule/…' },
  'schedule.actor': { type: 'reference', documentation: 'Practitioner/…; needed where no schedule is named' },
  start: { type: 'date', documentation: 'With eq, ge, gt, le, lt, sa or eb; may come several times' },
  status: { type: 'token', documentation: 'Only `free` ones are shown' },
} as const
export const readFhirSlot = operation({
  id: 'readFhirSlot',
  method: 'GET',
  url: '/fhir/R4/Slot/:id',
  summary: 'Read a Slot (FHIR R4)',
  description: 'A Slot is there while it is free.',
  access: 'Practitioner.s',
  scope: 'Slot.r',
  patient: 'none',
  fhir: { resource: 'Slot', interaction: 'read' },
  params: FhirIdParams,
  response: Slot,
})
export const searchFhirSlots = operation({
  id: 'searchFhirSlots',
  method: 'GET',
  url: '/fhir/R4/Slot',
  summary: 'Search free Slots (FHIR R4)',
  description: `Of one schedule, or of one practitioner, by start. ${search}`,
  access: 'Practitioner.s',
  scope: 'Slot.s',
  patient: 'none',
  fhir: { resource: 'Slot', interaction: 'search-type', search: ofSlots },
  query: SearchQuery({
    schedule: Values('Schedule/018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f', ofSlots.schedule.documentation),
    'schedule.actor': Values(
      'Practitioner/018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f',
      ofSlots['schedule.actor'].documentation,
    ),
    start: Values('ge2031-03-03', ofSlots.start.documentation),
    status: Values('free', ofSlots.status.documentation),
  }),
  response: Searchset(Slot, 'FhirSlots'),
})
