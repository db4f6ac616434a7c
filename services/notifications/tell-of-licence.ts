import type { Context } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import { readContacts } from '../identity/contract.ts'
import { accountsThatAre, type Message, stillGranted } from './queries.ts'
import type { Tables } from './tables.ts'
import { tell } from './tell.ts'

/** Tells a practitioner what became of a licence. */
export async function tellOfLicence(
  ctx: Context<Tables>,
  what: 'verified' | 'rejected',
  { licence, practitioner }: { licence: string; practitioner: string },
): Promise<void> {
  const isSo = (await stillGranted(ctx.db, licence)) === (what === 'verified')
  const accounts = isSo ? await accountsThatAre(ctx.db, practitioner, ctx.now()) : []
  const { items } = accounts.length > 0 ? await ctx.call(readContacts, { body: { accounts } }) : { items: [] }
  const messages = accounts.map(
    (account): Message => ({
      account,
      part: 'practitioner',
      template: `licence-${what}.practitioner`,
      params: {},
      resource: `Licence/${licence}`,
      subject: null,
      power: null,
      email: items.some((contact) => contact.account === account && contact.email !== undefined),
    }),
  )
  await transact(ctx, (ctx) => tell(ctx, messages))
}
