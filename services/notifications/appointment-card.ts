import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import type { OutputOf } from '#platform/operation.ts'
import { readAppointmentCard } from '../scheduling/contract.ts'
import type { NotificationsTables } from './tables.ts'

export type Card = OutputOf<typeof readAppointmentCard>

/** The card as it is now, or undefined when the appointment is gone. */
export async function cardOf(ctx: Context<NotificationsTables>, appointment: string): Promise<Card | undefined> {
  try {
    return await ctx.call(readAppointmentCard, { params: { id: appointment } })
  } catch (error) {
    if (error instanceof Problem && error.code === 'not-found') return undefined
    throw error
  }
}

export const isAhead = ({ status, start }: Card, now: Date) => status === 'booked' && new Date(start) > now

/** One of several appointments of a visit, and not the one that stands for it: only the practitioner whose it is hears of that. */
export const isPart = ({ id, together }: Card) => together !== undefined && together.appointment !== id
