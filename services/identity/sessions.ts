import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { transact } from '#platform/transaction.ts'
import type { listSessions as listContract, Session } from './contract.ts'
import type { Tables } from './database.ts'
import { openSession, openSessions, renameSession, revokeSessions, type SessionRow } from './queries/sessions.ts'

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
    (row) => toSession(ctx, row),
  )
}

const toSession = ({ actor }: Pick<Ctx, 'actor'>, row: SessionRow): Static<typeof Session> => ({
  id: row.id,
  ...(row.device !== null && { device: row.device }),
  createdAt: row.created_at.toISOString(),
  ...(row.last_used_at !== null && { lastUsedAt: row.last_used_at.toISOString() }),
  expiresAt: row.expires_at.toISOString(),
  version: row.version,
  current: row.id === actor.session,
})

export function updateSession(ctx: Ctx, id: string, device: string, version: number): Promise<Static<typeof Session>> {
  const account = accountOf(ctx)
  return transact(ctx, async (ctx) => {
    const of = { id, account, version, device, now: ctx.now() }
    const row = await renameSession(ctx.db, of)
    if (!row && !(await openSession(ctx.db, of))) throw notThere()
    if (!row) throw new Problem('lock-error', 'The session has changed since you read it. Read it again.')
    audit(ctx, { action: 'U', entity: `Session/${id}`, subject: `Account/${account}` })
    return toSession(ctx, row)
  })
}

/** Ends all of the caller's sessions, or all but the one that asks. */
export function deleteSessions(ctx: Ctx, others: boolean): Promise<void> {
  const account = accountOf(ctx)
  return transact(ctx, async (ctx) => {
    await revokeSessions(ctx.db, account, ctx.now(), { except: others ? ctx.actor.session : undefined })
    audit(ctx, { action: 'D', entity: 'Session/all', subject: `Account/${account}`, reason: others ? 'others' : 'all' })
  })
}

const notThere = () => new Problem('not-found', 'You have no such open session.')

/** Ends one of the caller's own sessions; the token is refused from the next request on. */
export function deleteSession(ctx: Ctx, id: string | undefined): Promise<void> {
  const account = accountOf(ctx)
  return transact(ctx, async (ctx) => {
    const revoked = id !== undefined && (await revokeSessions(ctx.db, account, ctx.now(), { only: id }))
    if (!revoked) throw notThere()
    audit(ctx, { action: 'D', entity: `Session/${id}`, subject: `Account/${account}` })
  })
}
