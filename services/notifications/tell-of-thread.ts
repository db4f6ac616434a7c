import type { Context } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import { readThreadMessageCard } from '../consultations/contract.ts'
import { contactsOf, reach } from './contacts.ts'
import { concernedBy, type Message, refusesMessages } from './queries.ts'
import type { NotificationsTables } from './tables.ts'
import { tell } from './tell.ts'

/** Tells both sides of a visit, but whoever wrote, that there is something to read, and not a word of it. */
export async function tellOfThread(
  ctx: Context<NotificationsTables>,
  { message, by }: { message: string; by: string },
): Promise<void> {
  const { patient, practitioner, category } = await ctx.call(readThreadMessageCard, { params: { id: message } })
  const concerned = await concernedBy(ctx.db, { patient, practitioner, bookedBy: by, category }, ctx.now())
  const recipients = concerned.filter(({ account, power }) => account !== by && power !== 'book')
  const [refused, contacts] = await Promise.all([
    refusesMessages(ctx.db, patient, [category]),
    contactsOf(
      ctx,
      recipients.map(({ account }) => account),
    ),
  ])
  // What may not leave the house waits for the patient there, and is for no caregiver.
  const told = refused ? recipients.filter(({ part }) => part !== 'caregiver') : recipients
  const messages = told.map(
    (recipient): Message => ({
      ...recipient,
      ...reach(ctx, contacts.get(recipient.account)),
      ...(refused && recipient.part === 'patient' && { channels: [], reachable: [] }),
      template: `thread-message.${recipient.part}` as Message['template'],
      params: {},
      resource: `Communication/${message}`,
      concerns: [patient, practitioner],
    }),
  )
  await transact(ctx, (ctx) => tell(ctx, messages, patient))
}
