import { sql } from 'kysely'
import type { Context } from '#platform/context.ts'
import { gathered } from '#platform/gathered.ts'
import { aboutWhom } from './concerns.ts'

interface Seen {
  account: string | undefined
  actor: string
  room: string
  operation: string
  trace: string
  entities: readonly { entity: string; subject: string }[]
}

/** An audit row for each resource about a patient that a search showed, written before it is shown: those of searches at the same time together. */
export async function noteSeen(
  ctx: Context<unknown>,
  rows: readonly { type: string; id: string; about: readonly string[] }[],
): Promise<void> {
  const { actor, room, doing: operation, traceId: trace } = ctx
  const entities = rows.flatMap(({ type, id, about }) =>
    aboutWhom(about).map((patient) => ({
      entity: `${type}/${id}`,
      subject: patient.includes('/') ? patient : `Patient/${patient}`,
    })),
  )
  if (entities.length > 0)
    await noteTogether(ctx, { account: actor.account, actor: actor.kind, room, operation, trace, entities })
}

const noteTogether = gathered(
  async (ctx: Context<unknown>, seen: readonly Seen[]): Promise<undefined[]> => {
    const rows = seen.flatMap(({ entities, ...who }) => entities.map((one) => ({ ...who, ...one })))
    const connection = await ctx.database.connect()
    try {
      await sql`
        insert into platform.audit_event (at, account_id, actor, room, operation, trace_id, action, entity, subject)
        select ${ctx.now()}, account, actor, room, operation, trace, 'R', entity, subject
        from json_to_recordset(${JSON.stringify(rows)}) s(account uuid, actor text, room text, operation text, trace text, entity text, subject text)`.execute(
        connection.tx,
      )
    } finally {
      connection.release()
    }
    return seen.map(() => undefined)
  },
  { most: 50 },
)
