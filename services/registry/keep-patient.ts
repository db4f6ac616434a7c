import { accountOf } from '#platform/auth.ts'
import type { TransactionContext } from '#platform/context.ts'
import type { Tables } from './database.ts'
import { keptAtDesk } from './desk/keep.ts'
import { guardianOf } from './queries/grants.ts'

type Tx = TransactionContext<Tables>

export const isGuardian = async (ctx: Tx, patient: string): Promise<boolean> =>
  (await guardianOf(ctx.db, { account: accountOf(ctx), patient, now: ctx.now() })) !== undefined

/** By what the caller may change this record, or undefined where they may not: it is theirs, their desk keeps it, or they are guardian of the child. */
export async function keepsPatient(ctx: Tx, id: string): Promise<'self' | 'desk' | 'mandate' | undefined> {
  if (ctx.actor.self.patient === id) return 'self'
  return (await keptAtDesk(ctx, 'patient', id)) ?? ((await isGuardian(ctx, id)) ? 'mandate' : undefined)
}
