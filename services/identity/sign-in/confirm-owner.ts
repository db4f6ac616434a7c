import { accountOf } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { transact } from '#platform/transaction.ts'
import type { Tables } from '../database.ts'
import { beginAttempt, succeed } from '../limit-sign-in.ts'
import { isPassword } from '../passwords.ts'
import { type AccountRow, accountById } from '../queries/accounts.ts'
import { openSession } from '../queries/sessions.ts'

/** So long after signing in somebody is believed to be still the one who did. */
const FRESH_MINUTES = 10

/** For what a session left open, or a token that leaked, must not be enough: a new way into the account. */
export async function confirmOwner(
  ctx: Context<Tables>,
  password: string | undefined,
  address: string,
): Promise<AccountRow> {
  const id = accountOf(ctx)
  const account = await accountById(ctx.db, id)
  if (!account) throw new Problem('deleted', 'This account is closed.')
  if (password === undefined) {
    if (await isFresh(ctx, id)) return account
    throw refused('You signed in a while ago. Send your password as well.', 'is needed')
  }
  const attempt = await beginAttempt(ctx, `password of ${id}`, { address })
  if (!(await isPassword(password, account.password_hash))) throw refused('The password is wrong.', 'is wrong')
  await transact(ctx, ({ db }) => succeed(db, attempt))
  return account
}

async function isFresh(ctx: Context<Tables>, account: string): Promise<boolean> {
  return (await freshSession(ctx, account)) !== undefined
}

/** The session of this request, if somebody has just signed in to it. A key and an app have none. */
async function freshSession(ctx: Context<Tables>, account: string) {
  const now = ctx.now()
  const session = ctx.actor.session && (await openSession(ctx.db, { id: ctx.actor.session, account, now }))
  const fresh = session && now.getTime() - session.created_at.getTime() <= FRESH_MINUTES * 60_000
  return fresh ? session : undefined
}

/** Whether whoever asks has just proved to be the owner by something else than the password, which they may have forgotten. */
export async function isOwnerWithoutPassword(ctx: Context<Tables>, account: string): Promise<boolean> {
  const by = (await freshSession(ctx, account))?.signed_in_by ?? ''
  return /^(one-time code|passkey)(,|$)/.test(by)
}

const refused = (message: string, detail: string) =>
  new Problem('business-rule', message, { errors: [{ pointer: '/body/password', detail }] })
