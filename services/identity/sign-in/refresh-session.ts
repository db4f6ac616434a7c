import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { hashOfToken } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { transact } from '#platform/transaction.ts'
import type { RefreshedSession } from '../contract/sessions.ts'
import type { Tables } from '../database.ts'
import {
  type HeldToken,
  insertRefreshToken,
  isRefreshTokenUsed,
  lockRefreshToken,
  useRefreshToken,
} from '../queries/refresh-tokens.ts'
import { renewSession, revokeSessions } from '../queries/sessions.ts'
import { accessEnd } from './open-session.ts'
import { successorOf } from './refresh-token.ts'

type Tx = TransactionContext<Tables>
type Answer = Static<typeof RefreshedSession>

/** For this long a refresh token may be sent again by whoever lost the answer, unless what it was exchanged for has been used. */
const RETRY_SECONDS = 10

/** Exchanges a refresh token. The row's lock makes two who come at once queue: the second is given what the first was given. */
export async function refreshSession(ctx: Context<Tables>, refreshToken: string): Promise<Answer> {
  const answer = await transact(ctx, async (ctx) => {
    const held = await lockRefreshToken(ctx.db, hashOfToken(refreshToken), ctx.now())
    if (!held) return undefined
    return held.used_at === null ? exchange(ctx, held, refreshToken) : again(ctx, held, held.used_at, refreshToken)
  })
  if (!answer) throw new Problem('login', 'The refresh token is unknown, expired or revoked. Sign in again.')
  return answer
}

async function exchange(ctx: Tx, held: HeldToken, refreshToken: string): Promise<Answer | undefined> {
  const next = successorOf(ctx, refreshToken)
  const now = ctx.now()
  const expires = accessEnd(ctx, held.expires_at)
  const renewed = { token_hash: hashOfToken(next.token), token_expires_at: expires, last_used_at: now }
  if (!(await renewSession(ctx.db, held.session_id, renewed))) return undefined
  await useRefreshToken(ctx.db, hashOfToken(refreshToken), now)
  const { session_id, expires_at } = held
  await insertRefreshToken(ctx.db, { hash: hashOfToken(next.refreshToken), session_id, created_at: now, expires_at })
  audit(ctx, { action: 'U', entity: `Session/${session_id}`, subject: `Account/${held.account_id}`, reason: 'refresh' })
  return { ...next, expiresAt: expires.toISOString(), endsAt: expires_at.toISOString() }
}

/** A token that was exchanged before: the answer was lost, or two hold it. In doubt the session ends for both. */
async function again(ctx: Tx, held: HeldToken, usedAt: Date, refreshToken: string): Promise<Answer | undefined> {
  const next = successorOf(ctx, refreshToken)
  const recent = ctx.now().getTime() - usedAt.getTime() <= RETRY_SECONDS * 1_000
  if (recent && held.token_expires_at && !(await isRefreshTokenUsed(ctx.db, hashOfToken(next.refreshToken))))
    return { ...next, expiresAt: held.token_expires_at.toISOString(), endsAt: held.expires_at.toISOString() }
  const { session_id, account_id } = held
  await revokeSessions(ctx.db, account_id, ctx.now(), { only: session_id })
  audit(ctx, { action: 'D', entity: `Session/${session_id}`, subject: `Account/${account_id}`, reason: 'replay' })
  return undefined
}
