import type { Context } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import { contactsOf, reach } from './contacts.ts'
import { accountsThatAre, type Message, stillGranted } from './queries.ts'
import type { NotificationsTables } from './tables.ts'
import { tell } from './tell.ts'

/** Tells a practitioner what became of a licence, or will. */
export async function tellOfLicence(
  ctx: Context<NotificationsTables>,
  what: 'verified' | 'rejected' | 'revoked' | 'ending',
  { licence, practitioner }: { licence: string; practitioner: string },
  params: object = {},
): Promise<void> {
  const isSo = (await stillGranted(ctx.db, licence)) === (what === 'verified' || what === 'ending')
  const accounts = isSo ? await accountsThatAre(ctx.db, practitioner, ctx.now()) : []
  const contacts = await contactsOf(ctx, accounts)
  const messages = accounts.map(
    (account): Message => ({
      ...reach(ctx, contacts.get(account)),
      account,
      part: 'practitioner',
      template: `licence-${what}.practitioner`,
      params,
      resource: `Licence/${licence}`,
      subject: null,
      power: null,
    }),
  )
  await transact(ctx, (ctx) => tell(ctx, messages))
}
