import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { accountOf } from '#platform/auth.ts'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { transact } from '#platform/transaction.ts'
import type { Account, readAccount as readContract, updateAccount as updateContract } from './contract.ts'
import type { Tables } from './database.ts'
import { accountById, updateAccount } from './queries/accounts.ts'
import { deleteCredentials, verifiedContacts } from './queries/codes.ts'
import { lockAdministrators, revokeRoles } from './queries/roles.ts'
import { revokeSessions } from './queries/sessions.ts'
import { confirmOwner } from './sign-in/confirm-owner.ts'
import { ownContact } from './sign-in/contact.ts'
import { toAccount } from './views.ts'

type Ctx = Context<Tables>
type Tx = TransactionContext<Tables>

export const auditAccount = (ctx: Tx, action: 'R' | 'U' | 'D', id: string, reason?: string) =>
  audit(ctx, { action, entity: `Account/${id}`, subject: `Account/${id}`, reason })

export function readOwnAccount(ctx: Ctx): Promise<Static<typeof readContract.response>> {
  const id = accountOf(ctx)
  return transact(ctx, async (ctx) => {
    const row = await accountById(ctx.db, id)
    if (!row) throw new Problem('deleted', 'This account is closed.')
    const verified = await verifiedContacts(ctx.db, id)
    const isVerified = (kind: 'phone' | 'email') =>
      verified.some((one) => one.kind === kind && one.address === ownContact(row, kind)?.address)
    auditAccount(ctx, 'R', id)
    return {
      ...toAccount(row),
      verified: (['phone', 'email'] as const).filter(isVerified),
      roles: [...ctx.actor.roles],
      self: { ...ctx.actor.self },
    }
  })
}

/** Where to write to somebody is as good as a way in: who finds a session open must not turn it to themselves. */
export async function updateOwnAccount(
  ctx: Ctx,
  { password, ...change }: Static<typeof updateContract.body>,
  version: number,
  address: string,
): Promise<Static<typeof Account>> {
  const id = accountOf(ctx)
  const seen = change.email === undefined ? undefined : await accountById(ctx.db, id)
  if (seen && seen.email !== change.email) await confirmOwner(ctx, password, address)
  return transact(ctx, async (ctx) => {
    const row = await updateAccount(ctx.db, id, version, change, ctx.now())
    if (!row) throw await gone(ctx, id)
    auditAccount(ctx, 'U', id)
    return toAccount(row)
  })
}

/** Closes the account. The person's records stay, and so does who did what. */
export function deleteOwnAccount(ctx: Ctx, version: number): Promise<void> {
  const id = accountOf(ctx)
  return transact(ctx, async (ctx) => {
    const now = ctx.now()
    await keepOneAdministrator(ctx, id)
    if (!(await updateAccount(ctx.db, id, version, { disabled_at: now }, now))) throw await gone(ctx, id)
    await revokeRoles(ctx.db, id, now)
    await revokeSessions(ctx.db, id, now)
    await deleteCredentials(ctx.db, id)
    auditAccount(ctx, 'D', id)
  })
}

/** Refuses when this account is the only administrator left: nobody could verify a licence or name another one. */
export async function keepOneAdministrator(ctx: Tx, account: string): Promise<void> {
  const administrators = await lockAdministrators(ctx.db)
  if (administrators.length === 1 && administrators[0] === account)
    throw new Problem('business-rule', 'The last administrator stays. Make somebody else an administrator first.')
}

async function gone(ctx: Tx, id: string): Promise<Problem> {
  return (await accountById(ctx.db, id))
    ? new Problem('lock-error', 'The account has changed since you read it. Read it again.')
    : new Problem('deleted', 'This account is closed.')
}
