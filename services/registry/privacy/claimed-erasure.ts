import type { TransactionContext } from '#platform/context.ts'
import { publish } from '#platform/events.ts'
import { erasureClaimed } from '../contract.ts'
import type { Tables } from '../database.ts'
import { claimErasure } from '../queries/erasures.ts'
import { auditErasure, dueFrom, runWhenDue } from './erasures.ts'

/**
 * When its erasure was asked for, the record was nobody's, and nobody was told. Whoever takes it over is, and has all the time that anybody has to
 * call it off. `false`: it has begun, so there is nothing to take over.
 */
export async function handOverErasure(
  ctx: TransactionContext<Tables>,
  record: string,
  account: string,
): Promise<boolean> {
  const row = await claimErasure(ctx.db, { record, account, now: ctx.now(), due: dueFrom(ctx) })
  if (!row) return true
  if (row.status === 'running') return false
  runWhenDue(ctx, row)
  publish(ctx, erasureClaimed, { erasure: row.id, account })
  auditErasure(ctx, 'U', row)
  return true
}
