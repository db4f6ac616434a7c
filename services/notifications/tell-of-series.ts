import type { Static } from 'typebox'
import type { Context } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import type { seriesChanged } from '../scheduling/contract.ts'
import { type Card, cardOf } from './appointment-card.ts'
import type { Message } from './queries.ts'
import type { NotificationsTables } from './tables.ts'
import { tell } from './tell.ts'
import { isSo, messagesFor, paramsOf } from './tell-of-appointment.ts'
import type { AppointmentParams } from './words/words.ts'

type Ctx = Context<NotificationsTables>

/** Visits that were booked, moved or cancelled in one go: one message for each account, with those of which it is still so. */
export async function tellOfSeries(
  ctx: Ctx,
  { series, change, appointments }: Static<typeof seriesChanged.payload>,
): Promise<void> {
  const now = await Promise.all(appointments.map((appointment) => cardOf(ctx, appointment)))
  const cards = now.filter((card): card is Card => card !== undefined && isSo(card, change, ctx.now()))
  cards.sort((a, b) => Date.parse(a.start) - Date.parse(b.start))
  // One message names them all, so whoever may not hear of one hears of none.
  const categories = cards.map(({ category }) => category)
  const strictest = cards.find(({ category }) => category !== 'general') ?? cards[0]
  const each = strictest ? await messagesFor(ctx, strictest, change, categories) : []
  const messages = each.map((message) => together(message, series, cards))
  await transact(ctx, (ctx) => tell(ctx, messages, strictest?.patient))
}

function together(message: Message, series: string, cards: readonly Card[]): Message {
  if (cards.length === 1) return message
  const { patient } = message.params as AppointmentParams
  const visits = cards.map((card) => ({ ...paramsOf(card, patient), appointment: card.id }))
  return {
    ...message,
    template: message.template.replace('appointment-', 'appointments-') as Message['template'],
    params: { start: visits[0]?.start, visits },
    resource: `Series/${series}`,
  }
}
