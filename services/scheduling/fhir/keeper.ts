import type { Keeper } from '#platform/keeper.ts'
import type { SchedulingTables } from '../tables.ts'

/**
 * Visits are cancelled by FHIR wherever a resource is changed, and booked by a door of their own (write-visit.ts); what is on offer is placed by /v1. What it takes to
 * cancel one is loaded when somebody does: every process that serves the face has this file.
 */
export const keeper: Keeper<SchedulingTables> = {
  types: ['Appointment'],
  refuses,
  hold: async (...given) => (await import('./keep-visits.ts')).hold(...given),
  keep: async (...given) => (await import('./keep-visits.ts')).keep(...given),
}

/** A booking is tried again as a whole where it loses a race, which a part of a bundle cannot be. */
function refuses(type: string, letter: 'c' | 'u' | 'd'): string | undefined {
  if (type === 'Appointment' && letter === 'u') return undefined
  if (type === 'Appointment')
    return 'A visit is booked by POST /fhir/R4/Appointment, by itself, and is never deleted: it is cancelled, by its status.'
  return type === 'AppointmentResponse'
    ? 'What somebody answered follows from the visit; see POST /v1/appointments/{id}/decline.'
    : 'What is on offer is read here, and changed by /v1; see GET /fhir/R4/metadata.'
}
