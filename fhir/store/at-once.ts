import type { Context } from '#platform/context.ts'
import type { Change } from './change.ts'
import { storeResources, type Writer } from './write.ts'

/** In one round trip: the statement is a transaction by itself. */
export async function writeAtOnce(ctx: Context<unknown>, changes: readonly Change[], writer: Writer): Promise<void> {
  const connection = await ctx.database.connect()
  try {
    await storeResources(connection.tx, ctx, changes, writer)
  } finally {
    connection.release()
  }
}
