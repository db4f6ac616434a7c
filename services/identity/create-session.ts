import type { Static } from 'typebox'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import type { createSession as contract, NewSession } from './contract.ts'
import type { Tables } from './database.ts'
import { type Identifier, identifierOf, nameOf } from './identifiers.ts'
import { beginAttempt } from './limit-sign-in.ts'
import { hashPassword, isPassword } from './passwords.ts'
import { type AccountRow, accountByPhone, accountByUserName, isNameOf, saltOfPhone } from './queries/accounts.ts'
import { deviceOf, type KnownDevice } from './sign-in/device-token.ts'
import { admitOrAsk } from './sign-in/second-step.ts'

type Ctx = Context<Tables>
type Request = Static<typeof contract.body>

/** Signs in. An unknown name takes the same path, and as long, as a wrong password. */
export async function createSession(
  ctx: Ctx,
  { password, deviceToken, device, refresh, ...given }: Request,
  address: string,
): Promise<Static<typeof NewSession>> {
  const identifier = identifierOf(given)
  const known = await deviceFor(ctx, deviceToken, identifier)
  const shared = identifier.kind === 'phone'
  const attempt = await beginAttempt(ctx, nameOf(identifier), { address, device: known }, { shared })
  const account = await accountWith(ctx, identifier, password)
  if (!account || (known && known.account !== account.id)) throw wrong()
  return admitOrAsk(ctx, { account, attempt, way: 'password', refusal: wrong, device, refresh })
}

/** A device counts for the account that it belongs to, and only where this is that account's name. */
async function deviceFor(ctx: Ctx, token: string | undefined, by: Identifier): Promise<KnownDevice | undefined> {
  const known = deviceOf(ctx, token)
  return known && (await isNameOf(ctx.db, known.account, by)) ? known : undefined
}

const wrong = () => new Problem('login', 'The user name, the phone number or the password is wrong.')

async function accountWith({ db }: Ctx, by: Identifier, password: string): Promise<AccountRow | undefined> {
  if (by.kind === 'phone')
    return accountByPhone(db, by.phone, await hashPassword(password, await saltOfPhone(db, by.phone)))
  const account = await accountByUserName(db, by.key)
  return (await isPassword(password, account?.password_hash)) ? account : undefined
}
