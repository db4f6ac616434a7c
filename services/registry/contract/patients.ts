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
import { reach, reachChange } from '../../identity/contract.ts'
import { Active } from './organisations.ts'

/** The same words as in platform/access.ts; contracts import no code of the ground, and a test compares them. */
export const Power = Type.Enum(['book', 'see-record', 'see-sensitive', 'receive-messages', 'pay'], {
  examples: ['book'],
})

const facts = {
  name: Line(300, 'Saba Tesfaye'),
  birthDate: Type.String({
    ...CalendarDate,
    examples: ['1987-06-05'],
    description: '1900 or later, not in the future',
  }),
  gender: Gender,
  language: Language,
  zone: Zone,
}
const Reason = Type.String({
  ...Prose(500, 'Registered twice; the other record is in use'),
  description: 'Why an administrator took the record out of use',
})
export const Patient = Closed(
  { id: Id, ...facts, ...reach, active: Active, reason: Type.Optional(Reason), version: Version },
  { title: 'Patient' },
)
export const NewPatient = Closed({ ...facts, ...reach }, { title: 'NewPatient' })

export const createPatient = operation({
  id: 'createPatient',
  method: 'POST',
  url: '/v1/patients',
  summary: 'Create one’s own patient profile',
  description: 'One for each account. Gives the role patient.',
  access: 'signed-in',
  body: NewPatient,
  status: 201,
  response: Patient,
  problems: ['duplicate'],
})
export const readPatient = operation({
  id: 'readPatient',
  method: 'GET',
  url: '/v1/patients/:id',
  summary: 'Read a patient’s profile',
  description:
    'Oneself; under a mandate with the power `see-record`; while treating the patient; or at the desk of an organisation that registered or awaits them. Administrators see who it is, and not how they are reached.',
  access: 'Patient.r',
  patient: '/params/id',
  params: IdParams,
  response: Patient,
})
export const updatePatient = operation({
  id: 'updatePatient',
  method: 'PATCH',
  url: '/v1/patients/:id',
  summary: 'Change one’s own patient profile',
  description:
    'Or, at the desk where the patient was registered, while they have no account; or a child’s, by a verified guardian, who may not take it out of use. A birth date corrected by the guardian never makes a guardianship longer. Administrators take any out of use with `active` and a `reason`, and back. Out of use, nothing new is booked for the patient, and no caregiver finds them in a list; who may see the record still does, the patient first of all.',
  access: 'Patient.u',
  patient: '/params/id',
  params: IdParams,
  body: Closed(
    {
      ...Type.Partial(Type.Object(facts)).properties,
      ...reachChange,
      active: Type.Optional(Active),
      reason: Type.Optional(Reason),
    },
    { title: 'PatientChange', minProperties: 1 },
  ),
  ifMatch: true,
  response: Patient,
  problems: ['business-rule', 'forbidden'],
})
export const listPatients = operation({
  id: 'listPatients',
  method: 'GET',
  url: '/v1/patients',
  summary: 'List the patients one may act for',
  description: 'Oneself and those of present mandates, with the powers that one has.',
  access: 'signed-in',
  scope: 'Patient.s',
  query: Closed(PageQuery),
  response: Page(
    Closed(
      {
        id: Id,
        name: facts.name,
        relationship: Type.Enum(['self', 'mandate'], { examples: ['mandate'] }),
        powers: Type.Array(Power),
        until: Type.Optional(Instant),
      },
      { title: 'ActingFor' },
    ),
  ),
})
