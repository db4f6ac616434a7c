import type { Face } from '#fhir/interactions/asked.ts'
import { clinicalTypes, definitionTypes, ownTypes } from '#platform/access.ts'
import { FHIR_BASE } from '#platform/capability-statement.ts'
import type { Config } from '#platform/config.ts'

export const types = [...clinicalTypes, ...definitionTypes, ...ownTypes]

export const faceOf = ({ PUBLIC_URL }: Pick<Config, 'PUBLIC_URL'>): Face => ({
  base: `${PUBLIC_URL}${FHIR_BASE}`,
  types,
  clinical: new Set(clinicalTypes),
  writer: { relationships: ['treatment', 'break-glass', 'owner'] },
})
