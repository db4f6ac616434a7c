import { sql } from 'kysely'
import type { Context } from '#platform/context.ts'
import { gathered } from '#platform/gathered.ts'
import type { Stored } from './read.ts'

interface Wanted {
  type: string
  id: string
  account: string | undefined
  within: string | undefined
  actor: string
  operation: string
  trace: string
}

/**
 * Reads one resource as it is now, and leaves an audit row where it is about a patient: those that are asked for at the same time in one statement, so that a
 * read costs no commit of its own. Also what is deleted; undefined where there is none that whoever asks may see.
 */
export function readSeen(
  ctx: Context<unknown>,
  { type, id }: { type: string; id: string },
): Promise<Stored | undefined> {
  const { actor, doing: operation, traceId: trace } = ctx
  return readTogether(ctx, {
    ...{ type, id, operation, trace },
    ...{ account: actor.account, within: actor.within, actor: actor.kind },
  })
}

const readTogether = gathered(
  async (ctx: Context<unknown>, wanted: readonly Wanted[]): Promise<(Stored | undefined)[]> => {
    const connection = await ctx.database.connect()
    try {
      const { rows } = await sql<Stored & { place: number }>`
        select * from platform.fhir_read(${JSON.stringify(wanted.map((one, place) => ({ ...one, place })))}, ${ctx.room}, ${ctx.now()})`.execute(
        connection.tx,
      )
      const found = new Map(rows.map((row) => [row.place, row]))
      return wanted.map((_, place) => found.get(place))
    } finally {
      connection.release()
    }
  },
  { most: 100 },
)
