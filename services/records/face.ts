import type { Face } from '#fhir/interactions/asked.ts'
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

/** What is kept here. */
export const types: readonly string[] = [...recordTypes, ...definitionTypes, ...ownTypes]
/** What can be brought in: patients are registered by registry, and a Subscription is for whoever asks to be told. */
export const imported: readonly string[] = ['Patient', ...recordTypes, ...definitionTypes]
/** What registry and scheduling keep in the store: served here, and written there. */
export const projected: readonly string[] = [
  ...personTypes,
  ...directoryTypes,
  ...visitTypes,
  'Schedule', // read and searched in scheduling, as of today; its history, and what leads to it, is here
]

export const faceOf = ({ PUBLIC_URL }: Pick<Config, 'PUBLIC_URL'>): Face => ({
  base: `${PUBLIC_URL}${FHIR_BASE}`,
  types: [...types, ...projected],
  projected: new Set(projected),
  readAs: new Map([['Schedule', 'Practitioner']]), // whoever looks for care: `Schedule` in /v1 is the hours themselves
  clinical: new Set(clinicalTypes),
  shared: new Set(sharedTypes),
  writer: { relationships: ['treatment', 'break-glass', 'author'] },
})
