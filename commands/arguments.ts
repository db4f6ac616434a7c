import { createReadStream, readFileSync } from 'node:fs'
import { stdin } from 'node:process'
import type { Readable } from 'node:stream'

/** 32 bytes in hex, as `openssl rand -hex 32` writes them. */
export function keyFrom(file: string | undefined): Buffer | undefined {
  if (file === undefined) return undefined
  const text = readFileSync(file, 'utf8').trim()
  if (!/^[0-9a-f]{64}$/i.test(text)) throw new Error(`${file} must hold 64 hexadecimal digits (openssl rand -hex 32).`)
  return Buffer.from(text, 'hex')
}

export const openSource = (path: string): Readable =>
  path === '-' ? stdin : createReadStream(path, { highWaterMark: 262_144 })
