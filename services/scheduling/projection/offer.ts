import { modesInFhir, serviceInFhir, specialityInFhir } from '../fhir/coded.ts'
import type { ScheduleFacts, ServiceFacts } from './queries.ts'

// What is on offer, as FHIR R4. What has no value now is there as `undefined`: it belongs to this room, and nothing else stands in its place.

type Elements = Record<string, unknown>

const filled = <T>(list: readonly T[]) => (list.length > 0 ? list : undefined)
const UCUM = 'http://unitsofmeasure.org'

/** How long a visit takes; R4 has no element for it. */
const durationOf = (publicUrl: string, minutes: number) => ({
  url: `${publicUrl}/fhir/R4/StructureDefinition/healthcareservice-duration`,
  valueDuration: { value: minutes, unit: 'minutes', system: UCUM, code: 'min' },
})

/** Found by its id, by which appointments name it, and by the code by which searches for care do. When it is given, free Slots say. */
export function serviceElements(row: ServiceFacts, publicUrl: string): Elements {
  const [organisation, ...others] = row.organisations
  const isOfOne = organisation !== undefined && others.length === 0
  return {
    extension: [durationOf(publicUrl, row.minutes)],
    identifier: [{ system: `${publicUrl}/v1/services`, value: row.id }],
    active: true,
    providedBy: isOfOne ? { reference: `Organization/${organisation}` } : undefined,
    category: filled(modesInFhir(row.modes)),
    type: [serviceInFhir(publicUrl, row.code, row.name)],
    specialty: [specialityInFhir(publicUrl, row.speciality)],
    location: filled(row.places.map((place) => ({ reference: `Location/${place}` }))),
    name: row.name,
    appointmentRequired: true,
  }
}

/** What lasts of it: how far ahead its hours are written out today, GET /fhir/R4/Schedule/:id says. */
export const scheduleElements = (row: ScheduleFacts, publicUrl: string): Elements => ({
  active: true,
  serviceCategory: modesInFhir(row.modes),
  serviceType: filled(row.services.map(({ code, name }) => serviceInFhir(publicUrl, code, name))),
  specialty: filled(row.specialities.map((code) => specialityInFhir(publicUrl, code))),
  actor: [
    { reference: `Practitioner/${row.practitioner_id}` },
    ...(row.place_id ? [{ reference: `Location/${row.place_id}` }] : []),
  ],
  planningHorizon: { start: row.valid_from, end: row.valid_until ?? undefined },
})
