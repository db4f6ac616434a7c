import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { realpathSync } from 'node:fs'
import { createServer } from 'node:net'
import type { Lock } from '../platform.ts'

/**
 * A socket of Linux's abstract names (unix(7)): the kernel gives a name to one process only, and takes it back when that process ends, however
 * it ends. So there is no stale lock, and no moment in which two can take one over.
 */
export async function lockFolder(folder: string): Promise<Lock> {
  const name = createHash('sha256').update(realpathSync(folder)).digest('hex')
  const server = createServer((socket) => socket.destroy())
  try {
    server.listen(`\0openhcs-release-${name}`)
    await once(server, 'listening')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE')
      throw new Error(`Another release is under way in ${folder}.`)
    throw error
  }
  server.unref()
  return {
    async held() {},
    async [Symbol.asyncDispose]() {
      server.close()
      await once(server, 'close')
    },
  }
}
