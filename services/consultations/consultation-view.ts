import type { Static } from 'typebox'
import type { ConsultationSummary } from './contract.ts'
import type { ConsultationRow } from './queries.ts'

type Summary = Static<typeof ConsultationSummary>

export const toSummary = (row: ConsultationRow): Summary => ({
  id: row.id,
  status: row.status as Summary['status'],
  patient: row.patient_id,
  practitioner: row.practitioner_id,
  practitioners: row.practitioner_ids,
  ...(row.appointment_id !== null && { appointment: row.appointment_id }),
  ...(row.queue_entry_id !== null && { queueEntry: row.queue_entry_id }),
  mode: row.mode as Summary['mode'],
  ...(row.link !== null && { link: row.link }),
  category: row.category as Summary['category'],
  startedAt: row.started_at.toISOString(),
  ...(row.signed_at !== null && { signedAt: row.signed_at.toISOString() }),
  version: row.version,
})
