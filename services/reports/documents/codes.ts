import type { Static } from 'typebox'
import type { Report } from '../contract.ts'

export type Kind = Static<typeof Report>['kind']

/** Codes that no code system of HL7 has. */
export const OWN = 'urn:openhcs:report'
export const VERSION = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-Composition.version'
export const UUID = 'urn:ietf:rfc:3986'
/** Of a DocumentReference, which has no place in R4 for why there is this version of it: its description is what it is called. */
export const REASON = 'urn:openhcs:report-reason'

/** Of a DocumentReference: when the house took the report back, since it was made of two patients who had been taken for one. */
export const WITHDRAWN = 'urn:openhcs:report-withdrawn'

/** hl7.org/fhir/R4/extension-timezone.html */
export const TIMEZONE = 'http://hl7.org/fhir/StructureDefinition/timezone'

/** Of a Composition. */
export interface Section {
  title: string
  code?: { coding: { system: string; code: string }[] }
  text: { status: string; div: string }
  entry?: { reference: string }[]
}

/** LOINC, where it has a code for what this is. */
const TYPES: Readonly<Record<Kind, readonly [code: string, display: string] | undefined>> = {
  'patient-summary': ['60591-5', 'Patient summary Document'],
  visit: ['34108-1', 'Outpatient Note'],
  'referral-letter': ['57133-1', 'Referral note'],
  'sick-note': undefined,
}

export function typeOf(kind: Kind): { coding: { system: string; code: string; display?: string }[] } {
  const [code, display] = TYPES[kind] ?? []
  const loinc = code === undefined || display === undefined ? [] : [{ system: 'http://loinc.org', code, display }]
  return { coding: [...loinc, { system: OWN, code: kind }] }
}

/** An employer, or another house: they read what it says, and no label that would say more. */
export const goesToOthers = (kind: Kind): boolean => kind === 'referral-letter' || kind === 'sick-note'

export const urnOf = (id: string) => ({ system: UUID, value: `urn:uuid:${id}` })

export const isOwn =
  (wanted: string) =>
  ({ system, code }: { system: string; code: string }): boolean =>
    system === OWN && code === wanted
