import { accountOf } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { isAdministrator } from '../caller.ts'

interface Was {
  deactivated_at: Date | null
  deactivated_by: string | null
}

/**
 * What `active` in a change means for a profile. Its owner takes it out of use and back. What an administrator took out of use only an administrator
 * brings back, and not the owner, whatever else they are: so it also counts where the owner was first.
 */
export function activityOf(
  ctx: Pick<Context, 'actor' | 'now'>,
  active: boolean | undefined,
  was: Was & { account_id: string | null },
): Partial<Was> {
  const account = accountOf(ctx)
  const decides = isAdministrator(ctx) && was.account_id !== account
  const out = was.deactivated_at !== null
  if (active === undefined || (active && !out) || (!active && out && !decides)) return {}
  if (active && was.deactivated_by !== account && !decides)
    throw new Problem('forbidden', 'An administrator took this out of use. Ask another one to bring it back.')
  return active
    ? { deactivated_at: null, deactivated_by: null }
    : { deactivated_at: was.deactivated_at ?? ctx.now(), deactivated_by: account }
}

/** Administrators take the profile of somebody else out of use, and change nothing else in it. */
export function checkOnlyActive(own: boolean, change: object, also = ''): void {
  if (own || Object.keys(change).every((name) => name === 'active' || name === also)) return
  throw new Problem('forbidden', 'Of somebody else’s profile an administrator changes only `active`.')
}
