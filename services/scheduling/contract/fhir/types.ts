import { type TProperties, type TSchema, Type } from 'typebox'
import { Closed, Instant } from '#platform/operation.ts'

// FHIR R4 (4.0.1) as far as this room shows it: hl7.org/fhir/R4. What is not declared here does not leave.

export const FhirId = Type.String({
  pattern: '^[A-Za-z0-9.-]{1,64}$',
  examples: ['018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f'],
})
export const FhirIdParams = Closed({ id: FhirId })
const Text = (example: string, maxLength = 300) => Type.String({ maxLength, examples: [example] })
/** `Type/id`, a whole address, or an id alone. */
export const Ref = (example: string) =>
  Type.String({ pattern: '^([A-Za-z0-9:/._~%-]{1,400}/)?[A-Za-z0-9.-]{1,64}$', examples: [example] })
export const Uri = (example: string) => Type.String({ pattern: '^\\S{1,500}$', examples: [example] })

const Coding = Closed(
  {
    system: Uri('http://terminology.hl7.org/CodeSystem/v3-ActCode'),
    code: Text('AMB'),
    display: Type.Optional(Text('ambulatory')),
  },
  { title: 'FhirCoding' },
)
export const Concept = Closed(
  { coding: Type.Optional(Type.Array(Coding)), text: Type.Optional(Text('Vaccination', 500)) },
  { title: 'FhirCodeableConcept' },
)
export const Identifier = Closed({
  system: Uri('urn:ietf:rfc:3986'),
  value: Text('urn:uuid:018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f'),
})
export const Reference = Closed(
  {
    reference: Text('Practitioner/018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f'),
    display: Type.Optional(Text('Dr Amina Okello')),
  },
  { title: 'FhirReference' },
)
export const Meta = Closed({
  versionId: Type.Optional(Text('1')),
  lastUpdated: Type.Optional(Instant),
})

/** A resource: its type, its id, and what it has. */
export const Resource = <const T extends string, P extends TProperties>(type: T, properties: P) =>
  Closed(
    { resourceType: Type.Enum([type]), id: FhirId, meta: Type.Optional(Meta), ...properties },
    { title: `Fhir${type}` },
  )

const Link = Closed({
  relation: Type.Enum(['self', 'next']),
  url: Uri('http://localhost:8080/fhir/R4/Slot?_count=20'),
})
const Outcome = Closed(
  {
    resourceType: Type.Enum(['OperationOutcome']),
    issue: Type.Array(
      Closed({
        severity: Type.Enum(['information']),
        code: Type.Enum(['informational']),
        diagnostics: Text('Held until 2031-03-01T08:05:00.000Z.', 500),
      }),
    ),
  },
  { title: 'FhirInformation' },
)

/** What a search finds, a page at a time. */
export const Searchset = <T extends TSchema>(resource: T, title: string) =>
  Closed(
    {
      resourceType: Type.Enum(['Bundle']),
      type: Type.Enum(['searchset']),
      link: Type.Array(Link),
      entry: Type.Optional(
        Type.Array(
          Closed({
            fullUrl: Type.Optional(Uri('http://localhost:8080/fhir/R4/Slot/1')),
            resource: Type.Union([resource, Outcome]),
            search: Closed({ mode: Type.Enum(['match', 'outcome']) }),
          }),
        ),
      ),
    },
    { title },
  )

const CURSOR = { maxLength: 400, pattern: '^[A-Za-z0-9_-]+$', description: 'As in the `next` link' }
/** Query parameters of a search: each may come several times, and names that nobody knows may come, too (see `Prefer`). */
export const SearchQuery = <P extends TProperties>(properties: P) =>
  Type.Object(
    {
      ...properties,
      _count: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: 1_000_000,
          default: 20,
          examples: [20],
          description: 'At most 100 are shown',
        }),
      ),
      cursor: Type.Optional(Type.String(CURSOR)),
    },
    { additionalProperties: true },
  )
/** The values of one search parameter. */
export const Values = (example: string, description: string) =>
  Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 500 }), { maxItems: 10, examples: [[example]], description }),
  )
