/** As strings are compared in searches: without case, accents, and the number of spaces (hl7.org/fhir/R4/search.html#string). */
export const fold = (text: string): string =>
  text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replace(/\s+/gu, ' ').trim()
