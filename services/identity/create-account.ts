import type { Static } from 'typebox'
import { audit } from '#platform/audit.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { newId } from '#platform/ids.ts'
import { toE164 } from '#platform/phone.ts'
import { transact } from '#platform/transaction.ts'
import type { Account, NewAccount } from './contract.ts'
import type { Tables } from './database.ts'
import { newUserNameKey } from './identifiers.ts'
import { beginAttempt } from './limit-sign-in.ts'
import { checkNewPassword, hashPassword } from './passwords.ts'
import { insertAccount, saltOfPhone } from './queries/accounts.ts'
import { toAccount } from './views.ts'

type Ctx = Context<Tables>
type Request = Static<typeof NewAccount>

/** Signs somebody up. No role comes with it. */
export async function createAccount(ctx: Ctx, request: Request, address: string): Promise<Static<typeof Account>> {
  const row = await accountRow(ctx, request)
  // Number and password together name one account, so signing up with both is also a guess at a password.
  if (row.phone !== null) await beginAttempt(ctx, row.phone, { address }, { shared: true })
  return orTaken(() =>
    transact(ctx, async (ctx) => {
      const account = await insertAccount(ctx.db, row)
      const actor = { kind: 'account', account: account.id, roles: [], self: {} } as const
      audit({ ...ctx, actor }, { action: 'C', entity: `Account/${account.id}`, subject: `Account/${account.id}` })
      return toAccount(account)
    }),
  )
}

/** The row of a new account, its user name folded, its phone in E.164, its password checked and hashed. */
export async function accountRow(ctx: Ctx, { userName, phone, email, name, language, password }: Request) {
  if (userName === undefined && phone === undefined)
    throw new Problem('business-rule', 'An account needs a user name or a phone number.', {
      errors: [{ pointer: '/body', detail: 'needs userName or phone, or both' }],
    })
  const user_name_key = userName === undefined ? null : newUserNameKey(userName)
  const number = phone === undefined ? null : toE164(phone, '/body/phone')
  checkNewPassword(password, [user_name_key ?? undefined, number?.slice(1), name], '/body/password')
  const salt = number === null ? undefined : await saltOfPhone(ctx.db, number)
  const password_hash = await hashPassword(password, salt)
  const now = ctx.now()
  return {
    id: newId(),
    user_name: userName ?? null,
    user_name_key,
    phone: number,
    email: email ?? null,
    name,
    language: language ?? ctx.config.DEFAULT_LANGUAGE,
    password_hash,
    created_at: now,
    updated_at: now,
  }
}

/** User names are public within an installation, so that one is taken may be said. Of a phone number nothing is said. */
export async function orTaken<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    const { constraint } = error as { constraint?: string }
    if (constraint === 'account_user_name')
      throw new Problem('duplicate', 'This user name is taken. Choose another one.', {
        errors: [{ pointer: '/body/userName', detail: 'is taken' }],
      })
    if (constraint === 'account_phone_password')
      throw new Problem('business-rule', 'Choose another password. If you have an account with this number, sign in.', {
        errors: [{ pointer: '/body/password', detail: 'cannot be used with this number' }],
      })
    throw error
  }
}
