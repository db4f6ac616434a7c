import { Type } from 'typebox'
import { Closed, IdParams, Line, operation, Version } from '#platform/operation.ts'

const Before = (description: string) =>
  Type.Integer({
    minimum: 0,
    maximum: 43_200,
    examples: [1_440],
    description: `Minutes before the start ${description}`,
  })

const facts = {
  cancel: Before('until which patients, and who books for them, cancel by themselves'),
  move: Before('until which they move it by themselves'),
  moves: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 20, examples: [2], description: 'How often they may; default: any number' }),
  ),
  contact: Type.Optional(Line(200, 'Call the desk: +251 11 155 0000')),
}

export const BookingPolicy = Closed({ ...facts, version: Version }, { title: 'BookingPolicy' })
export const BookingPolicyChange = Closed(facts, { title: 'BookingPolicyChange' })

const read = {
  method: 'GET',
  access: 'Practitioner.s',
  patient: 'none',
  params: IdParams,
  response: BookingPolicy,
} as const
const write = {
  method: 'PUT',
  access: 'Schedule.u',
  params: IdParams,
  body: BookingPolicyChange,
  ifMatch: true,
  response: BookingPolicy,
} as const
const RULE = 'Practitioners and desks cancel and move at any time before the start. Without a policy so does everybody.'

export const readPractitionerPolicy = operation({
  ...read,
  id: 'readPractitionerPolicy',
  url: '/v1/practitioners/:id/booking-policy',
  summary: 'Until when visits of a practitioner are cancelled and moved by patients',
  description: `It goes before that of the place’s organisation. ${RULE}`,
})
export const updatePractitionerPolicy = operation({
  ...write,
  id: 'updatePractitionerPolicy',
  url: '/v1/practitioners/:id/booking-policy',
  summary: 'Say until when one’s visits are cancelled and moved by patients',
  description:
    'By the practitioner, or the desk that keeps their hours. It holds for visits that are booked already, too.',
})
export const readOrganisationPolicy = operation({
  ...read,
  id: 'readOrganisationPolicy',
  url: '/v1/organisations/:id/booking-policy',
  summary: 'Until when visits at an organisation’s places are cancelled and moved by patients',
  description: RULE,
})
export const updateOrganisationPolicy = operation({
  ...write,
  id: 'updateOrganisationPolicy',
  url: '/v1/organisations/:id/booking-policy',
  summary: 'Say until when visits at an organisation’s places are cancelled and moved by patients',
  description: 'By a manager who works there.',
})
