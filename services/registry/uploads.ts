import { fileTypeFromBuffer } from 'file-type'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import type { Exchange } from '#platform/service.ts'
import { notThere } from './caller.ts'

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
    'content-disposition': `attachment; filename="${name}.${extensions[type] ?? 'bin'}"`,
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  })
  return file.stream as unknown as undefined // Fastify sends what the handler returns
}
