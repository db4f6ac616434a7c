import type { Context } from '#platform/context.ts'
import { newId } from '#platform/ids.ts'
import { transact } from '#platform/transaction.ts'
import { categoryOf } from '../categories.ts'
import type { Channel } from '../channels.ts'
import { type Contact, contactOf } from '../contacts.ts'
import { insertEscalation, type Unread, unreached } from '../queries/escalation.ts'
import { type PreferencesRow, preferencesOf } from '../queries/preferences.ts'
import { askToDeliver } from '../sending/ask-to-deliver.ts'
import type { NotificationsTables } from '../tables.ts'

/** Who has not read the mail hears the phone; a text is dearer, and disturbs. */
const order = ['email', 'sms'] as const satisfies readonly Channel[]

/** Sends what did not reach its reader by the next channel that they have and have not turned off, once. */
export async function escalate(
  ctx: Context<NotificationsTables>,
  { notification }: { notification: string },
): Promise<void> {
  const unread = await unreached(ctx.db, notification, ctx.now())
  if (!unread) return
  const contact = await contactOf(ctx, unread.account)
  const preferences = await preferencesOf(ctx.db, [unread.account])
  const channel = order.find(
    (one) => !unread.used.includes(one) && isReachedBy(contact, one) && !isOff(preferences, unread, one),
  )
  if (channel === undefined) return
  const id = newId()
  await transact(ctx, async (ctx) => {
    const at = ctx.now()
    if (await insertEscalation(ctx.db, { id, unread, channel, due: at }, at)) askToDeliver(ctx, id)
  })
}

function isReachedBy(contact: Contact | undefined, channel: (typeof order)[number]): boolean {
  const kind = channel === 'email' ? 'email' : 'phone'
  return contact?.[kind] !== undefined && contact.proved.includes(kind)
}

function isOff(all: readonly PreferencesRow[], { account, subject, template }: Unread, channel: Channel): boolean {
  const category = categoryOf(template)
  const wishAbout = (about: string | null) => all.find((one) => one.about === about)?.wishes[category]?.[channel]
  return (wishAbout(subject) ?? wishAbout(account)) === 'off'
}
