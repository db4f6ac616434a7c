import { accountOf, practising } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import type { Viewer } from './queries/booking.ts'

/** Who asks, as the conditions of row-level access want it. */
export const viewerOf = (ctx: Pick<Context, 'actor' | 'now'>): Viewer => ({
  account: accountOf(ctx),
  practitioner: practising(ctx),
  within: ctx.actor.within,
  now: ctx.now(),
})
