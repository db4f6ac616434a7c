import { Type } from 'typebox'
import { Closed } from '#platform/operation.ts'

const Coding = Closed({
  system: Type.String({
    minLength: 1,
    maxLength: 200,
    pattern: '^[a-zA-Z][a-zA-Z0-9+.-]*:\\S+$',
    description: 'Address of the code system',
  }),
  version: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  code: Type.String({ minLength: 1, maxLength: 100, pattern: '^\\S+( \\S+)*$' }),
  display: Type.Optional(Type.String({ minLength: 1, maxLength: 400 })),
})

/** What something is: in words, by codes, or both. As FHIR's CodeableConcept has it. */
export const Concept = Closed(
  {
    text: Type.Optional(Type.String({ minLength: 1, maxLength: 1_000, description: 'As whoever recorded it says it' })),
    coding: Type.Optional(Type.Array(Coding, { minItems: 1, maxItems: 10, description: 'The same by codes' })),
  },
  { title: 'Concept', minProperties: 1 },
)
