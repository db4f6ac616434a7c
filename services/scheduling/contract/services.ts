import { Type } from 'typebox'
import { Closed, Id, IdParams, Line, operation, Page, PageQuery, Version } from '#platform/operation.ts'
import { Speciality } from './schedules.ts'

export const ServiceCode = Type.String({
  pattern: '^[a-z][a-z0-9-]{1,63}$',
  examples: ['vaccination'],
  description: 'The same for what is the same with every practitioner, so that a search finds it',
})
const minutes = (examples: number[], maximum: number, description: string) =>
  Type.Optional(Type.Integer({ minimum: 0, maximum, multipleOf: 5, default: 0, examples, description }))
const limit = (description: string) =>
  Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, examples: [12], description }))

const serviceFacts = {
  code: ServiceCode,
  name: Line(120, 'Vaccination'),
  speciality: Speciality,
  minutes: Type.Integer({ minimum: 5, maximum: 480, multipleOf: 5, examples: [15], description: 'Length of a visit' }),
  before: minutes([5], 240, 'Minutes to prepare: the calendar is taken, the patient is not'),
  after: minutes([5], 240, 'Minutes to finish, in the same way'),
  notice: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 43_200,
      default: 0,
      examples: [1_440],
      description: 'Minutes before its start until which a visit can be booked',
    }),
  ),
  window: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 90, default: 90, examples: [30], description: 'Days ahead it can be booked' }),
  ),
  seats: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 200,
      default: 1,
      examples: [12],
      description: 'Patients who come at the same time: a group. Limits by day and week then count groups',
    }),
  ),
  perDay: limit('Visits of it on one day, at most; days begin at midnight where the hours are'),
  perWeek: limit('Visits of it in one week, which begins on Monday'),
}

export const Service = Closed({ id: Id, practitioner: Id, ...serviceFacts, version: Version }, { title: 'Service' })
export const ServiceChange = Closed(serviceFacts, { title: 'ServiceChange' })
export const NewService = Closed({ practitioner: Type.Optional(Id), ...serviceFacts }, { title: 'NewService' })

export const createService = operation({
  id: 'createService',
  method: 'POST',
  url: '/v1/services',
  summary: 'Describe what can be booked, with its length and its rules',
  description: 'A schedule that lists it offers it. Its length includes neither the minutes before nor those after.',
  access: 'Schedule.c',
  body: NewService,
  problems: ['not-found', 'duplicate'],
  status: 201,
  response: Service,
})
export const readService = operation({
  id: 'readService',
  method: 'GET',
  url: '/v1/services/:id',
  summary: 'Read a service',
  access: 'Practitioner.s',
  patient: 'none',
  params: IdParams,
  response: Service,
})
export const listServices = operation({
  id: 'listServices',
  method: 'GET',
  url: '/v1/practitioners/:id/services',
  summary: 'What a practitioner offers',
  access: 'Practitioner.s',
  patient: 'none',
  params: IdParams,
  query: Closed(PageQuery),
  response: Page(Service),
})
export const updateService = operation({
  id: 'updateService',
  method: 'PUT',
  url: '/v1/services/:id',
  summary: 'Change a service',
  description: 'Visits that are booked stay as they are.',
  access: 'Schedule.u',
  params: IdParams,
  body: ServiceChange,
  ifMatch: true,
  problems: ['duplicate'],
  response: Service,
})
export const deleteService = operation({
  id: 'deleteService',
  method: 'DELETE',
  url: '/v1/services/:id',
  summary: 'Offer a service no more',
  description: 'Not while a schedule lists it: 409. Visits that are booked stay.',
  access: 'Schedule.d',
  params: IdParams,
  ifMatch: true,
  problems: ['conflict'],
})
