import type { Context } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import { contactsOf, reach } from './contacts.ts'
import type { NotificationsTables } from './tables.ts'
import { tell } from './tell.ts'

/** To the account itself, and without contents: that something is there, or will happen, for whoever signs in. */
export async function tellOfPrivacy(
  ctx: Context<NotificationsTables>,
  what: 'erasure-requested' | 'export-ready',
  account: string,
  resource: string,
): Promise<void> {
  const contacts = await contactsOf(ctx, [account])
  const message = {
    ...reach(contacts.get(account)),
    account,
    part: 'patient' as const,
    template: `${what}.person` as const,
    params: {},
    resource,
    subject: null,
    power: null,
  }
  await transact(ctx, (ctx) => tell(ctx, contacts.has(account) ? [message] : []))
}
