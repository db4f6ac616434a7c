import { accountOf } from '#platform/auth.ts'
import type { TransactionContext } from '#platform/context.ts'
import type { Tables } from '../database.ts'
import * as queries from './queries.ts'

/** The relationship by which the caller keeps this record for somebody without an account, or undefined where they do not. */
export async function keptAtDesk(
  ctx: TransactionContext<Tables>,
  kind: 'patient' | 'practitioner',
  id: string,
): Promise<'desk' | undefined> {
  if (!ctx.actor.roles.includes('clerk')) return undefined
  return (await queries.keptAtDesk(ctx.db, kind, id, accountOf(ctx), ctx.now())) ? 'desk' : undefined
}
