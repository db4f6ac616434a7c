/** hl7.org/fhir/R4/extension-timezone.html: where somebody lives by the clock, which R4 has no element for. */
export const ZONE = 'http://hl7.org/fhir/StructureDefinition/timezone'
