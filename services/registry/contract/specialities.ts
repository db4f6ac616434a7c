import { Type } from 'typebox'
import { Closed, Line, operation, Page, PageQuery, Version } from '#platform/operation.ts'
import { Active } from './organisations.ts'

export const SpecialityCode = Type.String({
  pattern: '^[a-z][a-z0-9-]{1,63}$',
  examples: ['cardiology'],
  description: 'Code; see GET /v1/specialities',
})

const facts = {
  display: Line(100, 'Cardiology'),
  synonyms: Type.Array(Line(100, 'heart doctor'), {
    maxItems: 40,
    description: 'Other words for it, in any language; all of them are searched',
  }),
}
export const Speciality = Closed(
  { code: SpecialityCode, ...facts, active: Active, version: Version },
  { title: 'Speciality' },
)

export const searchSpecialities = operation({
  id: 'searchSpecialities',
  method: 'GET',
  url: '/v1/specialities',
  summary: 'Search the coded list of specialities',
  description: 'By code, display or synonym, from the first letters on and with slips of spelling; best match first.',
  access: 'public',
  query: Closed({ q: Type.Optional(Line(100, 'heart')), ...PageQuery }),
  response: Page(Speciality),
})
export const readSpeciality = operation({
  id: 'readSpeciality',
  method: 'GET',
  url: '/v1/specialities/:code',
  summary: 'Read a speciality',
  access: 'public',
  params: Closed({ code: SpecialityCode }),
  response: Speciality,
})
export const createSpeciality = operation({
  id: 'createSpeciality',
  method: 'POST',
  url: '/v1/specialities',
  summary: 'Add a speciality',
  access: 'Speciality.c',
  body: Closed({ code: SpecialityCode, ...facts }, { title: 'NewSpeciality' }),
  status: 201,
  response: Speciality,
  problems: ['duplicate'],
})
export const updateSpeciality = operation({
  id: 'updateSpeciality',
  method: 'PATCH',
  url: '/v1/specialities/:code',
  summary: 'Change the words for a speciality',
  description: 'Its code stays: others refer to it. Out of use, it is found no more, and no new profile can name it.',
  access: 'Speciality.u',
  params: Closed({ code: SpecialityCode }),
  body: Closed(
    { display: Type.Optional(facts.display), synonyms: Type.Optional(facts.synonyms), active: Type.Optional(Active) },
    { title: 'SpecialityChange', minProperties: 1 },
  ),
  ifMatch: true,
  response: Speciality,
})
