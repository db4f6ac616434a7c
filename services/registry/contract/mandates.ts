import { Type } from 'typebox'
import { Closed, Id, IdParams, Instant, Line, operation, Page, PageQuery, Prose, Version } from '#platform/operation.ts'
import { CaregiverCode } from './caregivers.ts'
import { Power } from './patients.ts'

const Until = Type.String({ ...Instant, examples: ['2032-03-03T09:00:00Z'] })

export const Mandate = Closed(
  {
    id: Id,
    patient: Id,
    patientName: Line(200, 'Saba Tesfaye'),
    caregiver: Id,
    caregiverName: Line(200, 'Hana Bekele'),
    powers: Type.Array(Power),
    evidence: Type.Optional(Prose(500, 'Signed at the clinic, form 12')),
    status: Type.Enum(['active', 'revoked', 'expired'], { examples: ['active'] }),
    validFrom: Instant,
    validUntil: Until,
    revokedAt: Type.Optional(Instant),
    revokeReason: Type.Optional(Prose(500, 'We moved apart')),
    version: Version,
  },
  { title: 'Mandate' },
)

export const createMandate = operation({
  id: 'createMandate',
  method: 'POST',
  url: '/v1/mandates',
  summary: 'Let a caregiver act for oneself',
  description:
    'Names the caregiver by the code that they tell, or by id. Default: from now, for one year; at most five years.',
  access: 'Mandate.c',
  body: Closed(
    {
      patient: Id,
      caregiver: Type.Optional(Id),
      caregiverCode: Type.Optional(CaregiverCode),
      powers: Type.Array(Power, { minItems: 1, maxItems: 5, uniqueItems: true }),
      evidence: Type.Optional(Prose(500, 'Signed at the clinic, form 12')),
      validFrom: Type.Optional(Instant),
      validUntil: Type.Optional(Until),
    },
    {
      title: 'NewMandate',
      examples: [
        {
          patient: '018f3a5e-7c1b-7d2e-9f30-5a6b7c8d9e0f',
          caregiverCode: 'K7QM-2XFD',
          powers: ['book', 'receive-messages'],
        },
      ],
    },
  ),
  status: 201,
  response: Mandate,
  problems: ['duplicate', 'not-found'],
})
export const listMandates = operation({
  id: 'listMandates',
  method: 'GET',
  url: '/v1/mandates',
  summary: 'List mandates given or received, newest first',
  access: 'Mandate.s',
  query: Closed({
    status: Type.Optional(Type.Enum(['active', 'revoked', 'expired'], { examples: ['active'] })),
    ...PageQuery,
  }),
  response: Page(Mandate),
})
export const readMandate = operation({
  id: 'readMandate',
  method: 'GET',
  url: '/v1/mandates/:id',
  summary: 'Read a mandate given or received',
  access: 'Mandate.r',
  params: IdParams,
  response: Mandate,
})
export const revokeMandate = operation({
  id: 'revokeMandate',
  method: 'POST',
  url: '/v1/mandates/:id/revoke',
  summary: 'End a mandate',
  description: 'By the patient or the caregiver; effective on the next request.',
  access: 'Mandate.d',
  params: IdParams,
  body: Closed({ reason: Type.Optional(Prose(500, 'We moved apart')) }, { title: 'MandateRevocation' }),
  response: Mandate,
})
