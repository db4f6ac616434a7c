import { hash } from 'node:crypto'
import ical, { ICalCalendarMethod, ICalEventStatus, ICalEventTransparency } from 'ical-generator'
import type { AppointmentRow } from '../queries/booking.ts'
import type { aroundThem } from './queries/feeds.ts'

// Visits as entries of a calendar that leaves the house: when, and as much of with whom and where as may be known there; never why.

export interface Entry {
  id: string
  patient: string
  uid: string
  sequence: number
  /** When the visit last changed; also the DTSTAMP, so that an entry that is the same reads the same. */
  stamp: Date
  start: Date
  end: Date
  zone: string
  summary: string
  location: string | undefined
  cancelled: boolean
  /** Of what is in it. */
  etag: string
}

export interface Telling {
  shows: string
  /** Of patients, where the feed is to name them. */
  names: ReadonlyMap<string, string>
  /** Of this installation, as in invitations. */
  host: string
}

type Around = ReturnType<Awaited<ReturnType<typeof aroundThem>>['get']>

export function entryOf(row: AppointmentRow, around: Around, telling: Telling): Entry {
  const sensitive = around?.category !== 'general'
  const entry = {
    id: row.id,
    patient: row.patient_id,
    uid: `appointment-${row.id}@${telling.host}`,
    sequence: row.sequence,
    stamp: around?.updated_at ?? row.updated_at,
    start: row.start_at,
    end: row.end_at,
    zone: row.zone,
    summary: sensitive ? 'Appointment' : summaryOf(row, around, telling),
    location: (!sensitive && around?.place && plain(around.place)) || undefined,
    cancelled: row.status === 'cancelled',
  }
  return { ...entry, etag: hash('sha256', JSON.stringify(entry), 'base64url').slice(0, 22) }
}

function summaryOf(row: AppointmentRow, around: NonNullable<Around>, { shows, names }: Telling): string {
  const patient = names.get(row.patient_id)
  if (shows === 'practice') return patient ? `Appointment with ${plain(patient)}` : 'Appointment'
  const visit = around.practitioner ? `Appointment with ${plain(around.practitioner)}` : 'Appointment'
  return patient ? `${visit} (${plain(patient)})` : visit
}

/** Names are chosen by people: one line each, which does not turn the direction of what follows. */
const plain = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu, ' ')
    .trim()

/** An iCalendar text of these. One that is published says so (RFC 5546); an object of CalDAV must not (RFC 4791 §4.1). */
export function calendarText(entries: readonly Entry[], published?: { name: string }): string {
  const calendar = ical({
    prodId: { company: 'OpenHCS', product: 'Appointments', language: 'EN' },
    ...(published && { name: plain(published.name), method: ICalCalendarMethod.PUBLISH, ttl: 3_600 }),
  })
  const zone = entries.at(-1)?.zone
  if (published && zone) calendar.x('X-WR-TIMEZONE', zone)
  for (const one of entries)
    calendar.createEvent({
      id: one.uid,
      sequence: one.sequence,
      stamp: one.stamp,
      lastModified: one.stamp,
      start: one.start,
      end: one.end,
      summary: one.summary,
      status: one.cancelled ? ICalEventStatus.CANCELLED : ICalEventStatus.CONFIRMED,
      transparency: one.cancelled ? ICalEventTransparency.TRANSPARENT : ICalEventTransparency.OPAQUE,
      ...(one.location !== undefined && { location: one.location }),
    })
  return calendar.toString()
}
