import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { newId } from './ids.ts'

/** Where uploads live: outside the database. Keys are content hashes, so that the same file twice is one file. */
export interface Files {
  put(content: Buffer): Promise<string>
  get(key: string): Promise<{ stream: Readable; bytes: number } | undefined>
}

export const isFileKey = (key: string): boolean => /^[0-9a-f]{64}$/.test(key)

/** A folder on disk. A file appears whole (written beside, synced, renamed) or not at all. */
export function filesIn(folder: string): Files {
  const pathOf = (key: string) => join(folder, key.slice(0, 2), key)
  return {
    async put(content) {
      const key = createHash('sha256').update(content).digest('hex')
      const path = pathOf(key)
      if (await stat(path).catch(() => undefined)) return key
      await mkdir(join(folder, key.slice(0, 2)), { recursive: true, mode: 0o700 })
      const draft = `${path}.${newId()}`
      const file = await open(draft, 'wx', 0o600)
      try {
        await file.writeFile(content)
        await file.sync()
      } catch (error) {
        await rm(draft, { force: true })
        throw error
      } finally {
        await file.close()
      }
      await rename(draft, path)
      return key
    },
    async get(key) {
      if (!isFileKey(key)) return undefined
      const found = await stat(pathOf(key)).catch(() => undefined)
      return found && { stream: createReadStream(pathOf(key)), bytes: found.size }
    },
  }
}
