import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { transact } from '#platform/transaction.ts'
import type { listSessions as listContract } from './contract.ts'
import type { Tables } from './database.ts'
import { openSessions, revokeSessions } from './queries/sessions.ts'

type Ctx = Context<Tables>

export async function listSessions(
  ctx: Ctx,
  { limit = 20, cursor }: Static<typeof listContract.query>,
): Promise<Static<typeof listContract.response>> {
  const before = decodeCursor(cursor, ['uuid'])?.[0] as string | undefined
  const rows = await openSessions(ctx.db, { account: accountOf(ctx), now: ctx.now(), before, limit })
  return pageOf(
    rows,
    limit,
    ({ id }) => [id],
    ({ id, device, created_at, expires_at }) => ({
      id,
      ...(device !== null && { device }),
      createdAt: created_at.toISOString(),
      expiresAt: expires_at.toISOString(),
      current: id === ctx.actor.session,
    }),
  )
}

/** Ends one of the caller's own sessions; the token is refused from the next request on. */
export function deleteSession(ctx: Ctx, id: string | undefined): Promise<void> {
  const account = accountOf(ctx)
  return transact(ctx, async (ctx) => {
    const revoked = id !== undefined && (await revokeSessions(ctx.db, account, ctx.now(), { only: id }))
    if (!revoked) throw new Problem('not-found', 'You have no such open session.')
    audit(ctx, { action: 'D', entity: `Session/${id}`, subject: `Account/${account}` })
  })
}
