import type { Country } from './generate.ts'
import { instant, range } from './instant.ts'
import type { Batch, Row } from './queries.ts'
import type { Visit } from './visits.ts'

/** Visits, and claims of those to come: what is over takes nobody's time. */
export function* visitRows({ visits, day, placeIds }: Country): Generator<Batch> {
  const ahead = visits.filter(({ status, start }) => status === 'booked' && start >= day.midnight)
  yield ['scheduling.appointment', visits.map((visit) => visitRow(visit, placeIds))]
  yield ['scheduling.claim', ahead.flatMap(claimRows)]
}

/** A visit that has been closed or cancelled was changed once. */
const visitRow = (v: Visit, placeIds: readonly string[]): Row => ({
  id: v.id,
  status: v.status,
  practitioner_id: v.schedule.practitioner.id,
  patient_id: v.patient.id,
  schedule_id: v.schedule.id,
  place_id: v.schedule.place === null ? null : placeIds[v.schedule.place],
  resources: v.schedule.room ? [v.schedule.room.id] : [],
  mode: v.mode,
  zone: v.schedule.zone,
  start_at: instant(v.start),
  end_at: instant(v.end),
  reason: v.reason,
  cancel_reason: v.cancelReason,
  made_by: v.by.account?.id,
  relationship: v.relationship,
  sequence: v.status === 'cancelled' ? 1 : 0,
  version: v.status === 'booked' ? 1 : 2,
  created_at: instant(v.createdAt),
  updated_at: instant(v.status === 'booked' || v.status === 'cancelled' ? v.createdAt : v.end),
  demo: true,
})

const claimRows = ({ id, schedule, patient, start, end }: Visit): Row[] =>
  [schedule.practitioner.id, patient.id, ...(schedule.room ? [schedule.room.id] : [])].map((resource) => ({
    holder_id: id,
    resource_id: resource,
    lane: 0,
    during: range(start, end),
  }))
