import { buffer } from 'node:stream/consumers'
import type { Context } from '#platform/context.ts'
import { extensionOf } from '#platform/uploaded/media-type.ts'
import type { KeptFile } from '../queries/export-files.ts'
import { FOLDER } from './package.ts'

/** Together, since all of them are in memory while the copy is packed. Six certificates of the largest size that is taken. */
const MOST_BYTES = 32 * 1_048_576

interface FileRow extends Record<string, unknown> {
  file: string | null
  what: string
  type: string
  bytes: number | null
  note?: string
}

/** What goes into the copy, by its name there, and a list of all: what does not fit is named, with where it is had. */
export async function takeFiles(
  { files, log }: Pick<Context, 'files' | 'log'>,
  list: readonly KeptFile[],
  most = MOST_BYTES,
): Promise<{ rows: FileRow[]; contents: Map<string, Buffer> }> {
  const contents = new Map<string, Buffer>()
  const rows: FileRow[] = []
  let left = most
  for (const { what, kind, id, key, type } of list) {
    const row = { what: `${what} of ${kind} ${id}`, type }
    const found = await files.get(key)
    if (!found) {
      log.error({ key }, 'a stored file is missing')
      rows.push({ file: null, ...row, bytes: null, note: 'It is missing from the file store.' })
    } else if (found.bytes > left) {
      found.stream.destroy()
      const note = `This copy would be too large: fetch it at /v1/${kind}s/${id}/${what}.`
      rows.push({ file: null, ...row, bytes: found.bytes, note })
    } else {
      const file = `${FOLDER}${what}-of-${kind}-${id}.${extensionOf(type)}`
      contents.set(file, await buffer(found.stream))
      rows.push({ file, ...row, bytes: found.bytes })
      left -= found.bytes
    }
  }
  return { rows, contents }
}
