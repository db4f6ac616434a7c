import { accountOf, practising } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import type { Viewer } from './queries.ts'

type Asking = Pick<Context, 'actor' | 'now'>

export const viewerOf = (ctx: Asking): Viewer => ({
  account: accountOf(ctx),
  practitioner: practising(ctx),
  within: ctx.actor.within,
  now: ctx.now(),
})

/** Who gives a consultation or signs is a practitioner with a licence, as whom they sign. */
export function practitionerOf(ctx: Asking): string {
  const practitioner = practising(ctx)
  if (practitioner === undefined)
    throw new Problem('forbidden', 'Only a practitioner with a verified licence gives consultations.')
  return practitioner
}

export const notThere = (what: string) => new Problem('not-found', `There is no such ${what}, or you may not see it.`)

export const overtaken = (what: string, details?: Record<string, unknown>) =>
  new Problem('lock-error', `The ${what} has changed since you read it. Read it again.`, details && { details })
