import { Type } from 'typebox'
import {
  CalendarDate,
  Closed,
  Gender,
  Id,
  IdParams,
  Instant,
  Language,
  Line,
  operation,
  Page,
  PageQuery,
  Prose,
  Version,
  Zone,
} from '#platform/operation.ts'
import { CaregiverCode } from './caregivers.ts'
import { Power } from './patients.ts'

const Until = Type.String({ ...Instant, examples: ['2032-03-03T09:00:00Z'] })

export const MandateStatus = Type.Enum(['proposed', 'unverified', 'active', 'revoked', 'expired'], {
  examples: ['active'],
  description:
    'proposed: the caregiver has not accepted yet; unverified: a guardian whose evidence nobody has looked at',
})

export const Mandate = Closed(
  {
    id: Id,
    patient: Id,
    patientName: Type.Optional(Line(300, 'Saba Tesfaye')),
    caregiver: Id,
    caregiverName: Line(300, 'Hana Bekele'),
    powers: Type.Array(Power),
    evidence: Type.Optional(Prose(500, 'Signed at the clinic, form 12')),
    basis: Type.Enum(['patient', 'guardian', 'delegated', 'desk'], {
      examples: ['patient'],
      description:
        'Who gave it: the patient; nobody, since the caregiver is guardian of a child; a guardian; a desk, on evidence',
    }),
    status: MandateStatus,
    validFrom: Instant,
    validUntil: Type.Optional(Until),
    revokedAt: Type.Optional(Instant),
    revokeReason: Type.Optional(Prose(500, 'We moved apart')),
    version: Version,
  },
  {
    title: 'Mandate',
    description:
      'Without patientName and validUntil for who says that they are guardian of a child whom they have not registered, until that is verified.',
  },
)

export const createMandate = operation({
  id: 'createMandate',
  method: 'POST',
  url: '/v1/mandates',
  summary: 'Let a caregiver act for a patient',
  description:
    'By the patient; by a guardian, for the child; or on evidence that is written down: by an administrator, or at the desk that keeps the record of somebody without an account, whose staff give book, receive-messages and pay, for a year, and to nobody of the same desk. Names the caregiver by the code that they tell, or by id. It opens nothing until the caregiver accepts. Default: from now, for one year; at most five years, and for a child not beyond coming of age.',
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
  problems: ['duplicate', 'not-found', 'business-rule'],
})
export const listMandates = operation({
  id: 'listMandates',
  method: 'GET',
  url: '/v1/mandates',
  summary: 'List mandates given or received, newest first',
  description: 'Administrators see all: `unverified` are those that wait for them.',
  access: 'Mandate.s',
  query: Closed({
    status: Type.Optional(MandateStatus),
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
  description:
    'By the patient, the caregiver (who so also declines), the guardian or desk who gave it, a guardian where a desk did, or an administrator, these with a reason; effective on the next request. What a guardian gave ends with the guardian.',
  access: 'Mandate.d',
  params: IdParams,
  body: Closed({ reason: Type.Optional(Prose(500, 'We moved apart')) }, { title: 'MandateRevocation' }),
  response: Mandate,
})

export const acceptMandate = operation({
  id: 'acceptMandate',
  method: 'POST',
  url: '/v1/mandates/:id/accept',
  summary: 'Accept a mandate that one was given',
  description: 'By the caregiver. From then on it permits what it says. To decline, revoke it.',
  access: 'Mandate.a',
  params: IdParams,
  response: Mandate,
  problems: ['business-rule'],
})
export const createGuardianship = operation({
  id: 'createGuardianship',
  method: 'POST',
  url: '/v1/guardianships',
  summary: 'Say that one is guardian of a child',
  description:
    'Makes a mandate with every power. `child` registers a child, who needs no account; `patient` names one who is registered, and tells nothing about them. It opens nothing until an administrator has verified the evidence, and ends when the child comes of age. At most five that nobody has verified: those that wait, and those given up within thirty days.',
  access: 'Guardianship.c',
  body: Closed(
    {
      child: Type.Optional(
        Closed({
          name: Line(300, 'Liya Tesfaye'),
          birthDate: Type.String({ ...CalendarDate, examples: ['2026-02-11'] }),
          gender: Gender,
          language: Language,
          zone: Zone,
        }),
      ),
      patient: Type.Optional(Id),
      evidence: Prose(500, 'Birth certificate 77-1204, shown at the clinic'),
    },
    {
      title: 'NewGuardianship',
      examples: [
        {
          child: {
            name: 'Liya Tesfaye',
            birthDate: '2026-02-11',
            gender: 'female',
            language: 'am',
            zone: 'Africa/Addis_Ababa',
          },
          evidence: 'Birth certificate 77-1204, shown at the clinic',
        },
      ],
    },
  ),
  status: 201,
  response: Mandate,
  problems: ['not-found', 'business-rule', 'duplicate'],
})
export const verifyMandate = operation({
  id: 'verifyMandate',
  method: 'POST',
  url: '/v1/mandates/:id/verify',
  summary: 'Say that a guardian’s evidence was seen',
  description: 'To refuse it, revoke the mandate with a reason. Nobody verifies a guardianship of their own.',
  access: 'Mandate.u',
  params: IdParams,
  ifMatch: true,
  response: Mandate,
  problems: ['business-rule'],
})

const SlipCode = Type.String({
  pattern: '^[A-Za-z0-9_-]{43}$',
  examples: ['AY86Xnwbfi6fMFpre4yeDwAAAAAAAAAAAAAAAAAAAAA'],
  description: 'What the QR code of a slip holds at its end',
})
export const readMandateSlip = operation({
  id: 'readMandateSlip',
  method: 'GET',
  url: '/v1/mandates/:id/slip',
  summary: 'Print a mandate as a slip of paper',
  description: 'A page for a printer, with a QR code by which anybody who is shown the paper can check it.',
  access: 'Mandate.r',
  params: IdParams,
  download: 'text/html',
})
export const checkMandateSlip = operation({
  id: 'checkMandateSlip',
  method: 'GET',
  url: '/v1/mandate-slips/:code',
  summary: 'Check a slip of paper',
  description: 'For whoever is shown it: the names must be those on the paper, and the status must be active.',
  access: 'public',
  perMinute: 60,
  params: Closed({ code: SlipCode }),
  response: Closed(
    {
      status: MandateStatus,
      patientName: Line(300, 'Saba Tesfaye'),
      caregiverName: Line(300, 'Hana Bekele'),
      powers: Type.Array(Power),
      validUntil: Until,
      checkedAt: Instant,
    },
    { title: 'CheckedSlip' },
  ),
})
