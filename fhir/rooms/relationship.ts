import type { Kysely } from 'kysely'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { faceOf } from '../face.ts'
import { relationshipTo } from '../store/everything.ts'
import { seerOf } from '../store/seer.ts'

type Asking<T> = Pick<Context<T>, 'actor' | 'now' | 'config'> & { db: Context<T>['db'] | TransactionContext<T>['db'] }

const nobody = () => new Problem('not-found', 'There is no such patient, or you may not see their record.')

/** By which relationship whoever asks sees this patient's record, what is of this category in it too; undefined where they may not. */
export const relationshipOf = <T>(ctx: Asking<T>, patient: string, category = 'general'): Promise<string | undefined> =>
  relationshipTo(ctx.db as unknown as Kysely<unknown>, patient, seerOf(ctx), [category])

/** The same; throws `not-found` where they may not. */
export async function expectSees<T>(ctx: Asking<T>, patient: string): Promise<string> {
  const relationship = await relationshipOf(ctx, patient)
  if (relationship === undefined) throw nobody()
  return relationship
}

/** The same of whoever writes in it: throws `forbidden` where they may see it and no more. */
export async function expectTreats<T>(ctx: Asking<T>, patient: string): Promise<string> {
  const relationship = await expectSees(ctx, patient)
  if (!faceOf(ctx.config).writer.relationships?.includes(relationship))
    throw new Problem('forbidden', 'You may not write about this patient: that is for who treats them.')
  return relationship
}
