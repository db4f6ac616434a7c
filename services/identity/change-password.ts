import { accountOf } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { publish } from '#platform/events.ts'
import { transact } from '#platform/transaction.ts'
import { passwordChanged } from './contract.ts'
import { orTaken } from './create-account.ts'
import type { Tables } from './database.ts'
import { beginAttempt, succeed } from './limit-sign-in.ts'
import { auditAccount } from './own-account.ts'
import { checkNewPassword, hashPassword, isPassword } from './passwords.ts'
import { accountById, replacePassword, saltOfPhone } from './queries/accounts.ts'
import { revokeSessions } from './queries/sessions.ts'
import { isOwnerWithoutPassword } from './sign-in/confirm-owner.ts'

/**
 * Needs the present password: a session left open must not be enough. Whoever has forgotten it signs in by a code or a passkey and replaces it at once.
 * Every other session ends.
 */
export async function changePassword(
  ctx: Context<Tables>,
  given: { current?: string; new: string },
  address: string,
): Promise<void> {
  const id = accountOf(ctx)
  const account = await accountById(ctx.db, id)
  if (!account) throw new Problem('deleted', 'This account is closed.')
  const { phone, user_name_key, name } = account
  checkNewPassword(given.new, [user_name_key ?? undefined, phone?.slice(1), name], '/body/new')
  const attempt = given.current === undefined ? undefined : await beginAttempt(ctx, `password of ${id}`, { address })
  if (given.current !== undefined && !(await isPassword(given.current, account.password_hash))) throw wrong()
  if (given.current === undefined && !(await isOwnerWithoutPassword(ctx, id))) throw needed()
  const hash = await hashPassword(given.new, phone === null ? undefined : await saltOfPhone(ctx.db, phone))
  await orTaken(() =>
    transact(ctx, async (ctx) => {
      if (!(await replacePassword(ctx.db, account, hash, ctx.now()))) throw wrong()
      await revokeSessions(ctx.db, id, ctx.now(), ctx.actor.session ? { except: ctx.actor.session } : {})
      if (attempt) await succeed(ctx.db, attempt)
      auditAccount(ctx, 'U', id, attempt ? 'password' : 'password, without the one before')
      publish(ctx, passwordChanged, { account: id })
    }),
  )
}

const needed = () =>
  new Problem(
    'business-rule',
    'Send your present password, or sign in anew by a code or a passkey and come back within ten minutes.',
    {
      errors: [{ pointer: '/body/current', detail: 'is needed' }],
    },
  )

const wrong = () =>
  new Problem('business-rule', 'The present password is wrong.', {
    errors: [{ pointer: '/body/current', detail: 'is wrong' }],
  })
