// What a resource is found by, as the store keeps it. Made by indexOf(), and asked for by what becomes of a query: both know these shapes and nothing else of each other.

/**
 * Without the type of the resource, which the store puts before. All lists are without duplicates, and of at most 2,000; tokens of concepts (MOST_OF_CONCEPTS) beside that.
 * What derived-parameters.ts tells of has no place here.
 */
export interface IndexValues {
  /**
   * `parameter=system|code` and `parameter=|code` (without a system), each also as `parameter=code` and, where there is a system, `parameter=system|`. Codes as they
   * are; those of identifiers and of code systems that do not tell case apart too. A `code` or boolean has none in JSON and one by its definition: it stands in both
   * ways. A contact also with its kind: `telecom=phone|5550`. Beside them:
   * `identifier:of-type=system|code|value`; `subject:identifier=system|value` of a reference, in the ways of any token; `code-value-concept=system|code$system|code` of
   * a composite of tokens (each part with its system, `|code` where it has none, and as `code`, so four); `relationship=system|code$DocumentReference/1` of a token and
   * a reference. At most 800 characters: what is longer is not found by.
   * `parameter=` alone where a parameter finds something and none of the lists has it: it is not missing.
   */
  tokens: string[]
  /** `subject=Patient/1`, also where the reference was an address below this base; `subject=https://elsewhere.example/fhir/Patient/1`; canonical ones also without `|version`. */
  references: string[]
  /**
   * Folded: lower case, without accents, runs of white space as one; at most 200 characters. Uris too, unfolded and cut alike. `exact` is as it was written, at most 1,000
   * characters. Of `:text`: `parameter:text`. Of what may be cut also the last 200 characters: `parameter:end`.
   */
  strings: { parameter: string; value: string; exact: string }[]
  /** `[from, until)`, RFC 3339 in UTC; `-infinity` and `infinity` where a Period is open. */
  dates: { parameter: string; from: string; until: string }[]
  /**
   * In the canonical unit of UCUM (`g.m-3`, of no dimension `1`) with a range of what its precision may mean; units that are not UCUM's stand as `system|code`. Each also
   * as it was written, by `|code` and by `|unit`. Numbers and what has no unit: ''. Where a comparator or Range leaves an end open, it is that of JavaScript's numbers. `code` is the
   * other part of a composite, once as `system|code` (`|code`) and once as `code`.
   */
  quantities: { parameter: string; code?: string; unit: string; low: number; high: number }[]
  positions: { parameter: string; latitude: number; longitude: number }[]
  /** Ids of the patients in whose compartment it is (hl7.org/fhir/R4/compartmentdefinition-patient.html). */
  patients: string[]
}
