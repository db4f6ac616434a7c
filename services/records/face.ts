import type { Face } from '#fhir/interactions/asked.ts'
import { clinicalTypes, definitionTypes, ownTypes, recordTypes, sharedTypes } from '#platform/access.ts'
import { FHIR_BASE } from '#platform/capability-statement.ts'
import type { Config } from '#platform/config.ts'

export const types = [...recordTypes, ...definitionTypes, ...ownTypes]

export const faceOf = ({ PUBLIC_URL }: Pick<Config, 'PUBLIC_URL'>): Face => ({
  base: `${PUBLIC_URL}${FHIR_BASE}`,
  types,
  clinical: new Set(clinicalTypes),
  shared: new Set(sharedTypes),
  writer: { relationships: ['treatment', 'break-glass', 'author'] },
})
