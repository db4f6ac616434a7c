import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { authenticate, hashOfToken, newToken, nobody } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import type { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { transact } from '#platform/transaction.ts'
import type { NewSession } from '../contract.ts'
import type { Tables } from '../database.ts'
import { type Attempt, succeed } from '../limit-sign-in.ts'
import { type AccountRow, accountById } from '../queries/accounts.ts'
import { insertRefreshToken } from '../queries/refresh-tokens.ts'
import { insertSession } from '../queries/sessions.ts'
import { toAccount } from '../views.ts'
import { newDeviceToken } from './device-token.ts'
import { newRefreshToken } from './refresh-token.ts'

type Ctx = Context<Tables>
type Tx = TransactionContext<Tables>

export interface Entrance {
  /** As it was when the secret was compared. */
  account: Pick<AccountRow, 'id' | 'password_hash'>
  attempt: Attempt
  /** How somebody proved to be themselves, for the audit. */
  way: string
  /** What to say when the account has been closed, or its password changed, in the meantime. */
  refusal: () => Problem
  /** A name for the device. */
  device?: string | undefined
  /** Whether the session has a short-lived token that is renewed. */
  refresh?: boolean | undefined
  /** What must happen in the same transaction: a code is used up, a counter rises. */
  also?: (ctx: Tx) => Promise<void>
}

/** Opens a session for somebody who has proved all that is asked of them. */
export function admit(ctx: Ctx, { account: seen, also, ...entrance }: Entrance): Promise<Static<typeof NewSession>> {
  const { token, row, refreshToken, expiresAt } = sessionOf(ctx, seen.id, entrance)
  return transact(ctx, async (ctx) => {
    await also?.(ctx)
    await insertSession(ctx.db, row)
    if (refreshToken)
      await insertRefreshToken(ctx.db, {
        hash: hashOfToken(refreshToken),
        session_id: row.id,
        created_at: row.created_at,
        expires_at: row.expires_at,
      })
    await succeed(ctx.db, entrance.attempt)
    const account = await accountById(ctx.db, seen.id)
    // Its password was changed, or it was closed, while this was under way: that ended every session, and ends this one.
    if (account?.password_hash !== seen.password_hash) throw entrance.refusal()
    const actor = (await authenticate(ctx.db as never, token, row.created_at)) ?? nobody
    const trace = { action: 'C', entity: `Session/${row.id}`, subject: `Account/${account.id}` } as const
    audit({ ...ctx, actor }, { ...trace, reason: entrance.way })
    return {
      id: row.id,
      token,
      expiresAt: expiresAt.toISOString(),
      endsAt: row.expires_at.toISOString(),
      ...(refreshToken && { refreshToken }),
      deviceToken: newDeviceToken(ctx, account.id),
      account: toAccount(account),
      roles: [...actor.roles],
    }
  })
}

function sessionOf(
  ctx: Ctx,
  account_id: string,
  { device, refresh, way }: Pick<Entrance, 'device' | 'refresh' | 'way'>,
) {
  const { token, hash: token_hash } = newToken()
  const created_at = ctx.now()
  const expires_at = new Date(created_at.getTime() + ctx.config.SESSION_DAYS * 86_400_000)
  const token_expires_at = refresh ? accessEnd(ctx, expires_at) : null
  const row = {
    id: newId(),
    account_id,
    token_hash,
    device: device ?? null,
    signed_in_by: way,
    created_at,
    expires_at,
    token_expires_at,
    last_used_at: created_at,
    idle_seconds: ctx.config.SESSION_IDLE_MINUTES * 60,
  }
  return {
    token,
    row,
    refreshToken: refresh ? newRefreshToken() : undefined,
    expiresAt: token_expires_at ?? expires_at,
  }
}

/** When a short-lived token ends that is given now. */
export function accessEnd({ config, now }: Pick<Ctx, 'config' | 'now'>, sessionEnd: Date): Date {
  return new Date(Math.min(now().getTime() + config.ACCESS_TOKEN_MINUTES * 60_000, sessionEnd.getTime()))
}
