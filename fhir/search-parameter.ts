/** What a type of resource can be searched by: hl7.org/fhir/R4/searchparameter.html, of those that R4 defines. */
export interface SearchParameter {
  /** As in the query: `birthdate`. */
  code: string
  type: 'number' | 'date' | 'string' | 'token' | 'reference' | 'composite' | 'quantity' | 'uri' | 'special'
  /** FHIRPath on the resource, for this type alone: `Patient.birthDate`. */
  expression: string
  /** Of a reference: the types that it may lead to. */
  targets?: readonly string[]
  /** Of a composite: codes of parameters of this type, and the path of each from an element that `expression` finds. */
  components?: readonly { code: string; expression: string }[]
}
