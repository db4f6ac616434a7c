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

/** What is kept here. */
export const types: readonly string[] = [...recordTypes, ...definitionTypes, ...ownTypes]
/** What can be brought in: patients are registered by registry, and a Subscription is for whoever asks to be told. */
export const imported: readonly string[] = ['Patient', ...recordTypes, ...definitionTypes]
/** What registry keeps in the store: served here, and written there. */
export const projected: readonly string[] = [...personTypes, ...directoryTypes]

export const faceOf = ({ PUBLIC_URL }: Pick<Config, 'PUBLIC_URL'>): Face => ({
  base: `${PUBLIC_URL}${FHIR_BASE}`,
  types: [...types, ...projected],
  projected: new Set(projected),
  clinical: new Set(clinicalTypes),
  shared: new Set(sharedTypes),
  writer: { relationships: ['treatment', 'break-glass', 'author'] },
})
