import { Type } from 'typebox'
import { Closed, Id, IdParams, Instant, Line, operation, Page, PageQuery } from '#platform/operation.ts'

// National, tax and insurance numbers. They are sent in bodies only, since URLs are kept in logs, and shown by their end.

const Kind = Type.Enum(['national', 'tax', 'insurance'], { examples: ['national'] })
const facts = {
  kind: Kind,
  country: Type.String({ pattern: '^[A-Z]{2}$', examples: ['GH'], description: 'ISO 3166-1 alpha-2' }),
  issuer: Type.Optional(Line(300, 'National Health Insurance')),
}
const Value = Type.String({
  minLength: 5,
  maxLength: 64,
  pattern: "^[\\p{L}\\p{N} ./'-]+$",
  examples: ['GHA-718-000-4217'],
  description: 'Compared without spaces, signs and case',
})

export const Identifier = Closed(
  {
    id: Id,
    ...facts,
    last: Type.String({ maxLength: 4, examples: ['4217'], description: 'At most the last four; never half of it' }),
    verified: Type.Boolean({ examples: [true] }),
    createdAt: Instant,
  },
  { title: 'Identifier' },
)
const NewIdentifier = Closed({ ...facts, value: Value }, { title: 'NewIdentifier' })
const ofSubject = Closed({ id: Id, identifier: Id })
const listed = { params: IdParams, query: Closed(PageQuery), response: Page(Identifier) }
const created = {
  params: IdParams,
  body: NewIdentifier,
  status: 201 as const,
  response: Identifier,
  problems: ['duplicate' as const],
  description:
    'By oneself: claimed, until an administrator verifies it. By an administrator, who has seen the paper: verified at once, and then nobody else can have it.',
}

export const createPatientIdentifier = operation({
  id: 'createPatientIdentifier',
  method: 'POST',
  url: '/v1/patients/:id/identifiers',
  summary: 'Add a national, tax or insurance number to a patient',
  access: 'Identifier.c',
  ...created,
})
export const listPatientIdentifiers = operation({
  id: 'listPatientIdentifiers',
  method: 'GET',
  url: '/v1/patients/:id/identifiers',
  summary: 'List a patient’s numbers, each by its end',
  description: 'Whoever may see the record; administrators.',
  access: 'Identifier.r',
  ...listed,
})
export const deletePatientIdentifier = operation({
  id: 'deletePatientIdentifier',
  method: 'DELETE',
  url: '/v1/patients/:id/identifiers/:identifier',
  summary: 'Remove a number from a patient',
  access: 'Identifier.d',
  params: ofSubject,
})
export const createPractitionerIdentifier = operation({
  id: 'createPractitionerIdentifier',
  method: 'POST',
  url: '/v1/practitioners/:id/identifiers',
  summary: 'Add a national, tax or insurance number to a practitioner',
  access: 'signed-in',
  ...created,
})
export const listPractitionerIdentifiers = operation({
  id: 'listPractitionerIdentifiers',
  method: 'GET',
  url: '/v1/practitioners/:id/identifiers',
  summary: 'List a practitioner’s numbers, each by its end',
  description: 'One’s own; administrators see all.',
  access: 'signed-in',
  ...listed,
})
export const deletePractitionerIdentifier = operation({
  id: 'deletePractitionerIdentifier',
  method: 'DELETE',
  url: '/v1/practitioners/:id/identifiers/:identifier',
  summary: 'Remove a number from a practitioner',
  access: 'signed-in',
  params: ofSubject,
})
export const verifyIdentifier = operation({
  id: 'verifyIdentifier',
  method: 'POST',
  url: '/v1/identifiers/:id/verify',
  summary: 'Confirm that a number is this person’s',
  access: 'Identifier.u',
  params: IdParams,
  response: Identifier,
  problems: ['duplicate'],
})
export const searchIdentifiers = operation({
  id: 'searchIdentifiers',
  method: 'POST',
  url: '/v1/identifiers/search',
  summary: 'Whose number this is',
  description: 'A POST, so that the number is in no URL. Verified ones first.',
  access: 'Identifier.s',
  idempotent: false,
  perMinute: 60,
  body: Closed(
    { of: Type.Enum(['patient', 'practitioner'], { examples: ['patient'] }), ...facts, value: Value },
    { title: 'IdentifierSearch' },
  ),
  response: Closed({
    items: Type.Array(
      Closed(
        { patient: Type.Optional(Id), practitioner: Type.Optional(Id), identifier: Identifier },
        { title: 'IdentifierFound' },
      ),
    ),
  }),
})
export const revealIdentifier = operation({
  id: 'revealIdentifier',
  method: 'POST',
  url: '/v1/identifiers/:id/reveal',
  summary: 'Read a number in full',
  description: 'One’s own; administrators for the purpose they name. The person finds it in their access log.',
  access: 'signed-in',
  idempotent: false,
  perMinute: 30,
  params: IdParams,
  body: Closed(
    { purpose: Type.Enum(['own-use', 'claim', 'referral', 'correction', 'legal-duty'], { examples: ['claim'] }) },
    { title: 'IdentifierPurpose' },
  ),
  response: Closed({ id: Id, value: Value }, { title: 'IdentifierValue' }),
})
