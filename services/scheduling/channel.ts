import { practising } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'

/** How somebody came by a visit: staff at the desk, staff for a caller, or by themselves. */
export type Channel = 'desk' | 'phone' | 'web'

const STAFF = new Set(['desk', 'practitioner', 'treatment', 'break-glass'])

/** Who comes, or cares for them, books by themselves also where they work: nobody takes for themselves what is kept for a desk. */
export function channelOf(relationship: string, named: Channel | undefined): Channel {
  if (STAFF.has(relationship)) return named ?? 'desk'
  return named === undefined || named === 'web' ? 'web' : refuse()
}

/** For whom a search looks: staff for whoever stands at the desk, unless they say otherwise. */
export function channelSearched(ctx: Pick<Context, 'actor'>, named: Channel | undefined): Channel {
  if (practising(ctx) !== undefined || ctx.actor.roles.includes('clerk')) return named ?? 'desk'
  return named === undefined || named === 'web' ? 'web' : refuse()
}

function refuse(): never {
  throw new Problem('forbidden', 'Only staff books at a desk, or for somebody who calls. Leave `channel` out.', {
    reason: 'not-staff',
  })
}
