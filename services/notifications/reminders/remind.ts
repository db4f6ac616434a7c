import { createHash } from 'node:crypto'
import type { Context } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import { type Card, cardOf, isAhead } from '../appointment-card.ts'
import { deleteReminders, remindersIn } from '../queries/reminders.ts'
import type { Message } from '../queries.ts'
import type { NotificationsTables } from '../tables.ts'
import { tell } from '../tell.ts'
import { messagesFor } from '../tell-of-appointment.ts'
import type { AppointmentParams } from '../words/words.ts'

type Ctx = Context<NotificationsTables>

/**
 * Looks again before it speaks: visits may have been moved or cancelled, and mandates withdrawn, since this was planned. Whoever is told of several
 * visits of that day is told once.
 */
export async function remind(ctx: Ctx, { group }: { group: string }): Promise<void> {
  const planned = await remindersIn(ctx.db, group)
  if (planned.length === 0) return
  const asPlanned = async ({ appointment_id, start_at }: (typeof planned)[number]): Promise<Card[]> => {
    const card = await cardOf(ctx, appointment_id)
    return card && isAhead(card, ctx.now()) && Date.parse(card.start) === start_at.getTime() ? [card] : []
  }
  const cards = (await Promise.all(planned.map(asPlanned))).flat()
  const each: Message[] = []
  for (const card of cards) each.push(...(await messagesFor(ctx, card, 'reminder')))
  // What may not leave the house stays apart from what may.
  const [outside, inside] = [together(each.filter(leaves)), together(each.filter((message) => !leaves(message)))]
  const what = `${group} ${cards.map(({ id, start }) => `${id} ${start}`).join(' ')}`
  const once = (more: string) => ({ scope: 'reminder', key: `${keyOf(what)}${more}` })
  const patient = cards[0]?.patient
  if (inside.length > 0) await transact({ ...ctx, once: once(' inside') }, (ctx) => tell(ctx, inside, patient))
  // A job may run twice when a process dies; under this key it takes effect once.
  await transact({ ...ctx, once: once('') }, async (ctx) => {
    await tell(ctx, outside, patient)
    await deleteReminders(
      ctx.db,
      group,
      planned.map(({ appointment_id }) => appointment_id),
    )
  })
}

/** Bounded, however many visits somebody has on a day. */
const keyOf = (what: string) => createHash('sha256').update(what).digest('base64url')

const leaves = ({ reachable }: Message): boolean => reachable.length > 0

/** One message for each account; of several visits, with all of them. */
function together(messages: readonly Message[]): Message[] {
  return [...Map.groupBy(messages, ({ account }) => account).values()].map(([first, ...others]) => {
    const message = first as Message
    if (others.length === 0) return message
    const all = [message, ...others]
    const visits = all.map(({ params, resource }) => ({
      ...(params as AppointmentParams),
      appointment: resource.replace('Appointment/', ''),
    }))
    return {
      ...message,
      template: `appointments-reminder.${message.part === 'patient' ? 'patient' : 'caregiver'}`,
      params: { start: visits[0]?.start ?? '', visits },
      resource: `Patient/${all[0]?.concerns?.[0]}`,
      concerns: [...new Set(all.flatMap(({ concerns = [] }) => concerns))],
    }
  })
}
