// What a resource is found by, as the store keeps it. Made by indexOf(), and asked for by what becomes of a query: both know these shapes and nothing else of each other.

/** Without the type of the resource, which the store puts before. All lists are without duplicates. */
export interface IndexValues {
  /**
   * `parameter=system|code` and `parameter=|code` (without a system), each also as `parameter=code` and, where there is a system, `parameter=system|`. Codes as they
   * are; those of identifiers and of code systems that do not tell case apart too. Beside them:
   * `identifier:of-type=system|code|value`; `subject:identifier=system|value` of a reference; `code-value-concept=system|code$system|code` of a composite of tokens (each part
   * with and without its system, so four).
   */
  tokens: string[]
  /** `subject=Patient/1`, also where the reference was an address below this base; `subject=https://elsewhere.example/fhir/Patient/1`; canonical ones also without `|version`. */
  references: string[]
  /** Folded: lower case, without accents, runs of white space as one; at most 200 characters. Uris too, unfolded. Of `:text`: `parameter:text`. */
  strings: { parameter: string; code?: string; value: string; exact: string }[]
  /** `[from, until)`, RFC 3339 in UTC; `-infinity` and `infinity` where a Period is open. `code` is the other part of a composite. */
  dates: { parameter: string; code?: string; from: string; until: string }[]
  /** In the canonical unit of UCUM with a range of what its precision may mean; numbers have no unit; units that are not UCUM's stand as `system|code`. Each also as it was written, where that differs. */
  quantities: { parameter: string; code?: string; unit: string; low: number; high: number }[]
  positions: { parameter: string; latitude: number; longitude: number }[]
  /** Ids of the patients in whose compartment it is (hl7.org/fhir/R4/compartmentdefinition-patient.html). */
  patients: string[]
}
