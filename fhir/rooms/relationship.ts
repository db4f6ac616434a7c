import type { Kysely } from 'kysely'
import type { Context, TransactionContext } from '#platform/context.ts'
import { Problem } from '#platform/errors.ts'
import { faceOf } from '../face.ts'
import { relationshipTo } from '../store/everything.ts'
import { seerOf } from '../store/seer.ts'

type Asking = Pick<Context<unknown>, 'actor' | 'now' | 'config'> & {
  db: Context<unknown>['db'] | TransactionContext<unknown>['db']
}

const nobody = () => new Problem('not-found', 'There is no such patient, or you may not see their record.')

/** By which relationship whoever asks sees this patient's record; throws `not-found` where they may not. */
export async function expectSees(ctx: Asking, patient: string): Promise<string> {
  const relationship = await relationshipTo(ctx.db as Kysely<unknown>, patient, seerOf(ctx))
  if (relationship === undefined) throw nobody()
  return relationship
}

/** The same of whoever writes in it: throws `forbidden` where they may see it and no more. */
export async function expectTreats(ctx: Asking, patient: string): Promise<string> {
  const relationship = await expectSees(ctx, patient)
  if (!faceOf(ctx.config).writer.relationships?.includes(relationship))
    throw new Problem('forbidden', 'You may not write about this patient: that is for who treats them.')
  return relationship
}
