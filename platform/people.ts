import type { Context } from './context.ts'
import { operation } from './operation.ts'
import { type AboutPerson, Part, Person, type Trace, Traces } from './person.ts'
import { type AnyService, type Route, route } from './service.ts'

// What rooms know of one person: each tells its part, and gives its part up. Whoever coordinates asks all of them, in whatever process they are.

const named = (verb: string, room: string) =>
  `${verb}${room
    .split('-')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('')}`

const aboutIn = (room: string) =>
  operation({
    id: named('tellOfPersonIn', room),
    method: 'POST',
    url: `/house-people/${room}/about` as const,
    summary: `What ${room} knows of a person`,
    access: 'house',
    body: Person,
    response: Part,
  })

const eraseIn = (room: string) =>
  operation({
    id: named('erasePersonIn', room),
    method: 'POST',
    url: `/house-people/${room}/erase` as const,
    summary: `Gives up what ${room} knows of a person`,
    access: 'house',
    body: Person,
    response: Traces,
  })

/** The doors for other rooms that follow from what a room says it can do. */
export const withPeopleRoutes = (service: AnyService): AnyService => {
  const { name, aboutPerson, erase } = service
  const routes: Route[] = []
  if (aboutPerson) routes.push(route(aboutIn(name), (ctx, { body }) => aboutPerson(ctx, body)))
  if (erase) routes.push(route(eraseIn(name), async (ctx, { body }) => ({ traces: await erase(ctx, body) })))
  return { ...service, routes: [...service.routes, ...routes] }
}

export const roomsWithPeople = (services: readonly AnyService[]): Context['people'] => ({
  about: services.filter(({ aboutPerson }) => aboutPerson).map(({ name }) => name),
  erase: services.filter(({ erase }) => erase).map(({ name }) => name),
})

type Asking = Pick<Context, 'call' | 'people'>

/** Each room's part, by its name. */
export async function tellOfPerson({ call, people }: Asking, person: Person): Promise<Map<string, AboutPerson>> {
  const parts = new Map<string, AboutPerson>()
  for (const room of people.about) parts.set(room, await call(aboutIn(room), { body: person }))
  return parts
}

/** Room after room, those that are told of others first: one that fails ends it, and all of it may be done again. */
export async function erasePerson({ call, people }: Asking, person: Person): Promise<Map<string, Trace[]>> {
  const traces = new Map<string, Trace[]>()
  for (const room of people.erase.toReversed()) traces.set(room, (await call(eraseIn(room), { body: person })).traces)
  return traces
}
