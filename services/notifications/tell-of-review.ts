import type { Context } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import { contactsOf, reach } from './contacts.ts'
import { accountsThatAre, type Message } from './queries.ts'
import type { NotificationsTables } from './tables.ts'
import { tell } from './tell.ts'

/** Tells whoever made a plan of treatment that it is to be looked at again: not of what, nor whose. */
export async function tellOfReview(
  ctx: Context<NotificationsTables>,
  { carePlan, practitioner }: { carePlan: string; practitioner: string },
): Promise<void> {
  const accounts = await accountsThatAre(ctx.db, practitioner, ctx.now())
  const contacts = await contactsOf(ctx, accounts)
  const messages = accounts.map(
    (account): Message => ({
      ...reach(ctx, contacts.get(account)),
      account,
      part: 'practitioner',
      template: 'care-plan-review.practitioner',
      params: {},
      resource: `CarePlan/${carePlan}`,
      subject: null,
      power: null,
    }),
  )
  await transact(ctx, (ctx) => tell(ctx, messages))
}
