import { practising } from '#platform/auth.ts'
import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'

export const notThere = (what: string) => new Problem('not-found', `There is no such ${what}, or you may not see it.`)

/** Who makes a plan answers for it: a practitioner with a licence. */
export function practitionerOf(ctx: Pick<Context, 'actor'>): string {
  const practitioner = practising(ctx)
  if (practitioner === undefined)
    throw new Problem('forbidden', 'Only a practitioner with a verified licence writes treatment plans.')
  return practitioner
}
