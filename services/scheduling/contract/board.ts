import { Type } from 'typebox'
import { Closed, Id, IdParams, Instant, Line, operation } from '#platform/operation.ts'

// Screens of a waiting room, and the live view of whoever runs the day.

const facts = {
  place: Id,
  name: Line(60, 'Waiting room, ground floor'),
  shows: Type.Enum(['numbers', 'initials'], {
    examples: ['numbers'],
    description: 'Never names: numbers alone, or initials beside them',
  }),
  queues: Type.Array(Id, { maxItems: 50, description: 'Which ones; none: all of the place' }),
}

export const BoardKey = Closed({ id: Id, ...facts, createdAt: Instant }, { title: 'BoardKey' })

export const createBoardKey = operation({
  id: 'createBoardKey',
  method: 'POST',
  url: '/v1/board-keys',
  summary: 'Make a key for the screen of a waiting room',
  description: 'By the desk of the place. The key is shown this once; only its hash is kept.',
  access: 'Queue.c',
  body: Closed(
    { place: facts.place, name: facts.name, shows: Type.Optional(facts.shows), queues: Type.Optional(facts.queues) },
    { title: 'NewBoardKey' },
  ),
  idempotent: false,
  problems: ['not-found'],
  status: 201,
  response: Closed({ ...BoardKey.properties, key: Type.String({ examples: ['ohcs_…'] }) }),
})
export const listBoardKeys = operation({
  id: 'listBoardKeys',
  method: 'GET',
  url: '/v1/places/:id/board-keys',
  summary: 'Keys of screens at a place that were not revoked',
  access: 'Queue.s',
  params: IdParams,
  response: Closed({ items: Type.Array(BoardKey) }),
})
export const deleteBoardKey = operation({
  id: 'deleteBoardKey',
  method: 'DELETE',
  url: '/v1/board-keys/:id',
  summary: 'Revoke the key of a screen',
  description: 'The screen goes dark at once.',
  access: 'Queue.d',
  params: IdParams,
})

export const streamBoard = operation({
  id: 'streamBoard',
  method: 'GET',
  url: '/v1/board/stream',
  summary: 'What the screen of a waiting room shows, as it changes (server-sent events)',
  description:
    'With the key in the header `Board-Key`, so that it is in no address. Each event is called `board` and has all of it as JSON: `place`, and for each of `queues` its `letter`, `name`, who was `called` (`label`, `at`, `initials` where the key says so), who is `waiting` in the order in which they are called, and the `wait` of somebody who came now. Whoever sends the id of the last event as `Last-Event-ID` is sent the next only when something is different. A comment comes when nothing else does. Ends when the key is revoked. Of more than twenty streams of a key the oldest ends.',
  access: 'public',
  download: 'text/event-stream',
})
export const streamDay = operation({
  id: 'streamDay',
  method: 'GET',
  url: '/v1/places/:id/day/stream',
  summary: 'The queues of a place as they change, with names (server-sent events)',
  description:
    'For the desk of the place: all its queues; for a practitioner those whose people they see. Each event is called `day` and has `queues`, each as in GET /v1/places/{id}/queues with `called` and `waiting` as in GET /v1/queues/{id}/entries, and the `name` of registered patients. `Last-Event-ID` as for the screen. Ends with the session, the work at the desk, or the licence.',
  access: 'Queue.s',
  params: IdParams,
  download: 'text/event-stream',
})
