import {
  clinicalTypes,
  definitionTypes,
  directoryTypes,
  ownTypes,
  personTypes,
  recordTypes,
  sharedTypes,
  visitTypes,
} from '#platform/access.ts'
import { FHIR_BASE } from '#platform/capability-statement.ts'
import type { Config } from '#platform/config.ts'
import type { FaceInteraction } from '#platform/fhir-face.ts'
import type { Face } from './interactions/asked.ts'

/** The room whose role writes what is kept in the store itself, for others too (fhir/rooms/write.ts). */
export const KEEPING_ROOM = 'records'

/** What is kept here. */
export const types: readonly string[] = [...recordTypes, ...definitionTypes, ...ownTypes]
const WRITES: Readonly<Record<string, readonly FaceInteraction[]>> = {
  RelatedPerson: [],
  PractitionerRole: ['update', 'patch'],
  HealthcareService: [],
  Schedule: [],
  Appointment: ['patch'], // an update is the contract's
  AppointmentResponse: [],
}
/** What follows from the tables of registry and scheduling: served here, and written by who keeps it (docs/decisions/0051-keepers.md). */
export const projected: readonly string[] = [
  ...personTypes,
  ...directoryTypes,
  ...visitTypes,
  'Schedule', // read and searched in scheduling, as of today; its history, and what leads to it, is here
]
/** What is done with those: a role is made with its practitioner, and a RelatedPerson by a mandate; nothing is deleted. A visit is cancelled, and booked by a contract of scheduling. */
export const writtenOf: ReadonlyMap<string, readonly FaceInteraction[]> = new Map(
  projected.map((type) => [type, WRITES[type] ?? ['create', 'update', 'patch']]),
)

export const faceOf = ({ PUBLIC_URL }: Pick<Config, 'PUBLIC_URL'>, keepers: Face['keepers'] = new Map()): Face => ({
  base: `${PUBLIC_URL}${FHIR_BASE}`,
  types: [...types, ...projected],
  keepers,
  readAs: new Map([['Schedule', 'Practitioner']]), // whoever looks for care: `Schedule` in /v1 is the hours themselves
  clinical: new Set(clinicalTypes),
  shared: new Set(sharedTypes),
  writer: { relationships: ['treatment', 'break-glass', 'author'] },
})
