import { slotId } from '#services/scheduling/fhir/slot.ts'
import { asking, bookers, of, plain, type Rows } from './row.ts'
import type { World } from './world.ts'

// The FHIR face of scheduling: who gets through is who gets through to the same on /v1.

const at = ({ okello }: World['ids'], start: string) =>
  slotId({ practitioner: okello, start: new Date(start), service: null })

export const fhir: Record<string, Rows> = {
  readFhirSchedule: of('schedule'),
  searchFhirSchedules: asking(({ okello }) => ({ query: `actor=Practitioner/${okello}` })),
  readFhirSlot: asking((ids) => ({ params: { id: at(ids, '2031-03-03T11:00:00Z') } })),
  searchFhirSlots: asking(({ schedule }) => ({ query: `schedule=Schedule/${schedule}&start=2031-03-03` })),
  readFhirAppointment: of('appointment', [...bookers, 'holder']),
  searchFhirAppointments: {
    ...plain,
    shows: { of: ({ appointment }) => appointment, to: [...bookers, 'holder'] },
  },
}
