import type { Static } from 'typebox'
import type { ConsultationSummary } from './contract.ts'
import type { ConsultationRow } from './queries.ts'

type Summary = Static<typeof ConsultationSummary>

/** Longer than any visit takes: a link that still opens a room to whoever has it is shown no longer. Signing, or an error, deletes it. */
const LINK_FOR = 12 * 3_600_000

const isOver = ({ started_at }: ConsultationRow, now: Date): boolean => now.getTime() >= started_at.getTime() + LINK_FOR

export const toSummary = (row: ConsultationRow, now: Date): Summary => ({
  id: row.id,
  status: row.status as Summary['status'],
  patient: row.patient_id,
  practitioner: row.practitioner_id,
  practitioners: row.practitioner_ids,
  ...(row.appointment_id !== null && { appointment: row.appointment_id }),
  ...(row.queue_entry_id !== null && { queueEntry: row.queue_entry_id }),
  mode: row.mode as Summary['mode'],
  ...(row.link !== null && !isOver(row, now) && { link: row.link }),
  category: row.category as Summary['category'],
  startedAt: row.started_at.toISOString(),
  ...(row.signed_at !== null && { signedAt: row.signed_at.toISOString() }),
  version: row.version,
})
