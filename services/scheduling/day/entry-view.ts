import type { Static } from 'typebox'
import type { QueueEntry } from '../contract/queues.ts'
import { priorityOf } from './order.ts'
import type { EntryRow } from './queries/entries.ts'

type View = Static<typeof QueueEntry>

/** Row → what the API shows. */
export function toEntry(row: EntryRow, wait?: View['wait']): View {
  return {
    id: row.id,
    queue: row.queue_id,
    label: labelOf(row),
    date: row.on_date,
    state: row.state as View['state'],
    ...(row.appointment_id && { appointment: row.appointment_id }),
    ...(row.patient_id && { patient: row.patient_id }),
    ...(row.first_name && { firstName: row.first_name }),
    ...((row.called_by ?? row.practitioner_id) && { practitioner: row.called_by ?? (row.practitioner_id as string) }),
    priority: priorityOf(row.priority),
    ...(row.priority_reason && { priorityReason: row.priority_reason as NonNullable<View['priorityReason']> }),
    dueAt: row.due_at.toISOString(),
    arrivedAt: row.arrived_at.toISOString(),
    ...(row.called_at && { calledAt: row.called_at.toISOString() }),
    ...(row.ended_at && { endedAt: row.ended_at.toISOString() }),
    ...(row.reason && { reason: row.reason }),
    ...(wait && { wait }),
    version: row.version,
  }
}

/** On the slip and on the screen. */
export const labelOf = ({ letter, number }: Pick<EntryRow, 'letter' | 'number'>): string => `${letter}${number}`
