import { randomBytes } from 'node:crypto'
import { digest, isDigest } from './sealing.ts'

// A device that somebody signed in from is given a token to send the next time. It opens nothing. It says that this device is one of the
// owner's, so that it has its own count of failures: a flood of guesses from elsewhere does not close the door to it.

const PREFIX = 'ohcd_'
const FORM = /^ohcd_[A-Za-z0-9_-]{86}$/
const ID_BYTES = 16
const NONCE_BYTES = 16

export interface KnownDevice {
  /** The only account that may be signed in to under the count of this device. */
  account: string
  nonce: string
}

type Ctx = Parameters<typeof digest>[0]

const markOf = (ctx: Ctx, head: Buffer) => digest(ctx, 'device', head.toString('hex'))

export function newDeviceToken(ctx: Ctx, account: string): string {
  const head = Buffer.concat([Buffer.from(account.replaceAll('-', ''), 'hex'), randomBytes(NONCE_BYTES)])
  return `${PREFIX}${Buffer.concat([head, markOf(ctx, head)]).toString('base64url')}`
}

/** Undefined where it is none of ours: it is then as if none had been sent. */
export function deviceOf(ctx: Ctx, token: string | undefined): KnownDevice | undefined {
  if (token === undefined || !FORM.test(token)) return undefined
  const bytes = Buffer.from(token.slice(PREFIX.length), 'base64url')
  const head = bytes.subarray(0, ID_BYTES + NONCE_BYTES)
  if (!isDigest(ctx, 'device', head.toString('hex'), bytes.subarray(head.length))) return undefined
  const id = head.toString('hex', 0, ID_BYTES)
  const account = id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  return { account, nonce: head.toString('hex', ID_BYTES) }
}
