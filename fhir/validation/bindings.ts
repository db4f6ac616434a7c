import type { ElementDefinition } from '#fhir/types/definitions.ts'

// hl7.org/fhir/R4/terminologies.html#required

type Codes = NonNullable<ElementDefinition['codes']>
type Members = Readonly<Record<string, unknown>>

/** A CodeableConcept has at least one coding of the value set. What has neither codings nor text is left to its extensions. R4 binds no Coding so. */
export function hasCodeOf(codes: Codes, { coding, text }: Members): boolean {
  return Array.isArray(coding) ? coding.some((one) => isOf(codes, one as Members)) : text === undefined
}

function isOf(codes: Codes, coding: Members | null): boolean {
  const { system, code } = coding ?? {}
  return codes.get(system as string)?.has(code as string) === true
}
