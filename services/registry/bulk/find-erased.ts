import type { Context } from '#platform/context.ts'
import type { InputOf, OutputOf } from '#platform/operation.ts'
import type * as contract from '../contract.ts'
import type { Tables } from '../database.ts'
import { erasedAmong } from './queries.ts'

/** For an import: of whoever has been erased nothing comes back. */
export const findErased = async (
  ctx: Context<Tables>,
  { patients }: InputOf<typeof contract.findErasedPatients>['body'],
): Promise<OutputOf<typeof contract.findErasedPatients>> => ({
  items: patients.length === 0 ? [] : await erasedAmong(ctx.db, patients),
})
