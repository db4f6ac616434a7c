import { createCipheriv, createDecipheriv, hash, hkdfSync, randomBytes } from 'node:crypto'
import type { Config } from '#platform/config.ts'

const NONCE = 12
const TAG = 16

/** What the database keeps of a value that opens something. */
export const hashOf = (value: string): Buffer => hash('sha256', value, 'buffer')

/** A key for one purpose, from the installation's: whoever reads the database does not have it. */
export function keyFor(purpose: string, config: Pick<Config, 'secretKey'>): Buffer {
  return Buffer.from(hkdfSync('sha256', Buffer.from(config.secretKey.reveal(), 'hex'), '', `oauth ${purpose}`, 32))
}

/** AES-256-GCM. `where` says which row it stands in, so that one cannot be put in another's place. */
export function seal(key: Buffer, where: string, value: unknown): Buffer {
  const nonce = randomBytes(NONCE)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(where))
  const text = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()])
  return Buffer.concat([nonce, text, cipher.getAuthTag()])
}

export function unseal<T>(key: Buffer, where: string, sealed: Buffer): T {
  const [nonce, tag] = [sealed.subarray(0, NONCE), sealed.subarray(-TAG)]
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG })
  decipher.setAAD(Buffer.from(where)).setAuthTag(tag)
  const text = Buffer.concat([decipher.update(sealed.subarray(NONCE, -TAG)), decipher.final()])
  return JSON.parse(text.toString('utf8'))
}
