import type { Context } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import type { NotificationsTables } from './tables.ts'
import { tell } from './tell.ts'
import { cardOf, isAhead, messagesFor } from './tell-of-appointment.ts'

export interface Reminder {
  appointment: string
  /** For which it was planned. */
  start: string
}

/** Looks again before it speaks: the appointment may have been moved or cancelled, and mandates withdrawn, since this was planned. */
export async function remind(ctx: Context<NotificationsTables>, { appointment, start }: Reminder): Promise<void> {
  const card = await cardOf(ctx, appointment)
  if (!card || !isAhead(card, ctx.now()) || Date.parse(card.start) !== Date.parse(start)) return
  const messages = await messagesFor(ctx, card, 'reminder')
  // A job may run twice when a process dies; under this key it takes effect once.
  const once = { scope: 'reminder', key: `${appointment} ${new Date(start).toISOString()}` }
  await transact({ ...ctx, once }, (ctx) => tell(ctx, messages, card.patient))
}
