import { fileTypeFromBuffer } from 'file-type'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { keyOf } from '#platform/files.ts'
import type { Exchange } from '#platform/service.ts'
import { transact } from '#platform/transaction.ts'
import { notThere } from './caller.ts'
import type { Tables } from './database.ts'
import { noteFile } from './queries/exports.ts'

/**
 * The media type that a file is by its content. A name or header can say anything, and what is stored is later opened on somebody's
 * machine; so header and content must agree.
 */
export async function checkedType(content: Buffer, header: string): Promise<string> {
  const declared = header.split(';')[0]?.trim().toLowerCase()
  const found = await fileTypeFromBuffer(content).catch(() => undefined)
  if (found?.mime !== undefined && found.mime === declared) return found.mime
  throw new Problem('business-rule', 'The file is not what its Content-Type says. Send the file as it is.', {
    errors: [{ pointer: '/body', detail: `is not ${declared}` }],
  })
}

const extensions: Record<string, string> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'application/pdf': 'pdf',
  'application/zip': 'zip',
}
export const extensionOf = (type: string): string => extensions[type] ?? 'bin'

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
  reply.headers({
    'content-type': type,
    'content-length': file.bytes,
    'content-disposition': `attachment; filename="${name}.${extensionOf(type)}"`,
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  })
  return file.stream as unknown as undefined // Fastify sends what the handler returns
}
