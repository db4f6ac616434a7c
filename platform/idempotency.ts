import { createHmac } from 'node:crypto'
import type { Send } from './database.ts'
import { Problem } from './errors.ts'

/**
 * Something that must take effect once: a request with an Idempotency-Key (draft-ietf-httpapi-idempotency-key-header-07), or the
 * delivery of an event to a room. The row `once(scope, key)` is written in the same transaction as the effect.
 */
export interface Once {
  /** Whose key it is: an account and operation, or a room's inbox. */
  scope: string
  key: string
  /** Of what was asked; absent for events. */
  hash?: string
}

/** Thrown inside `transact` when the effect is there already; carries the answer given then. */
export class Repeated extends Error {
  readonly answer: unknown
  constructor(answer: unknown) {
    super('done before')
    this.answer = answer
  }
}

/** Keyed: a body may hold a number with so few possibilities that a bare hash would tell it. */
export const hashOf = (key: string, ...parts: string[]) =>
  createHmac('sha256', key).update(parts.join('\n')).digest('base64')

const SEEK = 'select * from platform.seek($1, $2)' // migrations/0003_record.sql

export async function seekAnswer(send: Send, { scope, key, hash }: Once): Promise<void> {
  const { rows } = await send(SEEK, [scope, key])
  const { free, done, hash: earlier, answer } = rows[0]
  if (done && hash !== undefined && earlier !== hash)
    throw new Problem(
      'business-rule',
      'This Idempotency-Key was used for a different request. Use a new key for a new request.',
    )
  if (done) throw new Repeated(answer ?? undefined)
  if (!free)
    throw new Problem(
      'conflict',
      'A request with this Idempotency-Key is being handled. Wait for its answer, then ask again.',
    )
}

/** The answer as it is kept; deliveries have none. */
export const storedAnswer = ({ hash }: Once, answer: unknown): string | null =>
  answer === undefined || hash === undefined ? null : JSON.stringify(answer)
