import { sql } from 'kysely'
import { type Static, Type } from 'typebox'
import { audit } from '#platform/audit.ts'
import { Problem } from '#platform/errors.ts'
import { on, publish } from '#platform/events.ts'
import { newId } from '#platform/ids.ts'
import { Closed, event, Id, IdParams, Instant, Line, operation, Version } from '#platform/operation.ts'
import { type Route, route, type Service } from '#platform/service.ts'
import { transact } from '#platform/transaction.ts'

// Two small rooms that use every part of the ground, so that the ground is tested without the rooms that stand on it.

export interface NotesTables {
  note: { id: string; text: string; version: number }
}

const Note = Closed({ id: Id, text: Line(100, 'remember the milk'), version: Version }, { title: 'Note' })
export const createNote = operation({
  id: 'createNote',
  method: 'POST',
  url: '/v1/notes',
  summary: 'Write a note',
  access: 'signed-in',
  status: 201,
  body: Closed({
    text: Line(100, 'remember the milk'),
    at: Type.Optional(Instant),
    many: Type.Optional(Type.Integer({ minimum: 1, maximum: 5 })),
  }),
  response: Note,
})
export const readNote = operation({
  id: 'readNote',
  method: 'GET',
  url: '/v1/notes/:id',
  summary: 'Read a note',
  access: 'Appointment.r',
  params: IdParams,
  response: Note,
})
export const changeNote = operation({
  id: 'changeNote',
  method: 'PUT',
  url: '/v1/notes/:id',
  summary: 'Change a note',
  access: 'signed-in',
  params: IdParams,
  ifMatch: true,
  body: Closed({ text: Line(100, 'eggs, too') }),
  response: Note,
})
export const breakDown = operation({
  id: 'breakDown',
  method: 'POST',
  url: '/v1/break-down',
  summary: 'Fail after a write',
  access: 'signed-in',
  body: Closed({ text: Line(100, 'x'), with: Line(100, 'a word') }),
})
export const askNeighbour = operation({
  id: 'askNeighbour',
  method: 'GET',
  url: '/v1/neighbour',
  summary: 'Ask the other room',
  access: 'signed-in',
  response: Closed({ actor: Type.String(), length: Type.Integer() }),
})
export const sleep = operation({
  id: 'sleep',
  method: 'GET',
  url: '/v1/sleep',
  summary: 'Take a while',
  access: 'public',
  query: Closed({ ms: Type.Integer({ minimum: 0, maximum: 5_000 }) }),
  response: Closed({ slept: Type.Integer() }),
  perMinute: 100,
})
export const hang = operation({
  id: 'hang',
  method: 'POST',
  url: '/v1/hang',
  summary: 'Never answer',
  access: 'signed-in',
  body: Closed({ text: Line(100, 'x') }),
})
export const rare = operation({
  id: 'rare',
  method: 'GET',
  url: '/v1/rare',
  summary: 'Twice a minute',
  access: 'public',
  perMinute: 2,
  response: Closed({ ok: Type.Boolean() }),
})

export const noteWritten = event('Note.written', { note: Id })

async function write(ctx: Parameters<Route<NotesTables>['handler']>[0], text: string): Promise<Static<typeof Note>> {
  return transact(ctx, async (ctx) => {
    const note = { id: newId(), text, version: 1 }
    await ctx.db.insertInto('note').values(note).execute()
    audit(ctx, { action: 'C', entity: `Note/${note.id}` })
    publish(ctx, noteWritten, { note: note.id })
    return note
  })
}

const routes: Route<NotesTables>[] = [
  route(createNote, (ctx, { body }) => write(ctx, body.text)),
  route(readNote, async (ctx, { params }) => {
    const note = await ctx.db.selectFrom('note').selectAll().where('id', '=', params.id).executeTakeFirst()
    if (!note) throw new Problem('not-found', 'There is no such note.')
    return { ...note, secret: 'undeclared' }
  }),
  route(changeNote, (ctx, { params, body, ifMatch }) =>
    transact(ctx, async (ctx) => {
      const changed = await ctx.db
        .updateTable('note')
        .set({ text: body.text, version: ifMatch + 1 })
        .where('id', '=', params.id)
        .where('version', '=', ifMatch)
        .returningAll()
        .executeTakeFirst()
      if (!changed) throw new Problem('lock-error', 'The note has changed since you read it.')
      return changed
    }),
  ),
  route(breakDown, async (ctx, { body }) => {
    await transact(ctx, async (ctx) => {
      await ctx.db.insertInto('note').values({ id: newId(), text: body.text, version: 1 }).execute()
      throw new Error(body.with)
    })
  }),
  route(askNeighbour, async (ctx) => ctx.call(tellLength, { query: { more: 1 } })),
  route(sleep, async (ctx, { query }) => {
    await sql`select pg_sleep(${query.ms / 1_000})`.execute(ctx.db)
    return { slept: query.ms }
  }),
  route(hang, () => new Promise<never>(() => {})),
  route(rare, async () => ({ ok: true })),
]

export const tellLength = operation({
  id: 'tellLength',
  method: 'GET',
  url: '/v1/length',
  summary: 'How long the secret is',
  access: 'house',
  query: Closed({ more: Type.Integer() }),
  response: Closed({ actor: Type.String(), length: Type.Integer() }),
})

export const notes: Service<NotesTables> = {
  name: 'notes',
  purpose: 'Notes for tests',
  resources: [],
  routes,
  events: [noteWritten],
  subscriptions: [],
  jobs: [],
  migrations: new URL('./migrations/', import.meta.url),
}

/** Notes the deliveries that it was given, and those that took effect. */
export const delivered: string[] = []

export interface NeighbourTables {
  secret: { words: string }
}

export const neighbour: Service<NeighbourTables> = {
  name: 'neighbour',
  purpose: 'The other room',
  resources: [],
  routes: [
    route(tellLength, async (ctx, { query }) => {
      const { words } = await ctx.db.selectFrom('secret').select('words').executeTakeFirstOrThrow()
      return { actor: ctx.actor.account ?? ctx.actor.kind, length: words.length + query.more }
    }),
  ],
  events: [],
  subscriptions: [
    on<NeighbourTables, typeof noteWritten.payload>(noteWritten, async (ctx, { note }) => {
      delivered.push(note)
      await transact(ctx, async (ctx) => {
        await ctx.db.insertInto('secret').values({ words: note }).execute()
      })
    }),
  ],
  jobs: [],
  migrations: new URL('./neighbour/', import.meta.url),
}
