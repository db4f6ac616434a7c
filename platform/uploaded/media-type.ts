import { Problem } from '../errors.ts'

/**
 * The media type that a file is by its content. A name or header can say anything, and what is stored is later opened on somebody's
 * machine; so header and content must agree.
 */
export async function checkedType(content: Buffer, header: string): Promise<string> {
  const declared = header.split(';')[0]?.trim().toLowerCase()
  const { fileTypeFromBuffer } = await import('file-type')
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

/** So that a browser saves it and never runs it. */
export const asSaved = (type: string, bytes: number, name: string): Record<string, string | number> => ({
  'content-type': type,
  'content-length': bytes,
  'content-disposition': `attachment; filename="${name}.${extensionOf(type)}"`,
  'content-security-policy': "default-src 'none'; sandbox",
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
})
