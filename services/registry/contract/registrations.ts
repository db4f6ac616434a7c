import { Type } from 'typebox'
import {
  CalendarDate,
  Closed,
  Gender,
  Id,
  IdParams,
  Instant,
  Line,
  operation,
  Page,
  PageQuery,
} from '#platform/operation.ts'
import { Phone } from '../../identity/contract.ts'
import { NewPatient, Patient } from './patients.ts'
import { NewPractitioner, Practitioner } from './practitioners.ts'

export const registerPatient = operation({
  id: 'registerPatient',
  method: 'POST',
  url: '/v1/organisations/:id/patients',
  summary: 'Register a patient at a desk',
  description:
    'Somebody without an account, such as a child. The desk may book for them; a claim code lets them sign in later.',
  access: 'Registration.c',
  params: IdParams,
  body: NewPatient,
  status: 201,
  response: Patient,
})
export const searchRegisteredPatients = operation({
  id: 'searchRegisteredPatients',
  method: 'POST',
  url: '/v1/organisations/:id/patients/search',
  summary: 'Search the patients of an organisation, newest first',
  description:
    'Those whom it registered, and those who have or had a visit at one of its places until thirty days after it. A POST, so that no name is in an address.',
  access: 'Registration.s',
  params: IdParams,
  query: Closed(PageQuery),
  body: Closed(
    {
      name: Type.Optional(Line(100, 'tesfaye')),
      birthDate: Type.Optional(CalendarDate),
      phone: Type.Optional(Phone),
    },
    { title: 'PatientCriteria' },
  ),
  idempotent: false,
  response: Page(
    Closed(
      {
        id: Id,
        name: Line(300, 'Saba Tesfaye'),
        birthDate: CalendarDate,
        gender: Gender,
        phone: Type.Optional(Phone),
        account: Type.Boolean({ examples: [false], description: 'Whether they sign in themselves' }),
      },
      { title: 'RegisteredPatient' },
    ),
  ),
})
export const registerPractitioner = operation({
  id: 'registerPractitioner',
  method: 'POST',
  url: '/v1/organisations/:id/practitioners',
  summary: 'Register a practitioner at a desk',
  description: 'Somebody without an account. The desk keeps their profile and licences until they have one.',
  access: 'Registration.c',
  params: IdParams,
  body: NewPractitioner,
  status: 201,
  response: Practitioner,
  problems: ['business-rule'],
})
export const listRegisteredPractitioners = operation({
  id: 'listRegisteredPractitioners',
  method: 'GET',
  url: '/v1/organisations/:id/practitioners',
  summary: 'List the practitioners whom an organisation registered, newest first',
  access: 'Registration.s',
  params: IdParams,
  query: Closed(PageQuery),
  response: Page(Practitioner),
})

const Code = Type.String({
  pattern: '^[A-Za-z0-9]{4}-?[A-Za-z0-9]{4}-?[A-Za-z0-9]{4}$',
  examples: ['K7QM-2XFD-9RTB'],
})
const ClaimCode = Closed({ code: Code, expiresAt: Instant }, { title: 'ClaimCode' })
const HANDED_OVER =
  'To be printed and handed over. Shown once, used once, within fourteen days; a new one replaces it. Only while they have no account.'
const forWhom = {
  params: IdParams,
  idempotent: false, // its answer must be kept nowhere
  status: 201,
  response: ClaimCode,
} as const
export const createPatientClaimCode = operation({
  id: 'createPatientClaimCode',
  method: 'POST',
  url: '/v1/patients/:id/claim-code',
  summary: 'Make a code by which a patient takes over their record',
  description: `${HANDED_OVER} By the desk that keeps the record, a child’s verified guardian, or an administrator; it opens nothing to any of them.`,
  access: 'ClaimCode.c',
  ...forWhom,
})
export const createPractitionerClaimCode = operation({
  id: 'createPractitionerClaimCode',
  method: 'POST',
  url: '/v1/practitioners/:id/claim-code',
  summary: 'Make a code by which a practitioner takes over their profile',
  description: HANDED_OVER,
  access: 'Registration.u',
  ...forWhom,
})
export const claimRecord = operation({
  id: 'claimRecord',
  method: 'POST',
  url: '/v1/claims',
  summary: 'Take over one’s own record with the code from a desk',
  description:
    'For a patient with their birth date, so that a slip that was lost opens nothing. Ten wrong codes an hour.',
  access: 'signed-in',
  perMinute: 30,
  body: Closed({ code: Code, birthDate: Type.Optional(CalendarDate) }, { title: 'Claim' }),
  response: Closed(
    { type: Type.Enum(['Patient', 'Practitioner'], { examples: ['Patient'] }), record: Id },
    { title: 'Claimed' },
  ),
  problems: ['business-rule', 'duplicate', 'throttled'],
})
