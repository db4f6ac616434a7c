import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import { authenticate, newToken, nobody } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { transact } from '#platform/transaction.ts'
import type { createSession as contract } from './contract.ts'
import type { Tables } from './database.ts'
import { type Identifier, identifierOf } from './identifiers.ts'
import { type Attempt, beginAttempt, succeed } from './limit-sign-in.ts'
import { hashPassword, isPassword } from './passwords.ts'
import { type AccountRow, accountById, accountByPhone, accountByUserName, saltOfPhone } from './queries/accounts.ts'
import { insertSession } from './queries/sessions.ts'
import { toAccount } from './views.ts'

type Ctx = Context<Tables>
type Request = Static<typeof contract.body>

/** Absolute: a token that leaked ends by itself. */
const SESSION_DAYS = 30

/** Signs in. An unknown name takes the same path, and as long, as a wrong password. */
export async function createSession(
  ctx: Ctx,
  { password, device, ...given }: Request,
  address: string,
): Promise<Static<typeof contract.response>> {
  const identifier = identifierOf(given)
  const attempt = await beginAttempt(ctx, identifier.kind === 'phone' ? identifier.phone : identifier.key, address)
  const account = await accountWith(ctx, identifier, password)
  if (!account) throw new Problem('login', 'The user name, the phone number or the password is wrong.')
  return openSession(ctx, account, attempt, device)
}

async function accountWith({ db }: Ctx, by: Identifier, password: string): Promise<AccountRow | undefined> {
  if (by.kind === 'phone')
    return accountByPhone(db, by.phone, await hashPassword(password, await saltOfPhone(db, by.phone)))
  const account = await accountByUserName(db, by.key)
  return (await isPassword(password, account?.password_hash)) ? account : undefined
}

function openSession(ctx: Ctx, { id: account_id, password_hash }: AccountRow, attempt: Attempt, device?: string) {
  const { token, hash: token_hash } = newToken()
  const id = newId()
  const created_at = ctx.now()
  const expires_at = new Date(created_at.getTime() + SESSION_DAYS * 86_400_000)
  return transact(ctx, async (ctx) => {
    await insertSession(ctx.db, { id, account_id, token_hash, device: device ?? null, created_at, expires_at })
    await succeed(ctx.db, attempt)
    const account = await accountById(ctx.db, account_id)
    // Its password was changed, or it was closed, while this one was being hashed: that ended every session, and ends this one.
    if (account?.password_hash !== password_hash)
      throw new Problem('login', 'The user name, the phone number or the password is wrong.')
    const actor = (await authenticate(ctx.db as never, token, created_at)) ?? nobody
    audit({ ...ctx, actor }, { action: 'C', entity: `Session/${id}`, subject: `Account/${account_id}` })
    return { id, token, expiresAt: expires_at.toISOString(), account: toAccount(account), roles: [...actor.roles] }
  })
}
