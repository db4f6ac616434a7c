import { type Kysely, sql } from 'kysely'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { type Change, rowOf } from './change.ts'

/** By whom, and under which relationships what is about a patient may be written; undefined: by the house itself. */
export interface Writer {
  relationships: readonly string[] | undefined
}

/**
 * Writes all of them or none, with what they are found by, what they were before, and an audit row for each: in one statement, which on a connection
 * outside a transaction is one of its own. Throws a Problem that names the entry at fault: `forbidden` where its patient may not be written about, `lock-error`
 * where somebody else was there in between.
 */
export async function storeResources(
  db: Kysely<unknown>,
  ctx: Pick<Context, 'actor' | 'room' | 'doing' | 'traceId' | 'now'>,
  changes: readonly Change[],
  { relationships }: Writer,
): Promise<void> {
  const { actor, room, doing: operation, traceId: trace } = ctx
  const writer = {
    account: actor.account,
    actor: actor.kind,
    within: actor.within,
    room,
    operation,
    trace,
    relationships,
  }
  const [rows, by] = [JSON.stringify(changes.map(rowOf)), JSON.stringify(writer)]
  try {
    await sql`select platform.fhir_store(${rows}, ${by}, ${ctx.now()})`.execute(db)
  } catch (error) {
    throw problemOf(error)
  }
}

function problemOf(error: unknown): unknown {
  const { code, detail } = error as { code?: string; detail?: string }
  const errors = [{ pointer: `/body/entry/${detail}`, detail: 'is refused' }]
  if (code === 'OH403')
    return new Problem('forbidden', 'You may not write about this patient: that is for who treats them.', {
      cause: error,
      errors,
    })
  if (code === 'OH422')
    return new Problem('business-rule', 'At most 20 of your subscriptions are active at a time. Turn one off first.', {
      cause: error,
    })
  if (code === 'OH412')
    return new Problem('lock-error', 'It is not there in the version that this was made from. Read it again.', {
      cause: error,
      errors,
    })
  return error
}
