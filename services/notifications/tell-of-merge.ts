import type { Context } from '#platform/context.ts'
import type { OutputOf } from '#platform/operation.ts'
import { transact } from '#platform/transaction.ts'
import { readMergeCard } from '../registry/contract.ts'
import { contactsOf, reach } from './contacts.ts'
import { accountsThatAre, caregiversToldOf, type Message, moveByMerge } from './queries.ts'
import type { NotificationsTables } from './tables.ts'
import { tell } from './tell.ts'

type Ctx = Context<NotificationsTables>
type Card = OutputOf<typeof readMergeCard>
type What = 'merged' | 'unmerged'

/**
 * Two patients became one, or were parted again. The event only says of which merge: what is done is what registry says now, whichever of the
 * two is delivered first, and however often. Messages about them follow; and everybody who is one of the two is told, and caregivers who receive
 * their messages. Nobody is told whose the other record is.
 */
export async function tellOfMerge(ctx: Ctx, what: What, { merge }: { merge: string }): Promise<void> {
  const card = await ctx.call(readMergeCard, { params: { id: merge } })
  const isSo = card.stands === (what === 'merged')
  const messages = isSo ? await messagesFor(ctx, what, card) : []
  await transact(ctx, async (ctx) => {
    await moveByMerge(ctx.db, card)
    await tell(ctx, messages)
  })
}

async function messagesFor(ctx: Ctx, what: What, { id, survivor, replaced }: Card): Promise<Message[]> {
  const at = ctx.now()
  const told = new Map<string, Pick<Message, 'account' | 'part' | 'subject' | 'power'>>()
  for (const patient of [survivor, replaced])
    for (const account of await caregiversToldOf(ctx.db, patient, at))
      told.set(account, { account, part: 'caregiver', subject: patient, power: 'receive-messages' })
  for (const patient of [survivor, replaced])
    for (const account of await accountsThatAre(ctx.db, patient, at))
      told.set(account, { account, part: 'patient', subject: null, power: null })
  const contacts = await contactsOf(ctx, [...told.keys()])
  return [...told.values()].map(
    (one): Message => ({
      ...reach(ctx, contacts.get(one.account)),
      ...one,
      template: `record-${what}.${one.part as 'patient' | 'caregiver'}`,
      params: {},
      resource: `Merge/${id}`,
    }),
  )
}
