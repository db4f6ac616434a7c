import ical, {
  ICalAttendeeRole,
  ICalAttendeeStatus,
  ICalCalendarMethod,
  ICalEventBusyStatus,
  ICalEventStatus,
} from 'ical-generator'
import type { Part } from './queries.ts'
import { calendarEntry } from './render.ts'
import type { AppointmentParams } from './words/words.ts'

interface InvitationOptions {
  method: 'REQUEST' | 'CANCEL'
  appointment: string
  params: AppointmentParams
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
 * the entry it has. Times are UTC; the calendar shows them on its owner's clock.
 */
export function invitationFor(options: InvitationOptions): { method: 'REQUEST' | 'CANCEL'; content: string } {
  const { method, appointment, params, part, language, host, organizer, attendee, now } = options
  const calendar = ical({
    prodId: { company: 'OpenHCS', product: 'Appointments', language: 'EN' },
    method: ICalCalendarMethod[method],
  })
  const event = calendar.createEvent({
    id: `appointment-${appointment}@${host}`,
    sequence: params.sequence,
    stamp: now,
    start: new Date(params.start),
    end: new Date(params.end),
    summary: calendarEntry(part, params, language),
    status: method === 'CANCEL' ? ICalEventStatus.CANCELLED : ICalEventStatus.CONFIRMED,
    busystatus: method === 'CANCEL' ? ICalEventBusyStatus.FREE : ICalEventBusyStatus.BUSY,
    organizer,
    ...(params.place !== undefined && { location: params.place }),
  })
  // The booking is the acceptance; there is nobody behind the organizer's address to answer to.
  event.createAttendee({ ...attendee, role: ICalAttendeeRole.REQ, status: ICalAttendeeStatus.ACCEPTED, rsvp: false })
  return { method, content: calendar.toString() }
}
