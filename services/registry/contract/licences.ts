import { Type } from 'typebox'
import {
  CalendarDate,
  Closed,
  Id,
  IdParams,
  Instant,
  Line,
  operation,
  Page,
  PageQuery,
  Prose,
  Version,
} from '#platform/operation.ts'

export const LicenceStatus = Type.Enum(['pending', 'verified', 'rejected', 'revoked'], { examples: ['pending'] })
const facts = {
  number: Line(60, 'MDC-004217'),
  issuer: Line(300, 'Medical and Dental Council'),
  country: Type.String({ pattern: '^[A-Z]{2}$', examples: ['GH'], description: 'ISO 3166-1 alpha-2' }),
  validFrom: CalendarDate,
  validUntil: Type.String({
    format: 'date',
    maxLength: 10,
    examples: ['2035-03-02'],
    description: 'The last day on which it holds (UTC)',
  }),
}
export const Licence = Closed(
  {
    id: Id,
    practitioner: Id,
    ...facts,
    status: LicenceStatus,
    reason: Type.Optional(Prose(500, 'The certificate is of another person.')),
    certificate: Type.Boolean({ examples: [true], description: 'Whether one has been uploaded' }),
    decidedAt: Type.Optional(Instant),
    version: Version,
  },
  { title: 'Licence' },
)

export const createLicence = operation({
  id: 'createLicence',
  method: 'POST',
  url: '/v1/practitioners/:id/licences',
  summary: 'Add a licence to one’s own profile',
  description: 'Then upload its certificate; an administrator verifies it.',
  access: 'signed-in',
  params: IdParams,
  body: Closed(facts, { title: 'NewLicence' }),
  status: 201,
  response: Licence,
})
export const listLicences = operation({
  id: 'listLicences',
  method: 'GET',
  url: '/v1/practitioners/:id/licences',
  summary: 'List a practitioner’s licences, newest first',
  description: 'One’s own; administrators see all.',
  access: 'signed-in',
  params: IdParams,
  query: Closed(PageQuery),
  response: Page(Licence),
})
export const updateLicence = operation({
  id: 'updateLicence',
  method: 'PATCH',
  url: '/v1/licences/:id',
  summary: 'Correct a licence',
  description:
    'While it is pending or after it was rejected; it is pending then. What was verified or revoked stays as it is.',
  access: 'signed-in',
  params: IdParams,
  body: Closed(Type.Partial(Type.Object(facts)).properties, { title: 'LicenceChange', minProperties: 1 }),
  ifMatch: true,
  response: Licence,
  problems: ['business-rule'],
})
export const uploadCertificate = operation({
  id: 'uploadCertificate',
  method: 'POST',
  url: '/v1/licences/:id/certificate',
  summary: 'Upload the certificate of a licence',
  description:
    'At most 5 MB. The content decides what it is, not the header. Replaces an earlier one until verified. Pictures are redrawn without metadata. A PDF is kept as given, with what it says of who made it, and refused where it is encrypted, acts by itself, or leads elsewhere when it is opened.',
  access: 'signed-in',
  params: IdParams,
  upload: { mediaTypes: ['application/pdf', 'image/jpeg', 'image/png'], maxBytes: 5_242_880 },
  response: Licence,
})
export const readCertificate = operation({
  id: 'readCertificate',
  method: 'GET',
  url: '/v1/licences/:id/certificate',
  summary: 'Get the certificate of a licence',
  description: 'One’s own; administrators see all.',
  access: 'signed-in',
  params: IdParams,
  download: 'application/octet-stream',
})
export const searchLicences = operation({
  id: 'searchLicences',
  method: 'GET',
  url: '/v1/licences',
  summary: 'List licences by status, oldest first',
  description: '`endsWithin` keeps those verified licences that end in so many days, and are followed by none.',
  access: 'Licence.s',
  query: Closed({
    status: Type.Optional(LicenceStatus),
    endsWithin: Type.Optional(Type.Integer({ minimum: 1, maximum: 730, examples: [60], description: 'Days' })),
    ...PageQuery,
  }),
  response: Page(Licence),
})
export const verifyLicence = operation({
  id: 'verifyLicence',
  method: 'POST',
  url: '/v1/licences/:id/verify',
  summary: 'Verify or reject a licence',
  description:
    'Once verified, its holder is a practitioner for as long as the licence holds. Nobody decides on a licence of their own.',
  access: 'Licence.u',
  params: IdParams,
  body: Closed(
    {
      decision: Type.Enum(['verified', 'rejected'], { examples: ['verified'] }),
      reason: Type.Optional(Prose(500, 'The certificate is of another person.')),
    },
    { title: 'LicenceDecision' },
  ),
  ifMatch: true,
  response: Licence,
  problems: ['duplicate'],
})
export const revokeLicence = operation({
  id: 'revokeLicence',
  method: 'POST',
  url: '/v1/licences/:id/revoke',
  summary: 'Withdraw a licence that was verified',
  description:
    'Its holder practises by it no more, from the next request on, and is told. It stays so: who may practise again sends a new licence. Nobody decides on a licence of their own.',
  access: 'Licence.u',
  params: IdParams,
  body: Closed({ reason: Line(500, 'Struck off by the council on 3 March') }, { title: 'LicenceRevocation' }),
  ifMatch: true,
  response: Licence,
  problems: ['business-rule'],
})
