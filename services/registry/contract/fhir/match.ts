import { type TProperties, Type } from 'typebox'
import { CalendarDate, Closed, operation } from '#platform/operation.ts'
import { FhirId, Uri } from '../../../scheduling/contract/fhir/types.ts'

// hl7.org/fhir/R4/patient-operation-match.html

/** As a client has it: what is not compared may be in it. */
const Open = <P extends TProperties>(properties: P) => Type.Object(properties, { additionalProperties: true })
const Text = (example: string) => Type.String({ minLength: 1, maxLength: 300, examples: [example] })

const Somebody = Open({
  resourceType: Type.Enum(['Patient']),
  name: Type.Optional(
    Type.Array(
      Open({
        text: Type.Optional(Text('Saba Tesfaye')),
        given: Type.Optional(Type.Array(Text('Saba'), { maxItems: 10 })),
        family: Type.Optional(Text('Tesfaye')),
      }),
      { maxItems: 10 },
    ),
  ),
  birthDate: Type.Optional(Type.String({ ...CalendarDate, examples: ['1987-06-05'] })),
  gender: Type.Optional(Type.Enum(['male', 'female', 'other', 'unknown'])),
  telecom: Type.Optional(
    Type.Array(
      Open({ system: Type.Optional(Type.String({ maxLength: 20 })), value: Type.Optional(Text('+12025550147')) }),
      { maxItems: 20 },
    ),
  ),
})

const Matched = Closed(
  {
    resourceType: Type.Enum(['Patient']),
    id: FhirId,
    name: Type.Array(Closed({ text: Text('Saba Tesfaye') })),
    gender: Type.String({ examples: ['female'] }),
    birthDate: Type.String({ ...CalendarDate, examples: ['1987-06-05'] }),
  },
  { title: 'FhirMatchedPatient' },
)

export const matchPatients = operation({
  id: 'matchPatients',
  method: 'POST',
  url: '/fhir/R4/Patient/$match',
  summary: 'Find who is registered already and may be this person (FHIR R4)',
  description:
    'As POST /v1/patients/possible-duplicates: compares name, in any script, birth date, gender and phone. Best first, 20 at most; none is called certain unless it is the only one and all of name, birth date and phone are the same.',
  access: 'Duplicate.s',
  idempotent: false,
  status: 200,
  fhir: {
    resource: 'Patient',
    interaction: 'operation',
    operation: {
      name: 'match',
      level: 'type',
      parameters: [
        { name: 'resource', use: 'in', min: 1, type: 'Patient', documentation: 'With a name and a birth date' },
        {
          name: 'onlyCertainMatches',
          use: 'in',
          min: 0,
          type: 'boolean',
          documentation: 'Nobody, unless it is certain',
        },
        { name: 'count', use: 'in', min: 0, type: 'integer', documentation: 'At most so many; 20 without it' },
        { name: 'return', use: 'out', min: 1, type: 'Bundle', documentation: 'Each with its score and grade' },
      ],
    },
  },
  body: Closed(
    {
      resourceType: Type.Enum(['Parameters']),
      parameter: Type.Array(
        Closed({
          name: Type.Enum(['resource', 'onlyCertainMatches', 'count']),
          resource: Type.Optional(Somebody),
          valueBoolean: Type.Optional(Type.Boolean()),
          valueInteger: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
        }),
        { minItems: 1, maxItems: 3 },
      ),
    },
    {
      title: 'FhirMatch',
      examples: [
        {
          resourceType: 'Parameters',
          parameter: [
            {
              name: 'resource',
              resource: { resourceType: 'Patient', name: [{ text: 'Saba Tesfaye' }], birthDate: '1987-06-05' },
            },
          ],
        },
      ],
    },
  ),
  response: Closed(
    {
      resourceType: Type.Enum(['Bundle']),
      type: Type.Enum(['searchset']),
      total: Type.Integer(),
      entry: Type.Optional(
        Type.Array(
          Closed({
            fullUrl: Uri('http://localhost:8080/fhir/R4/Patient/1'),
            resource: Matched,
            search: Closed({
              extension: Type.Array(
                Closed({ url: Uri('http://hl7.org/fhir/StructureDefinition/match-grade'), valueCode: Type.String() }),
              ),
              mode: Type.Enum(['match']),
              score: Type.Number({ minimum: 0, maximum: 1 }),
            }),
          }),
        ),
      ),
    },
    { title: 'FhirMatches' },
  ),
})
