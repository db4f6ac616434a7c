import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { newId } from './ids.ts'

/** Where uploads live: outside the database. Keys are content hashes, so that the same file twice is one file. */
export interface Files {
  put(content: Buffer): Promise<string>
  /** Removes one that nothing refers to and nobody has put for an hour; false: it was put again meanwhile. */
  remove(key: string): Promise<boolean>
  get(key: string): Promise<{ stream: Readable; bytes: number } | undefined>
}

export const keyOf = (content: Buffer): string => createHash('sha256').update(content).digest('hex')
export const isFileKey = (key: string): boolean => /^[0-9a-f]{64}$/.test(key)

/** What was put this lately may be about to be referred to. */
export const IDLE_MS = 3_600_000

/** Whether it is there; then it is as fresh as if it had been written. */
async function touched(path: string): Promise<boolean> {
  const now = new Date()
  return utimes(path, now, now).then(
    () => true,
    () => false,
  )
}

const renamed = (from: string, to: string) =>
  rename(from, to).then(
    () => true,
    () => false,
  )

/** A folder on disk. A file appears whole (written beside, synced, renamed) or not at all. */
export function filesIn(folder: string): Files {
  const pathOf = (key: string) => join(folder, key.slice(0, 2), key)
  return {
    async put(content) {
      const key = keyOf(content)
      const path = pathOf(key)
      if (await touched(path)) return key
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
    async remove(key) {
      if (!isFileKey(key)) return false
      const [path, aside] = [pathOf(key), `${pathOf(key)}.gone`]
      // Aside first: whoever puts the same content from now on writes it anew, and whoever has just put it has left a fresh time on it.
      if (!(await renamed(path, aside))) return true
      if ((await stat(aside)).mtimeMs > Date.now() - IDLE_MS) {
        await rename(aside, path)
        return false
      }
      await rm(aside)
      return true
    },
    async get(key) {
      if (!isFileKey(key)) return undefined
      const found = await stat(pathOf(key)).catch(() => undefined)
      return found && { stream: createReadStream(pathOf(key)), bytes: found.size }
    },
  }
}
