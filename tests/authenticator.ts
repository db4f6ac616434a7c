import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { type CBORType, encodeCBOR } from '@levischuck/tiny-cbor'

/** What goes wrong, or is done wrong on purpose. */
export interface Foul {
  origin?: string
  challenge?: string
  rpId?: string
  type?: string
  userVerified?: boolean
  userPresent?: boolean
  counter?: number
  userHandle?: string
  credentialId?: string
  /** Signs with a key that is not the registered one. */
  foreignKey?: boolean
  /** Claims this attestation format. */
  format?: string
}

interface Key {
  id: Buffer
  privateKey: KeyObject
  cose: Uint8Array
  userHandle: string
  rpId: string
}

const FLAGS = { userPresent: 0x01, userVerified: 0x04, attested: 0x40 }
const sha256 = (data: Buffer | string) => createHash('sha256').update(data).digest()
const url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')

/** A WebAuthn authenticator and its browser, in software: ES256, discoverable credentials, one counter. */
export class Authenticator {
  readonly keys: Key[] = []
  readonly origin: string
  counter = 0

  constructor(origin: string) {
    this.origin = origin
  }

  /** What navigator.credentials.create() answers. */
  create(options: { challenge: string; rp: { id: string }; user: { id: string } }, foul: Foul = {}) {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
    const cose = encodeCBOR(
      new Map<number, number | Uint8Array>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, new Uint8Array(Buffer.from(x, 'base64url'))],
        [-3, new Uint8Array(Buffer.from(y, 'base64url'))],
      ]),
    )
    const key = { id: randomBytes(32), privateKey, cose, userHandle: options.user.id, rpId: options.rp.id }
    this.keys.push(key)
    const length = Buffer.alloc(2)
    length.writeUInt16BE(key.id.length)
    const attested = Buffer.concat([Buffer.alloc(16), length, key.id, cose])
    const authData = Buffer.concat([this.authenticatorData(key, FLAGS.attested, foul), attested])
    const attestationObject = encodeCBOR(
      new Map<string, CBORType>([
        ['fmt', foul.format ?? 'none'],
        ['attStmt', new Map<string, CBORType>()],
        ['authData', new Uint8Array(authData)],
      ]),
    )
    return {
      ...this.envelope(key, foul),
      response: {
        clientDataJSON: this.clientData('webauthn.create', options.challenge, foul),
        attestationObject: url(attestationObject),
        transports: ['internal'],
      },
    }
  }

  /** What navigator.credentials.get() answers, with the newest key or the one given. */
  get(options: { challenge: string }, foul: Foul = {}, key = this.keys.at(-1)) {
    if (!key) throw new Error('This authenticator holds no key')
    this.counter++
    const authenticatorData = this.authenticatorData(key, 0, foul)
    const clientDataJSON = this.clientData('webauthn.get', options.challenge, foul)
    const signed = Buffer.concat([authenticatorData, sha256(Buffer.from(clientDataJSON, 'base64url'))])
    const signer = foul.foreignKey ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey : key.privateKey
    return {
      ...this.envelope(key, foul),
      response: {
        clientDataJSON,
        authenticatorData: url(authenticatorData),
        signature: url(sign('sha256', signed, signer)),
        userHandle: foul.userHandle ?? key.userHandle,
      },
    }
  }

  private envelope(key: Key, { credentialId = url(key.id) }: Foul) {
    const id = credentialId
    return { id, rawId: id, type: 'public-key', authenticatorAttachment: 'platform', clientExtensionResults: {} }
  }

  private authenticatorData(key: Key, more: number, foul: Foul): Buffer {
    const { userPresent = true, userVerified = true, counter = this.counter, rpId = key.rpId } = foul
    const flags = more | (userPresent ? FLAGS.userPresent : 0) | (userVerified ? FLAGS.userVerified : 0)
    const tail = Buffer.alloc(5)
    tail.writeUInt8(flags)
    tail.writeUInt32BE(counter, 1)
    return Buffer.concat([sha256(rpId), tail])
  }

  private clientData(type: string, challenge: string, foul: Foul): string {
    const data = {
      type: foul.type ?? type,
      challenge: foul.challenge ?? challenge,
      origin: foul.origin ?? this.origin,
      crossOrigin: false,
    }
    return url(Buffer.from(JSON.stringify(data)))
  }
}
