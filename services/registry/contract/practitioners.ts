import { Type } from 'typebox'
import {
  Closed,
  Gender,
  Id,
  IdParams,
  Language,
  Line,
  operation,
  Page,
  PageQuery,
  Prose,
  Version,
} from '#platform/operation.ts'
import { Active } from './organisations.ts'
import { SpecialityCode } from './specialities.ts'

const facts = {
  name: Line(300, 'Dr Amina Okello'),
  gender: Gender,
  languages: Type.Array(Language, { minItems: 1, maxItems: 20, uniqueItems: true }),
  specialities: Type.Array(SpecialityCode, { minItems: 1, maxItems: 10, uniqueItems: true }),
  about: Type.Optional(Prose(2_000, 'Heart specialist, 12 years at the coast.')),
}
export const Practitioner = Closed(
  {
    id: Id,
    ...facts,
    // None where a FHIR client made the profile and no role with it: that person is in no directory yet.
    specialities: Type.Array(SpecialityCode, { maxItems: 10, uniqueItems: true }),
    photo: Type.Optional(Type.String({ examples: ['/v1/practitioners/018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f/photo'] })),
    licensed: Type.Boolean({ examples: [true], description: 'Whether a verified licence holds now' }),
    active: Active,
    version: Version,
  },
  { title: 'Practitioner' },
)
export const NewPractitioner = Closed(facts, { title: 'NewPractitioner' })

export const createPractitioner = operation({
  id: 'createPractitioner',
  method: 'POST',
  url: '/v1/practitioners',
  summary: 'Create one’s own practitioner profile',
  description:
    'One for each account. Nobody else sees it, and the role practitioner does not follow, until a licence is verified.',
  access: 'signed-in',
  body: NewPractitioner,
  status: 201,
  response: Practitioner,
  problems: ['duplicate'],
})
export const readPractitioner = operation({
  id: 'readPractitioner',
  method: 'GET',
  url: '/v1/practitioners/:id',
  summary: 'Read a practitioner’s profile',
  access: 'signed-in',
  scope: 'Practitioner.r',
  patient: 'none',
  params: IdParams,
  response: Practitioner,
})
export const updatePractitioner = operation({
  id: 'updatePractitioner',
  method: 'PATCH',
  url: '/v1/practitioners/:id',
  summary: 'Change one’s own profile',
  description:
    'Administrators may change any. Out of use (`active`), a practitioner is not offered; what an administrator took out of use, only one brings back.',
  access: 'signed-in',
  params: IdParams,
  body: Closed(
    { ...Type.Partial(Type.Object(facts)).properties, active: Type.Optional(Active) },
    { title: 'PractitionerChange', minProperties: 1 },
  ),
  ifMatch: true,
  response: Practitioner,
  problems: ['business-rule', 'forbidden'],
})
export const listPractitioners = operation({
  id: 'listPractitioners',
  method: 'GET',
  url: '/v1/practitioners',
  summary: 'List practitioners, newest first',
  description:
    'For administration: `pending` has a licence to be looked at, `licensed` a verified one that holds now. To find care, see GET /v1/practitioners/find.',
  access: 'Licence.s',
  query: Closed({
    status: Type.Optional(Type.Enum(['pending', 'licensed'], { examples: ['pending'] })),
    q: Type.Optional(Line(100, 'okello')),
    ...PageQuery,
  }),
  response: Page(Practitioner),
})

export const uploadPhoto = operation({
  id: 'uploadPhoto',
  method: 'POST',
  url: '/v1/practitioners/:id/photo',
  summary: 'Upload a photo of oneself',
  description: 'At most 2 MB. The content decides what it is, not the header.',
  access: 'signed-in',
  params: IdParams,
  upload: { mediaTypes: ['image/jpeg', 'image/png', 'image/webp'], maxBytes: 2_097_152 },
  response: Practitioner,
})
export const readPhoto = operation({
  id: 'readPhoto',
  method: 'GET',
  url: '/v1/practitioners/:id/photo',
  summary: 'Get the photo of a practitioner',
  access: 'signed-in',
  params: IdParams,
  download: 'image/*',
})
