import type { Context } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'

export const isAdministrator = ({ actor }: Pick<Context, 'actor'>): boolean => actor.roles.includes('administrator')

/** An app that an administrator lets import, or an import itself: there is nobody whose own it would be, and no desk. */
export const bringsIn = ({ actor }: Pick<Context, 'actor'>): boolean =>
  actor.kind === 'client' || actor.kind === 'system'

/** Not there, or not for these eyes: the two must look alike. */
export const notThere = (what: string) => new Problem('not-found', `There is no such ${what}, or you may not see it.`)

export const changedMeanwhile = () =>
  new Problem('lock-error', 'This has changed since you read it. Read it again, and send the new ETag.')

/** A value that has the right form and yet cannot be right. */
export const wrong = (pointer: string, detail: string) =>
  new Problem('invalid', 'Parts of the request are wrong; see errors.', { errors: [{ pointer, detail }] })

/** Turns the violation of one constraint into words; the constraint is the rule, since only it stands in a race. */
export async function unless<T>(constraint: string, problem: () => Problem, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    throw (error as { constraint?: string }).constraint === constraint ? problem() : error
  }
}
