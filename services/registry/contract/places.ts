import { Type } from 'typebox'
import { Closed, Id, IdParams, Line, operation, Page, PageQuery, Version, Zone } from '#platform/operation.ts'
import { Phone, Removable } from '../../identity/contract.ts'
import { Active } from './organisations.ts'

const facts = {
  name: Line(300, 'Harbour Clinic'),
  address: Line(300, '3 Quay Street'),
  city: Line(100, 'Port Selam'),
  country: Type.String({ pattern: '^[A-Z]{2}$', examples: ['GH'], description: 'ISO 3166-1 alpha-2' }),
  latitude: Type.Number({ minimum: -90, maximum: 90, examples: [5.55] }),
  longitude: Type.Number({ minimum: -180, maximum: 180, examples: [-0.2] }),
  zone: Zone,
}
export const Place = Closed(
  {
    id: Id,
    ...facts,
    phone: Type.Optional(Phone),
    organisation: Type.Optional(Id),
    active: Active,
    distanceKm: Type.Optional(Type.Number({ examples: [3.2], description: 'From `near`, where that was given' })),
    version: Version,
  },
  { title: 'Place' },
)
export const NewPlace = Closed(
  { ...facts, phone: Type.Optional(Phone), organisation: Type.Optional(Id) },
  { title: 'NewPlace' },
)
const PlaceChange = Closed(
  {
    ...Type.Partial(Type.Object(facts)).properties,
    phone: Type.Optional(Removable(Phone)),
    organisation: Type.Optional(Removable(Id)),
    active: Type.Optional(Active),
  },
  { title: 'PlaceChange', minProperties: 1 },
)

export const searchPlaces = operation({
  id: 'searchPlaces',
  method: 'GET',
  url: '/v1/places',
  summary: 'Search places where care is given',
  description: 'By words of the name or town, or around a point; nearest first where `near` is given, else by name.',
  access: 'public',
  query: Closed({
    q: Type.Optional(Line(100, 'harbour')),
    near: Type.Optional(
      Type.String({
        pattern: '^-?\\d{1,2}(\\.\\d{1,8})?,-?\\d{1,3}(\\.\\d{1,8})?$',
        maxLength: 30,
        examples: ['5.55,-0.2'],
        description: 'latitude,longitude',
      }),
    ),
    within: Type.Optional(
      Type.Number({ minimum: 0.1, maximum: 500, examples: [25], description: 'Kilometres around `near`; default 25' }),
    ),
    ...PageQuery,
  }),
  response: Page(Place),
})
export const readPlace = operation({
  id: 'readPlace',
  method: 'GET',
  url: '/v1/places/:id',
  summary: 'Read a place',
  access: 'public',
  params: IdParams,
  response: Place,
})
export const createPlace = operation({
  id: 'createPlace',
  method: 'POST',
  url: '/v1/places',
  summary: 'Add a place',
  access: 'Place.c',
  body: NewPlace,
  status: 201,
  response: Place,
})
export const updatePlace = operation({
  id: 'updatePlace',
  method: 'PATCH',
  url: '/v1/places/:id',
  summary: 'Change a place',
  description: 'Out of use, it is not found any more; hours that were placed there stay.',
  access: 'Place.u',
  params: IdParams,
  body: PlaceChange,
  ifMatch: true,
  response: Place,
  problems: ['business-rule'],
})
