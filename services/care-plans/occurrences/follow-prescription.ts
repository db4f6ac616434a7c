import type { TransactionContext } from '#platform/context.ts'
import type { CarePlansTables } from '../tables.ts'
import { replan } from './plan-activities.ts'
import { lockActivities, plansByPrescription } from './queries/planned.ts'

/**
 * In the transaction that writes a prescription: nobody is reminded of what is not to be taken. Plans stay as they were written, and their schedules count again when it
 * goes on, or what renews it does.
 */
export async function followPrescription(
  ctx: TransactionContext<CarePlansTables>,
  { id, isActive, renewal }: { id: string; isActive: boolean; renewal?: string },
): Promise<void> {
  const plans = await plansByPrescription(ctx.db, id)
  if (plans.length === 0) return
  const rows = await lockActivities(ctx.db, plans)
  const followed = rows.map((row) =>
    (row.renewal_id ?? row.prescription_id) === id
      ? { ...row, renewal_id: renewal ?? row.renewal_id, is_paused: !isActive }
      : row,
  )
  await replan(ctx, plans, followed)
}
