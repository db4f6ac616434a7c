import type { Coding } from '../resource.ts'

/** Two labels are one where system and code are alike: how they are displayed is no matter (hl7.org/fhir/R4/resource-operation-meta-delete.html). */
export const labelKey = ({ system, code, display }: Coding): string =>
  JSON.stringify([system ?? null, code ?? null, code === undefined ? (display ?? null) : null])
