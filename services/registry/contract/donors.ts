import { Type } from 'typebox'
import { Closed, Id, IdParams, Language, Line, operation, Page, PageQuery, Version } from '#platform/operation.ts'
import { reach, reachChange } from '../../identity/contract.ts'
import { Active } from './organisations.ts'

const facts = { name: Line(300, 'Kofi Mensah'), language: Language }
const Anonymous = Type.Boolean({ examples: [true], description: 'Whether thanks leave the name out; default true' })
export const Donor = Closed(
  { id: Id, ...facts, ...reach, anonymous: Anonymous, active: Active, version: Version },
  { title: 'Donor' },
)

export const createDonor = operation({
  id: 'createDonor',
  method: 'POST',
  url: '/v1/donors',
  summary: 'Create one’s own donor profile',
  description: 'One for each account. Gives the role donor.',
  access: 'signed-in',
  body: Closed({ ...facts, ...reach, anonymous: Type.Optional(Anonymous) }, { title: 'NewDonor' }),
  status: 201,
  response: Donor,
  problems: ['duplicate'],
})
export const readDonor = operation({
  id: 'readDonor',
  method: 'GET',
  url: '/v1/donors/:id',
  summary: 'Read a donor’s profile',
  description: 'One’s own; administrators read any.',
  access: 'signed-in',
  params: IdParams,
  response: Donor,
})
export const searchDonors = operation({
  id: 'searchDonors',
  method: 'GET',
  url: '/v1/donors',
  summary: 'List donors, newest first',
  access: 'Donor.s',
  query: Closed(PageQuery),
  response: Page(Donor),
})
export const updateDonor = operation({
  id: 'updateDonor',
  method: 'PATCH',
  url: '/v1/donors/:id',
  summary: 'Change one’s own donor profile',
  description: 'Administrators take any out of use with `active`, and back.',
  access: 'signed-in',
  params: IdParams,
  body: Closed(
    {
      ...Type.Partial(Type.Object(facts)).properties,
      ...reachChange,
      anonymous: Type.Optional(Anonymous),
      active: Type.Optional(Active),
    },
    { title: 'DonorChange', minProperties: 1 },
  ),
  ifMatch: true,
  response: Donor,
  problems: ['forbidden'],
})
