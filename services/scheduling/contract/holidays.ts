import { Type } from 'typebox'
import { CalendarDate, Closed, Id, IdParams, Line, operation, Page, PageQuery } from '#platform/operation.ts'
import { AcceptAffected } from './schedules.ts'

export const Holiday = Closed({ id: Id, date: CalendarDate, name: Line(120, 'New Year') }, { title: 'Holiday' })

export const createHolidays = operation({
  id: 'createHolidays',
  method: 'POST',
  url: '/v1/places/:id/holidays',
  summary: 'Close a place on some days',
  description:
    'Nobody has hours there then, but schedules that say `onHolidays` and hours that are added on the day. If visits are booked on one of them, answers 409 with their ids in `affected`; repeat with acceptAffected=true. They stay booked, and wait in GET /v1/rebookings.',
  access: 'Holiday.c',
  params: IdParams,
  query: AcceptAffected,
  body: Closed(
    {
      days: Type.Array(Closed({ date: CalendarDate, name: Line(120, 'New Year') }), {
        minItems: 1,
        maxItems: 50,
        uniqueItems: true,
      }),
    },
    { title: 'NewHolidays' },
  ),
  problems: ['conflict', 'business-rule'],
  status: 201,
  response: Closed({ items: Type.Array(Holiday), affected: Type.Array(Id) }, { title: 'Holidays' }),
})
export const listHolidays = operation({
  id: 'listHolidays',
  method: 'GET',
  url: '/v1/places/:id/holidays',
  summary: 'Days on which a place is closed, from today on',
  access: 'Practitioner.s',
  patient: 'none',
  params: IdParams,
  query: Closed(PageQuery),
  response: Page(Holiday),
})
export const deleteHoliday = operation({
  id: 'deleteHoliday',
  method: 'DELETE',
  url: '/v1/places/:id/holidays/:holiday',
  summary: 'Open a place on a day after all',
  access: 'Holiday.d',
  params: Closed({ id: Id, holiday: Id }),
})
