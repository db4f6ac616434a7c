import ical, {
  ICalAttendeeRole,
  ICalAttendeeStatus,
  type ICalCalendar,
  ICalCalendarMethod,
  ICalEventBusyStatus,
  ICalEventStatus,
} from 'ical-generator'
import type { Part } from './queries.ts'
import { calendarEntry } from './render.ts'
import type { AppointmentParams } from './words/words.ts'

export type Invitation = { method: 'REQUEST' | 'CANCEL' | 'PUBLISH'; content: string }

interface InvitationOptions {
  cancelled: boolean
  visits: readonly (AppointmentParams & { appointment: string })[]
  part: Part
  language: string
  /** Host of this installation, as the second half of the UID. */
  host: string
  organizer: { name: string; email: string }
  attendee: { name: string; email: string }
  now: Date
}

/**
 * An iTIP message (RFC 5546): the same UID for the life of an appointment and a SEQUENCE that rises, so that a calendar moves or removes
 * the entry it has. Several appointments are published, since one request is of one UID (§3.2). Times are UTC; the calendar shows them on its owner's clock.
 */
export function invitationFor(options: InvitationOptions): Invitation {
  const { cancelled, visits } = options
  const single = cancelled ? 'CANCEL' : 'REQUEST'
  const method = visits.length === 1 ? single : 'PUBLISH'
  const calendar = ical({
    prodId: { company: 'OpenHCS', product: 'Appointments', language: 'EN' },
    method: ICalCalendarMethod[method],
  })
  for (const visit of visits) addEvent(calendar, visit, options, method === 'PUBLISH')
  return { method, content: calendar.toString() }
}

function addEvent(
  calendar: ICalCalendar,
  { appointment, ...params }: InvitationOptions['visits'][number],
  { cancelled, part, language, host, organizer, attendee, now }: InvitationOptions,
  published: boolean,
): void {
  const event = calendar.createEvent({
    id: `appointment-${appointment}@${host}`,
    sequence: params.sequence,
    stamp: now,
    start: new Date(params.start),
    end: new Date(params.end),
    summary: calendarEntry(part, params, language),
    status: cancelled ? ICalEventStatus.CANCELLED : ICalEventStatus.CONFIRMED,
    busystatus: cancelled ? ICalEventBusyStatus.FREE : ICalEventBusyStatus.BUSY,
    organizer,
    ...(params.place !== undefined && { location: params.place }),
  })
  // The booking is the acceptance; there is nobody behind the organizer's address to answer to. What is published has no attendees (RFC 5546 §3.2.1).
  if (!published)
    event.createAttendee({ ...attendee, role: ICalAttendeeRole.REQ, status: ICalAttendeeStatus.ACCEPTED, rsvp: false })
}
