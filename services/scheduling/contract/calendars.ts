import { Type } from 'typebox'
import { Closed, Id, IdParams, Instant, Line, operation, Page, PageQuery, Zone } from '#platform/operation.ts'
import { whose } from './schedules.ts'

// Calendars beyond the house: those elsewhere whose busy times close hours here.

const label = Line(60, 'My diary at the hospital')

/** Why a calendar could not be read, as a code. */
export const calendarErrors = [
  'address-refused',
  'unreachable',
  'too-slow',
  'too-large',
  'unauthorised',
  'not-there',
  'server-error',
  'not-a-calendar',
  'too-complex',
] as const

const shown = {
  id: Id,
  practitioner: Id,
  label,
  kind: Type.Enum(['ics', 'caldav'], {
    examples: ['ics'],
    description: 'A file in iCalendar (RFC 5545), or a collection of a CalDAV server (RFC 4791)',
  }),
  host: Type.String({ examples: ['calendar.example.org'], description: 'Of the address, which is never shown again' }),
  zone: Zone,
  state: Type.Enum(['waiting', 'read', 'failing'], { examples: ['read'] }),
  error: Type.Optional(
    Type.Enum([...calendarErrors], {
      examples: ['unauthorised'],
      description: 'Why the last attempt failed; busy times stay as they were read before',
    }),
  ),
  triedAt: Type.Optional(Instant),
  readAt: Type.Optional(Type.String({ ...Instant, description: 'When it was last read, or found unchanged' })),
  nextAt: Type.String({
    ...Instant,
    description: 'When it is read again: every 15 minutes, and more rarely while it fails',
  }),
  unread: Type.Integer({
    minimum: 0,
    examples: [0],
    description: 'Entries that could not be made sense of, and close nothing',
  }),
}

export const BusyCalendar = Closed(
  {
    ...shown,
    affected: Type.Array(Id, {
      description: 'Booked appointments that lie in its busy times. They stay booked: move or cancel them, or come',
    }),
  },
  { title: 'BusyCalendar' },
)

export const createBusyCalendar = operation({
  id: 'createBusyCalendar',
  method: 'POST',
  url: '/v1/busy-calendars',
  summary: 'Let the busy times of a calendar elsewhere close one’s hours',
  description:
    'The calendar is read every 15 minutes, 90 days ahead. Only from when until when somebody is busy is kept: no titles, places or people. Entries that are cancelled or do not block (`TRANSP:TRANSPARENT`) count for nothing, and neither do visits of this service. What is booked already stays booked, and is listed as `affected`. Address, user and password are kept encrypted and never shown. A desk does this for a practitioner without an account.',
  access: 'Schedule.c',
  body: Closed(
    {
      practitioner: whose,
      label,
      kind: shown.kind,
      address: Type.String({
        minLength: 8,
        maxLength: 2_000,
        pattern: '^(https?|webcals?)://[\\u0021-\\u007e]+$',
        examples: ['https://calendar.example.org/feeds/private-0123456789/basic.ics'],
        description: 'Of the file, or of the collection. `webcal:` is read as `https:`',
      }),
      user: Type.Optional(Line(200, 'okello')),
      password: Type.Optional(Line(500, 'an app password')),
      zone: Type.Optional(
        Type.String({
          ...Zone,
          description: 'Of whole days, and of times that name no zone. Default: that of one’s hours',
        }),
      ),
    },
    { title: 'NewBusyCalendar' },
  ),
  problems: ['not-found'],
  status: 201,
  response: BusyCalendar,
})

export const listBusyCalendars = operation({
  id: 'listBusyCalendars',
  method: 'GET',
  url: '/v1/busy-calendars',
  summary: 'Calendars elsewhere whose busy times close hours, with how it stands with them',
  access: 'Schedule.s',
  query: Closed({ practitioner: whose, ...PageQuery }),
  response: Page(BusyCalendar),
  problems: ['not-found'],
})

export const readBusyCalendar = operation({
  id: 'readBusyCalendar',
  method: 'GET',
  url: '/v1/busy-calendars/:id',
  summary: 'Read how it stands with a calendar elsewhere',
  access: 'Schedule.r',
  params: IdParams,
  response: BusyCalendar,
})

export const deleteBusyCalendar = operation({
  id: 'deleteBusyCalendar',
  method: 'DELETE',
  url: '/v1/busy-calendars/:id',
  summary: 'Let a calendar elsewhere close hours no more',
  description: 'Its busy times are open again at once, and its address and password are forgotten.',
  access: 'Schedule.d',
  params: IdParams,
})

// Feeds: one's visits, for a calendar program.

const feedFacts = {
  label: Line(60, 'My phone'),
  kind: Type.Enum(['ics', 'caldav'], {
    examples: ['ics'],
    description:
      'An address that any calendar subscribes to (RFC 5545), or a CalDAV account for a phone (RFC 4791), to read',
  }),
  shows: Type.Enum(['visits', 'practice'], {
    examples: ['visits'],
    description: '`visits`: of everybody for whom one may book, oneself included. `practice`: those of whom one treats',
  }),
  names: Type.Boolean({ default: false, examples: [false], description: 'Whether patients are named in it' }),
}

export const CalendarFeed = Closed(
  {
    id: Id,
    ...feedFacts,
    createdAt: Instant,
    usedAt: Type.String({
      ...Instant,
      description: 'When it was last read, to a few minutes; when it was made, if never',
    }),
  },
  { title: 'CalendarFeed' },
)

export const createCalendarFeed = operation({
  id: 'createCalendarFeed',
  method: 'POST',
  url: '/v1/calendar-feeds',
  summary: 'Make a feed of one’s visits for a calendar program',
  description:
    'The address, or with CalDAV the password, is shown this once: whoever has it reads the feed. What is in it is decided each time that it is read, by what one may see then: the last 30 days and all that lies ahead, when, with whom and where, never why. Of a sensitive speciality it says `Appointment` and no more. Entries have the UID of the invitations. It ends when it is deleted, when nobody has read it for 180 days, and with all sessions: when the password is changed or the account closed.',
  access: 'signed-in',
  idempotent: false,
  body: Closed(
    { ...feedFacts, names: Type.Optional(feedFacts.names) },
    { title: 'NewCalendarFeed', examples: [{ label: 'My phone', kind: 'ics', shows: 'visits' }] },
  ),
  problems: ['business-rule'],
  status: 201,
  response: Closed(
    {
      ...CalendarFeed.properties,
      address: Type.String({ examples: ['https://openhcs.example/calendars/ohcs_secret.ics'] }),
      user: Type.Optional(Type.String({ examples: ['calendar'] })),
      password: Type.Optional(Type.String({ examples: ['ohcs_secret'] })),
    },
    { title: 'NewCalendarFeedAddress' },
  ),
})

export const listCalendarFeeds = operation({
  id: 'listCalendarFeeds',
  method: 'GET',
  url: '/v1/calendar-feeds',
  summary: 'One’s feeds, with when each was last read',
  access: 'signed-in',
  query: Closed(PageQuery),
  response: Page(CalendarFeed),
})

export const deleteCalendarFeed = operation({
  id: 'deleteCalendarFeed',
  method: 'DELETE',
  url: '/v1/calendar-feeds/:id',
  summary: 'End a feed: its address opens nothing from the next request on',
  access: 'signed-in',
  params: IdParams,
})

export const readCalendarFeed = operation({
  id: 'readCalendarFeed',
  method: 'GET',
  url: '/calendars/:feed',
  summary: 'Read a feed, as a calendar program does',
  description:
    'The secret in the address is all that is asked for. With `If-None-Match` it answers 304 where nothing has changed.',
  access: 'public',
  perMinute: 120,
  params: Closed({
    feed: Type.String({
      pattern: '^ohcs_[A-Za-z0-9_-]{43}\\.ics$',
      maxLength: 60,
      examples: [`ohcs_${'x'.repeat(43)}.ics`],
    }),
  }),
  download: 'text/calendar',
})
