import { once } from 'node:events'
import { createWriteStream, rmSync } from 'node:fs'
import { open, rename, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'

/**
 * A file that appears whole or not at all, readable by its owner alone: written beside under a hidden name, synced, and renamed. In a folder it gets
 * `name`; a file that is there is never overwritten.
 */
export async function keepFile<R>(
  path: string,
  name: string,
  write: (target: Writable) => Promise<R>,
): Promise<{ path: string; result: R }> {
  const isFolder = (await stat(path).catch(() => undefined))?.isDirectory()
  const target = isFolder ? join(path, name) : path
  if (await stat(target).catch(() => undefined)) throw new Error(`${target} is there already.`)
  const draft = join(dirname(target), `.${basename(target)}.${process.pid}.part`)
  const stream = createWriteStream(draft, { flags: 'wx', mode: 0o600, flush: true })
  await once(stream, 'open')
  stream.on('error', () => {}) // whoever writes sees it, and so does the end
  try {
    const result = await write(stream)
    stream.end()
    await finished(stream)
    await rename(draft, target)
    await syncFolder(dirname(target))
    return { path: target, result }
  } catch (error) {
    stream.destroy()
    rmSync(draft, { force: true })
    throw error
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder)
  await handle.sync()
  await handle.close()
}
