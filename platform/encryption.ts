import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'

// AES-256-GCM with a random nonce. A sealed text names the key that opens it, and is bound to the row it belongs to: in another row it does not open.
// Equal values are found by a blind index, an HMAC under a second key, since their sealed texts differ each time.

/** One named key, as the two that it stands for. */
export interface DataKey {
  readonly name: string
  readonly encrypts: Buffer
  readonly indexes: Buffer
}

const NONCE = 12
const TAG = 16
const FORMAT = '1'

export const newKeyName = (): string => `k${randomBytes(6).toString('hex')}`

export function dataKey(name: string, secret: Buffer): DataKey {
  const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', secret, name, `openhcs ${purpose}`, 32))
  return { name, encrypts: derive('encryption'), indexes: derive('blind index') }
}

function seal(key: Buffer, text: Buffer, bound: string): Buffer {
  const nonce = randomBytes(NONCE)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(bound))
  return Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()])
}

function open(key: Buffer, sealed: Buffer, bound: string): Buffer {
  if (sealed.length < NONCE + TAG) throw new Error('A sealed text is cut off')
  const opening = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE), { authTagLength: TAG })
  opening.setAAD(Buffer.from(bound)).setAuthTag(sealed.subarray(-TAG))
  return Buffer.concat([opening.update(sealed.subarray(NONCE, -TAG)), opening.final()])
}

/** `1.<name of the key>.<nonce, text and tag>`. `bound` names the row. */
export const encrypt = (key: DataKey, text: string, bound: string): string =>
  `${FORMAT}.${key.name}.${seal(key.encrypts, Buffer.from(text), bound).toString('base64url')}`

export function keyNameOf(sealed: string): string {
  const [format, name = ''] = sealed.split('.', 2)
  if (format !== FORMAT) throw new Error('A sealed text has a form that this release does not know')
  return name
}

/** Throws when the key is another, the text was changed, or it was moved to another row. */
export const decrypt = (key: DataKey, sealed: string, bound: string): string =>
  open(key.encrypts, Buffer.from(sealed.split('.')[2] ?? '', 'base64url'), bound).toString()

/** The same for the same parts under the same key. Each part is sent with its length, so that no two lists look alike. */
export function blindIndex(key: DataKey, ...parts: string[]): Buffer {
  const hmac = createHmac('sha256', key.indexes)
  for (const part of parts) hmac.update(`${Buffer.byteLength(part)}:${part}`)
  return hmac.digest()
}

const wrappingKey = (secretKey: string) =>
  Buffer.from(hkdfSync('sha256', Buffer.from(secretKey, 'hex'), '', 'openhcs data keys', 32))

export const wrapKey = (secretKey: string, name: string, secret: Buffer): Buffer =>
  seal(wrappingKey(secretKey), secret, name)

export const unwrapKey = (secretKey: string, name: string, wrapped: Buffer): Buffer =>
  open(wrappingKey(secretKey), wrapped, name)
