import { Type } from 'typebox'
import { Closed, Id, Instant, operation, Page, PageQuery, Version, Zone } from '#platform/operation.ts'

const Cause = Type.Enum(['hours', 'exception', 'holiday', 'withdrawn', 'zone', 'declined'], { examples: ['exception'] })

export const Rebooking = Closed(
  {
    appointment: Id,
    practitioner: Id,
    patient: Id,
    start: Instant,
    end: Instant,
    zone: Zone,
    cause: Cause,
    since: Instant,
    version: Version,
  },
  { title: 'Rebooking' },
)

const whose = Type.Optional(
  Type.String({ ...Id, description: 'A practitioner; at a desk needed. Default: the one who asks' }),
)

export const listRebookings = operation({
  id: 'listRebookings',
  method: 'GET',
  url: '/v1/rebookings',
  summary: 'Visits that a change of hours has left outside of them, by start',
  description:
    'And those that one of several who give them has declined. They are booked still. Each goes from the list when it is moved or cancelled, or when the hours come back.',
  access: 'Appointment.s',
  patient: 'condition',
  query: Closed({ practitioner: whose, ...PageQuery }),
  response: Page(Rebooking),
})

const Move = Closed({ appointment: Id, practitioner: Id, start: Instant }, { title: 'RebookingMove' })

export const planRebookings = operation({
  id: 'planRebookings',
  method: 'POST',
  url: '/v1/rebookings/plan',
  summary: 'Propose new times for all of them at once',
  description:
    'For each the free time nearest to the old one, no time twice, with the same practitioner or, where they are named, whichever of the others has it first. Nothing is booked.',
  access: 'Appointment.s',
  patient: 'condition',
  body: Closed(
    {
      practitioner: whose,
      others: Type.Optional(
        Type.Array(Id, { maxItems: 20, uniqueItems: true, description: 'Colleagues who take over; default: none' }),
      ),
    },
    { title: 'RebookingWish' },
  ),
  response: Closed({
    moves: Type.Array(Move),
    left: Type.Array(Id, { description: 'Appointments for which there is no free time' }),
  }),
})

export const moveRebookings = operation({
  id: 'moveRebookings',
  method: 'POST',
  url: '/v1/rebookings/move',
  summary: 'Move many visits, each for itself',
  description:
    'To another practitioner, the old visit is cancelled and a new one booked in one step. One that cannot be moved says why and stays; the others are moved.',
  access: 'Appointment.u',
  patient: 'condition',
  body: Closed({ moves: Type.Array(Move, { minItems: 1, maxItems: 100 }) }, { title: 'RebookingMoves' }),
  response: Closed({
    items: Type.Array(
      Closed(
        {
          appointment: Id,
          moved: Type.Boolean({ examples: [true] }),
          as: Type.Optional(Type.String({ ...Id, description: 'The appointment that it is now' })),
          code: Type.Optional(Type.String({ examples: ['conflict'], description: 'Why not' })),
          detail: Type.Optional(Type.String({ examples: ['This time has just been taken.'] })),
        },
        { title: 'RebookingResult' },
      ),
    ),
  }),
})
