import { Type } from 'typebox'
import { Closed, Id, IdParams, Instant, Line, operation, Page, PageQuery, Version } from '#platform/operation.ts'
import { reach, reachChange } from '../../identity/contract.ts'

export const Active = Type.Boolean({
  examples: [true],
  description: 'false: out of use, and kept since others refer to it',
})
const facts = {
  name: Line(300, 'Harbour Health Trust'),
  city: Line(100, 'Port Selam'),
  country: Type.String({ pattern: '^[A-Z]{2}$', examples: ['GH'], description: 'ISO 3166-1 alpha-2' }),
}
export const Organisation = Closed(
  { id: Id, ...facts, ...reach, active: Active, version: Version },
  { title: 'Organisation' },
)

export const searchOrganisations = operation({
  id: 'searchOrganisations',
  method: 'GET',
  url: '/v1/organisations',
  summary: 'Search organisations that are in use, by name',
  access: 'public',
  query: Closed({ q: Type.Optional(Line(100, 'harbour')), ...PageQuery }),
  response: Page(Organisation),
})
export const readOrganisation = operation({
  id: 'readOrganisation',
  method: 'GET',
  url: '/v1/organisations/:id',
  summary: 'Read an organisation',
  access: 'public',
  params: IdParams,
  response: Organisation,
})
export const createOrganisation = operation({
  id: 'createOrganisation',
  method: 'POST',
  url: '/v1/organisations',
  summary: 'Add an organisation',
  access: 'Organisation.c',
  body: Closed({ ...facts, ...reach }, { title: 'NewOrganisation' }),
  status: 201,
  response: Organisation,
})
export const updateOrganisation = operation({
  id: 'updateOrganisation',
  method: 'PATCH',
  url: '/v1/organisations/:id',
  summary: 'Change an organisation',
  description:
    'By its managers and by administrators. Only an administrator changes `active`; `false` also ends every membership.',
  access: 'Organisation.u',
  params: IdParams,
  body: Closed(
    {
      ...Type.Partial(Type.Object(facts)).properties,
      ...reachChange,
      active: Type.Optional(Active),
    },
    { title: 'OrganisationChange', minProperties: 1 },
  ),
  ifMatch: true,
  response: Organisation,
  problems: ['forbidden'],
})

const DeskFunction = Type.Enum(['desk', 'manager'], {
  examples: ['desk'],
  description: 'desk: registers and books; manager: also says who works there',
})
export const Membership = Closed(
  { id: Id, organisation: Id, account: Id, function: DeskFunction, since: Instant },
  { title: 'Membership' },
)

export const addMember = operation({
  id: 'addMember',
  method: 'POST',
  url: '/v1/organisations/:id/members',
  summary: 'Let somebody work at an organisation',
  description: 'By an administrator, or a manager of this organisation. The account is the id that its owner sees.',
  access: 'Membership.c',
  params: IdParams,
  body: Closed({ account: Id, function: DeskFunction }, { title: 'NewMembership' }),
  status: 201,
  response: Membership,
  problems: ['duplicate', 'business-rule'],
})
export const listMembers = operation({
  id: 'listMembers',
  method: 'GET',
  url: '/v1/organisations/:id/members',
  summary: 'List who works at an organisation, newest first',
  access: 'Membership.s',
  params: IdParams,
  query: Closed(PageQuery),
  response: Page(Membership),
})
export const endMembership = operation({
  id: 'endMembership',
  method: 'DELETE',
  url: '/v1/members/:id',
  summary: 'End a membership',
  description: 'By an administrator, a manager of the organisation, or oneself. Effective on the next request.',
  access: 'Membership.d',
  params: IdParams,
})
export const listOwnMemberships = operation({
  id: 'listOwnMemberships',
  method: 'GET',
  url: '/v1/members',
  summary: 'List where one works, newest first',
  access: 'signed-in',
  query: Closed(PageQuery),
  response: Page(Membership),
})
