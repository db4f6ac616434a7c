import { Type } from 'typebox'
import { Closed, Id, IdParams, Language, Line, operation, Page, PageQuery, Version } from '#platform/operation.ts'
import { reach, reachChange } from '../../identity/contract.ts'
import { Active } from './organisations.ts'

export const CaregiverCode = Type.String({
  pattern: '^[A-Za-z0-9]{4}-?[A-Za-z0-9]{4}$',
  examples: ['K7QM-2XFD'],
  description: 'What a caregiver tells a patient, so that the patient can name them',
})
const facts = { name: Line(300, 'Hana Bekele'), language: Language }

export const Caregiver = Closed(
  {
    id: Id,
    ...facts,
    ...reach,
    code: Type.Optional(Type.String({ ...CaregiverCode, description: 'Shown to the caregiver alone' })),
    active: Active,
    version: Version,
  },
  { title: 'Caregiver' },
)

export const createCaregiver = operation({
  id: 'createCaregiver',
  method: 'POST',
  url: '/v1/caregivers',
  summary: 'Create one’s own caregiver profile',
  description: 'One for each account. Gives the role caregiver, and a code to tell to patients.',
  access: 'signed-in',
  body: Closed({ ...facts, ...reach }, { title: 'NewCaregiver' }),
  status: 201,
  response: Caregiver,
  problems: ['duplicate'],
})
export const readCaregiver = operation({
  id: 'readCaregiver',
  method: 'GET',
  url: '/v1/caregivers/:id',
  summary: 'Read a caregiver’s profile',
  description: 'Oneself, or a caregiver whom one has given a mandate; administrators read any.',
  access: 'signed-in',
  params: IdParams,
  response: Caregiver,
})
export const searchCaregivers = operation({
  id: 'searchCaregivers',
  method: 'GET',
  url: '/v1/caregivers',
  summary: 'List caregivers, newest first',
  access: 'Caregiver.s',
  query: Closed({ q: Type.Optional(Line(100, 'hana')), ...PageQuery }),
  response: Page(Caregiver),
})
export const updateCaregiver = operation({
  id: 'updateCaregiver',
  method: 'PATCH',
  url: '/v1/caregivers/:id',
  summary: 'Change one’s own caregiver profile',
  description:
    'Out of use, it can be named in no new mandate, and those it has rest. Administrators take any out of use with `active`, and back; what one of them took out of use, its owner does not bring back.',
  access: 'signed-in',
  params: IdParams,
  body: Closed(
    {
      ...Type.Partial(Type.Object(facts)).properties,
      ...reachChange,
      active: Type.Optional(Active),
    },
    { title: 'CaregiverChange', minProperties: 1 },
  ),
  ifMatch: true,
  response: Caregiver,
  problems: ['forbidden'],
})
