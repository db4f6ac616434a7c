import { Type } from 'typebox'
import { Closed, Id, IdParams, Language, Line, operation, Page, PageQuery, Version } from '#platform/operation.ts'
import { Email, Phone, Removable, reachChange } from '../../identity/contract.ts'
import { Active } from './organisations.ts'

const facts = { name: Line(300, 'Lena Duarte'), language: Language }
const more = {
  duty: Type.Optional(Line(300, 'Verifies licences')),
  phone: Type.Optional(Phone),
  email: Type.Optional(Email),
}
export const Administrator = Closed(
  { id: Id, ...facts, ...more, active: Active, version: Version },
  { title: 'Administrator' },
)

export const createAdministrator = operation({
  id: 'createAdministrator',
  method: 'POST',
  url: '/v1/administrators',
  summary: 'Create one’s own administrator profile',
  description: 'One for each account, by who is an administrator: a profile makes nobody one. Others see whom to ask.',
  access: 'Administrator.c',
  body: Closed({ ...facts, ...more }, { title: 'NewAdministrator' }),
  status: 201,
  response: Administrator,
  problems: ['duplicate'],
})
export const readAdministrator = operation({
  id: 'readAdministrator',
  method: 'GET',
  url: '/v1/administrators/:id',
  summary: 'Read an administrator’s profile',
  access: 'Administrator.r',
  params: IdParams,
  response: Administrator,
})
export const searchAdministrators = operation({
  id: 'searchAdministrators',
  method: 'GET',
  url: '/v1/administrators',
  summary: 'List administrators, newest first',
  access: 'Administrator.s',
  query: Closed(PageQuery),
  response: Page(Administrator),
})
export const updateAdministrator = operation({
  id: 'updateAdministrator',
  method: 'PATCH',
  url: '/v1/administrators/:id',
  summary: 'Change one’s own administrator profile',
  description:
    'Other administrators change `active` alone. Out of use, one may do nothing as an administrator, from the next request on, and only another one brings them back. The last one stays.',
  access: 'Administrator.u',
  params: IdParams,
  body: Closed(
    {
      ...Type.Partial(Type.Object(facts)).properties,
      duty: Type.Optional(Removable(Line(300, 'Verifies licences'))),
      ...reachChange,
      active: Type.Optional(Active),
    },
    { title: 'AdministratorChange', minProperties: 1 },
  ),
  ifMatch: true,
  response: Administrator,
  problems: ['business-rule', 'forbidden'],
})
