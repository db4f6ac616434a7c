import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Config } from '#platform/config.ts'
import { keysFor as derived } from '#platform/purpose-keys.ts'

// What is sealed or digested for minutes, under keys of its purpose.

type WithConfig = { readonly config: Config }

const keysFor = ({ config }: WithConfig, purpose: string) => derived(config, `identity ${purpose}`)

/** A keyed digest, for what must be found again or compared and never read. */
export const digest = (ctx: WithConfig, purpose: string, text: string): Buffer =>
  createHmac('sha256', keysFor(ctx, purpose)[0]).update(text).digest()

/** Whether it is the digest of this text. */
export const isDigest = (ctx: WithConfig, purpose: string, text: string, given: Buffer): boolean =>
  keysFor(ctx, purpose).some((key) => sameBytes(createHmac('sha256', key).update(text).digest(), given))

const sameBytes = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b)

const IV_BYTES = 12
const TAG_BYTES = 16

/** Tells which key a text was sealed with, and nothing about the key. */
const nameOf = (key: Buffer): string => createHmac('sha256', key).update('name').digest('hex').slice(0, 8)

/** AES-256-GCM: `<name of the key>.<iv, tag and ciphertext>`. `about` is bound to it: a text moved to another row does not open. */
export function seal(ctx: WithConfig, purpose: string, about: string, text: string): string {
  const [key] = keysFor(ctx, purpose)
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(about))
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return `${nameOf(key)}.${Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url')}`
}

/** Undefined when it was not sealed here, for this purpose, about this. */
export function unseal(ctx: WithConfig, purpose: string, about: string, sealed: string): string | undefined {
  const [name, content = ''] = sealed.split('.', 2)
  const key = keysFor(ctx, purpose).find((key) => nameOf(key) === name)
  const bytes = Buffer.from(content, 'base64url')
  if (!key || bytes.length < IV_BYTES + TAG_BYTES) return undefined
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(about))
      .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES))
    return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8')
  } catch {
    return undefined
  }
}
