import type { Static } from 'typebox'
import type { Appointment } from './contract/appointments.ts'
import type { AppointmentRow } from './queries/booking.ts'

type View = Static<typeof Appointment>

/** Row → what the API shows. */
export function toAppointment(row: AppointmentRow): View {
  return {
    id: row.id,
    status: row.status as View['status'],
    practitioner: row.practitioner_id,
    patient: row.patient_id,
    ...(row.place_id && { place: row.place_id }),
    ...(row.service_id && { service: row.service_id }),
    mode: row.mode as View['mode'],
    start: row.start_at.toISOString(),
    end: row.end_at.toISOString(),
    zone: row.zone,
    ...(row.reason && { reason: row.reason }),
    ...(row.cancel_reason && { cancelReason: row.cancel_reason as NonNullable<View['cancelReason']> }),
    ...(row.cancel_note && { cancelNote: row.cancel_note }),
    ...(row.overbooked !== null && { overbooked: true }),
    ...(row.confirmed_at && { confirmedAt: row.confirmed_at.toISOString() }),
    ...(row.series_id !== null &&
      row.series_number !== null && { series: row.series_id, seriesNumber: row.series_number }),
    ...(row.together !== null &&
      row.given_by !== null && { together: { appointment: row.together, practitioners: row.given_by } }),
    channel: row.channel as View['channel'],
    sequence: row.sequence,
    version: row.version,
  }
}
