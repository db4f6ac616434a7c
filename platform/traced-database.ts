import { CompiledQuery } from 'kysely'
import { kyselyOver, type RoomDatabase, type Send } from './database.ts'
import { inSpan, type Span } from './tracing.ts'

/**
 * The same database, for one piece of work that is being traced: each statement is a span, with its text and without its values. Made for those few
 * pieces only, so that all others pay nothing.
 */
export function traced<T>(database: RoomDatabase<T>, room: string, span: Span): RoomDatabase<T> {
  const watched =
    (send: Send): Send =>
    (text, values) =>
      inSpan(spanOf(span, room, text), () => send(text, values))
  const read: Send = async (text, values) => {
    const { rows } = await database.db.executeQuery(CompiledQuery.raw(text, values))
    return { rows, command: 'SELECT', rowCount: rows.length } as never
  }
  const connect = async () => {
    const { send, release } = await database.connect()
    const watchedSend = watched(send)
    return { tx: kyselyOver<T>(watchedSend) as never, send: watchedSend, release }
  }
  return {
    ...database,
    db: kyselyOver<T>(watched(read)),
    connect,
    async apart(work) {
      const { tx, release } = await connect()
      try {
        return await work(tx)
      } finally {
        release()
      }
    },
  }
}

function spanOf(span: Span, room: string, text: string): Span {
  const verb = /^\s*(\w+)/.exec(text)?.[1]?.toUpperCase() ?? 'SQL'
  return span.child(`${verb} ${room}`, 'client', {
    'db.system.name': 'postgresql',
    'db.namespace': room,
    'db.operation.name': verb,
    'db.query.text': text,
  })
}
