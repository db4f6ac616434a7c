import { Type } from 'typebox'
import { Closed, Instant, operation } from '#platform/operation.ts'
import {
  Concept,
  FhirIdParams,
  Reference,
  Resource,
  SearchQuery,
  Searchset,
  Values,
} from '../../../scheduling/contract/fhir/types.ts'

// What people permit and refuse, as R4 says it: hl7.org/fhir/R4/consent.html. It is written by POST /v1/patients/{id}/consents alone.

const Coding = Closed({
  system: Type.Optional(Type.String()),
  code: Type.Optional(Type.String()),
  display: Type.Optional(Type.String()),
})

export const FhirConsent = Resource('Consent', {
  status: Type.Enum(['active', 'inactive'], { examples: ['active'] }),
  scope: Concept,
  category: Type.Array(Concept),
  patient: Reference,
  dateTime: Instant,
  policyRule: Concept,
  provision: Closed({
    type: Type.String({ examples: ['deny'] }),
    purpose: Type.Array(Coding),
    securityLabel: Type.Optional(Type.Array(Coding)),
  }),
})

const search = { patient: { type: 'reference', documentation: 'Patient/…; without it, who asks' } } as const
const description =
  'The newest answer to each question, to the patient and to guardians, as GET /v1/patients/{id}/consents. It is decided there: what another system says of it is a document, a DocumentReference.'

export const readFhirConsent = operation({
  id: 'readFhirConsent',
  method: 'GET',
  url: '/fhir/R4/Consent/:id',
  summary: 'Read what a patient permits or refuses (FHIR R4)',
  description,
  access: 'signed-in',
  fhir: { resource: 'Consent', interaction: 'read' },
  params: FhirIdParams,
  response: FhirConsent,
})
export const searchFhirConsents = operation({
  id: 'searchFhirConsents',
  method: 'GET',
  url: '/fhir/R4/Consent',
  summary: 'Search what a patient permits and refuses now (FHIR R4)',
  description,
  access: 'signed-in',
  fhir: { resource: 'Consent', interaction: 'search-type', search },
  query: SearchQuery({ patient: Values('Patient/018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f', search.patient.documentation) }),
  response: Searchset(FhirConsent, 'FhirConsents'),
})
