import type { Static } from 'typebox'
import { dateIn } from '#platform/wall-clock.ts'
import type { Schedule } from '../contract/fhir/slots.ts'
import { modesInFhir, serviceInFhir, specialityInFhir } from './coded.ts'
import type { OfferedScheduleRow } from './queries.ts'

/** R4 Schedule: as much of it as whoever looks for care may know. */
export function scheduleInFhir(row: OfferedScheduleRow, publicUrl: string, now: Date): Static<typeof Schedule> {
  const today = dateIn(row.zone, now)
  const last = row.valid_until !== null && row.valid_until < row.expanded_until ? row.valid_until : row.expanded_until
  const [, start = today] = [row.valid_from, today].sort()
  return {
    resourceType: 'Schedule',
    id: row.id,
    active: row.licensed && last >= today,
    serviceCategory: modesInFhir(row.modes),
    ...(row.services.length > 0 && {
      serviceType: row.services.map(({ code, name }) => serviceInFhir(publicUrl, code, name)),
    }),
    specialty: row.specialities.map((code) => specialityInFhir(publicUrl, code)),
    actor: [
      { reference: `Practitioner/${row.practitioner_id}`, display: row.practitioner },
      ...(row.place_id ? [{ reference: `Location/${row.place_id}`, display: row.place ?? '' }] : []),
    ],
    ...(start <= last && { planningHorizon: { start, end: last } }),
  }
}
