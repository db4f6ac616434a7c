import type { Context } from '#platform/context.ts'
import { gathered } from '#platform/gathered.ts'
import type { OutputOf } from '#platform/operation.ts'
import { readAppointmentCards } from '../scheduling/contract.ts'
import type { NotificationsTables } from './tables.ts'

export type Card = OutputOf<typeof readAppointmentCards>['items'][number]

/** The card as it is now, or undefined when the appointment is gone. Asked together with others that are wanted at the time. */
export const cardOf = gathered(async (ctx: Context<NotificationsTables>, appointments: readonly string[]) => {
  const { items } = await ctx.call(readAppointmentCards, { body: { appointments: [...new Set(appointments)] } })
  const cards = new Map(items.map((card) => [card.id, card]))
  return appointments.map((appointment) => cards.get(appointment))
})

export const isAhead = ({ status, start }: Card, now: Date) => status === 'booked' && new Date(start) > now

/** One of several appointments of a visit, and not the one that stands for it: only the practitioner whose it is hears of that. */
export const isPart = ({ id, together }: Card) => together !== undefined && together.appointment !== id
