import type { Face } from '#fhir/interactions/asked.ts'
import {
  clinicalTypes,
  definitionTypes,
  directoryTypes,
  ownTypes,
  personTypes,
  recordTypes,
  sharedTypes,
} from '#platform/access.ts'
import { FHIR_BASE } from '#platform/capability-statement.ts'
import type { Config } from '#platform/config.ts'
import type { FaceInteraction } from '#platform/fhir-face.ts'

/** What is kept here. */
export const types: readonly string[] = [...recordTypes, ...definitionTypes, ...ownTypes]
/** What can be brought in: patients are registered by registry, and a Subscription is for whoever asks to be told. */
export const imported: readonly string[] = ['Patient', ...recordTypes, ...definitionTypes]
/** What follows from registry's tables: served here, and written by who keeps it (docs/decisions/0051-keepers.md). */
export const projected: readonly string[] = [...personTypes, ...directoryTypes]
/** What is done with those: a role is made with its practitioner, and a RelatedPerson by a mandate; nothing is deleted. */
export const writtenOf: ReadonlyMap<string, readonly FaceInteraction[]> = new Map(
  projected.map((type) => [
    type,
    type === 'RelatedPerson' ? [] : type === 'PractitionerRole' ? ['update', 'patch'] : ['create', 'update', 'patch'],
  ]),
)

export const faceOf = ({ PUBLIC_URL }: Pick<Config, 'PUBLIC_URL'>, keepers: Face['keepers'] = new Map()): Face => ({
  base: `${PUBLIC_URL}${FHIR_BASE}`,
  types: [...types, ...projected],
  keepers,
  clinical: new Set(clinicalTypes),
  shared: new Set(sharedTypes),
  writer: { relationships: ['treatment', 'break-glass', 'author'] },
})
