import { Type } from 'typebox'
import { Closed, Line } from '#platform/operation.ts'

const Coding = Closed({
  system: Type.String({
    minLength: 1,
    maxLength: 200,
    pattern: '^[a-zA-Z][a-zA-Z0-9+.-]*:\\S+$',
    description: 'Address of the code system',
    examples: ['http://loinc.org'],
  }),
  version: Type.Optional(Line(100, '2031-01')),
  code: Type.String({ minLength: 1, maxLength: 100, pattern: '^\\S+( \\S+)*$', examples: ['718-7'] }),
  display: Type.Optional(Line(400, 'Hypertension')),
})

/** What something is: in words, by codes, or both. As FHIR's CodeableConcept has it. */
export const Concept = Closed(
  {
    text: Type.Optional(
      Type.String({ ...Line(1_000, 'High blood pressure'), description: 'As whoever recorded it says it' }),
    ),
    coding: Type.Optional(Type.Array(Coding, { minItems: 1, maxItems: 10, description: 'The same by codes' })),
  },
  { title: 'Concept', minProperties: 1 },
)
