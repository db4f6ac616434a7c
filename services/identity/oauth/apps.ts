import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { decodeCursor, pageOf } from '#platform/paging.ts'
import { transact } from '#platform/transaction.ts'
import type { listApps as contract } from '../contract/oauth.ts'
import type { Tables } from '../database.ts'
import { endOwnGrant, openGrants } from './queries.ts'

type Ctx = Context<Tables>

/** The grants of an account: which app, for what, for whom. */
export async function listApps(
  ctx: Ctx,
  { limit = 20, cursor }: Static<typeof contract.query>,
): Promise<Static<typeof contract.response>> {
  const before = decodeCursor(cursor, ['uuid'])?.[0] as string | undefined
  const rows = await openGrants(ctx.db, { account: accountOf(ctx), now: ctx.now(), before, limit })
  return pageOf(
    rows,
    limit,
    ({ id }) => [id],
    ({ id, client, name, scopes, patient_id, created_at, expires_at }) => ({
      id,
      client,
      name,
      scopes: scopes ?? [],
      ...(patient_id !== null && { patient: patient_id }),
      createdAt: created_at.toISOString(),
      expiresAt: expires_at.toISOString(),
    }),
  )
}

export function deleteApp(ctx: Ctx, id: string): Promise<void> {
  const account = accountOf(ctx)
  return transact(ctx, async (ctx) => {
    if (!(await endOwnGrant(ctx.db, { id, account, now: ctx.now() })))
      throw new Problem('not-found', 'You have let in no such app.')
    audit(ctx, { action: 'D', entity: `Grant/${id}`, subject: `Account/${account}` })
  })
}
