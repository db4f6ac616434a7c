import { hash, randomBytes } from 'node:crypto'
import type { Context } from '#platform/context.ts'
import { digest, isDigest } from './sealing.ts'

// A challenge carries its own end and our mark, so that asking for one costs no row; answering it does, and a second answer finds that row.

export const CHALLENGE_MINUTES = 5
const NONCE_BYTES = 16
const HEAD_BYTES = NONCE_BYTES + 6

type Ctx = Pick<Context, 'config' | 'now'>
/** What it may be answered for: signing in, or a new key of one account. */
type Purpose = 'sign in' | `register ${string}`

const markOf = (ctx: Ctx, purpose: Purpose, head: Buffer) => digest(ctx, `passkey ${purpose}`, head.toString('hex'))

export function newChallenge(ctx: Ctx, purpose: Purpose): Uint8Array<ArrayBuffer> {
  const head = Buffer.alloc(HEAD_BYTES)
  randomBytes(NONCE_BYTES).copy(head)
  head.writeUIntBE(ctx.now().getTime() + CHALLENGE_MINUTES * 60_000, NONCE_BYTES, 6)
  return new Uint8Array(Buffer.concat([head, markOf(ctx, purpose, head)]))
}

/** What is kept of an answered challenge, or undefined when it is not ours, for something else, or too old. */
export function readChallenge(ctx: Ctx, purpose: Purpose, text: string): { hash: Buffer; until: Date } | undefined {
  const bytes = Buffer.from(text, 'base64url')
  const head = bytes.subarray(0, HEAD_BYTES)
  if (head.length < HEAD_BYTES) return undefined
  if (!isDigest(ctx, `passkey ${purpose}`, head.toString('hex'), bytes.subarray(HEAD_BYTES))) return undefined
  const until = new Date(head.readUIntBE(NONCE_BYTES, 6))
  return until > ctx.now() ? { hash: hash('sha256', bytes, 'buffer'), until } : undefined
}
