/** Small pieces of file and process handling that the launcher's parts share. */
import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs'

export function draftOf(path: string) {
  return `${path}.new-${process.pid}-${randomBytes(4).toString('hex')}`
}

/** Whoever comes second finds the folder full and keeps what is there. */
export function moveIntoPlace(draft: string, path: string) {
  try {
    fs.renameSync(draft, path)
  } catch (error) {
    fs.rmSync(draft, { recursive: true, force: true })
    if (!['ENOTEMPTY', 'EEXIST'].includes(codeOf(error))) throw error
  }
}

export function isAlive(pid: number) {
  if (!(pid > 0)) return false
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

export function codeOf(error: unknown) {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
