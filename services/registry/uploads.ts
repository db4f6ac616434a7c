import type { Context } from '#platform/context.ts'
import { keyOf } from '#platform/files.ts'
import type { Exchange } from '#platform/service.ts'
import { transact } from '#platform/transaction.ts'
import { asSaved } from '#platform/uploaded/media-type.ts'
import { notThere } from './caller.ts'
import type { Tables } from './database.ts'
import { noteFile } from './queries/exports.ts'

/**
 * Keeps what a record is about to refer to, and gives its key. It is noted first, in a transaction of its own: should the store, this process or the
 * record fail from here on, the hourly job finds a file that nothing refers to, and removes it.
 */
export async function keepFile(ctx: Context<Tables>, content: Buffer): Promise<string> {
  await transact({ ...ctx, once: undefined }, ({ db }) => noteFile(db, keyOf(content), ctx.now()))
  return ctx.files.put(content)
}

/** Streams a stored file so that a browser saves it and never runs it. */
export async function sendFile(
  ctx: Pick<Context, 'files' | 'log'>,
  { reply }: Exchange,
  { key, type, name }: { key: string; type: string; name: string },
): Promise<void> {
  const file = await ctx.files.get(key)
  if (!file) {
    ctx.log.error({ key }, 'a stored file is missing')
    throw notThere('file')
  }
  reply.headers(asSaved(type, file.bytes, name))
  return file.stream as unknown as undefined // Fastify sends what the handler returns
}
