import type { Resource } from '../resource.ts'

// A document says of what it must have and nobody has said that it is not known: hl7.org/fhir/R4/extension-data-absent-reason.html.

export const UNKNOWN = {
  extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }],
}

/** What the profiles of the International Patient Summary require of each type beyond R4: the element, or one of its choices, and what stands for it. */
const REQUIRED: Readonly<Record<string, readonly (readonly [is: RegExp, put: object])[]>> = {
  Condition: [
    [/^clinicalStatus$/, { clinicalStatus: UNKNOWN }],
    [/^code$/, { code: UNKNOWN }],
  ],
  AllergyIntolerance: [[/^code$/, { code: UNKNOWN }]],
  MedicationStatement: [[/^_?effective/, { _effectiveDateTime: UNKNOWN }]],
  Procedure: [
    [/^code$/, { code: UNKNOWN }],
    [/^_?performed/, { _performedDateTime: UNKNOWN }],
  ],
  Observation: [[/^_?effective/, { _effectiveDateTime: UNKNOWN }]],
  DiagnosticReport: [[/^_?effective/, { _effectiveDateTime: UNKNOWN }]],
  Medication: [[/^code$/, { code: UNKNOWN }]],
  Patient: [
    [/^name$/, { name: [{ _text: UNKNOWN }] }],
    [/^_?birthDate$/, { _birthDate: UNKNOWN }],
  ],
  Practitioner: [[/^name$/, { name: [{ _text: UNKNOWN }] }]],
  Organization: [[/^_?name$/, { _name: UNKNOWN }]],
}

export function completed(resource: Resource): Resource {
  const missing = (REQUIRED[resource.resourceType] ?? []).filter(
    ([is]) => !Object.keys(resource).some((name) => is.test(name)),
  )
  return Object.assign({ ...resource }, ...missing.map(([, put]) => put)) as Resource
}
