import type { ElementDefinition } from '#fhir/types/definitions.ts'

// hl7.org/fhir/R4/terminologies.html#required

type Codes = NonNullable<ElementDefinition['codes']>
type Members = Readonly<Record<string, unknown>>

/** A Coding of the value set, or a CodeableConcept with at least one. What has neither code nor text is left to its extensions. */
export function hasCodeOf(codes: Codes, value: Members, type: string): boolean {
  if (type === 'Coding') return value.code === undefined || isOf(codes, value)
  const { coding, text } = value
  return Array.isArray(coding) ? coding.some((one) => isOf(codes, one as Members)) : text === undefined
}

function isOf(codes: Codes, coding: Members | null): boolean {
  const { system, code } = coding ?? {}
  return codes.get(system as string)?.has(code as string) === true
}
