import { accountOf } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { isAdministrator } from '../caller.ts'

interface Was {
  deactivated_at: Date | null
  deactivated_by: string | null
}

/**
 * What `active` in a change means for a profile. Its owner takes it out of use and back; what an administrator took out of use, only an
 * administrator brings back.
 */
export function activityOf(ctx: Pick<Context, 'actor' | 'now'>, active: boolean | undefined, was: Was): Partial<Was> {
  if (active === undefined || active === (was.deactivated_at === null)) return {}
  const account = accountOf(ctx)
  if (active && was.deactivated_by !== account && !isAdministrator(ctx))
    throw new Problem('forbidden', 'An administrator took this out of use. Ask one to bring it back.')
  return active
    ? { deactivated_at: null, deactivated_by: null }
    : { deactivated_at: ctx.now(), deactivated_by: account }
}

/** Administrators take the profile of somebody else out of use, and change nothing else in it. */
export function checkOnlyActive(own: boolean, change: object): void {
  if (own || Object.keys(change).every((name) => name === 'active')) return
  throw new Problem('forbidden', 'Of somebody else’s profile an administrator changes only `active`.')
}
