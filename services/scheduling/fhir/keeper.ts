import type { Keeper } from '#platform/keeper.ts'
import type { SchedulingTables } from '../tables.ts'

/** Visits are booked and cancelled by doors of their own (write-visit.ts), and not in the transaction of a bundle; what is on offer is placed by /v1. */
export const keeper: Keeper<SchedulingTables> = {
  types: [],
  refuses: (type) =>
    type.startsWith('Appointment')
      ? 'A visit is booked by POST /fhir/R4/Appointment and cancelled by PUT /fhir/R4/Appointment/{id}, each by itself; the rest is for /v1.'
      : 'What is on offer is read here, and changed by /v1; see GET /fhir/R4/metadata.',
  hold: async () => new Map(),
  keep: async () => [],
}
