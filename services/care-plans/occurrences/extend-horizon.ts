import type { Context, TransactionContext } from '#platform/context.ts'
import { transact } from '#platform/transaction.ts'
import { tzdata } from '#platform/wall-clock.ts'
import type { CarePlansTables } from '../tables.ts'
import { horizonOf, plannedUntil, replan, wantedOf } from './plan-activities.ts'
import { activitiesToExtend, addPlanned, lockActivities, plansOfOtherRules } from './queries/planned.ts'

type Ctx = Context<CarePlansTables>
type Tx = TransactionContext<CarePlansTables>

/** Activities in one go: of a day or two each, some thousand rows. */
const BATCH = 500

/** Each night what is to be done is written down as far as the new horizon; where the rules of the zones are others than ours, all of it anew. */
export async function extendHorizon(ctx: Ctx): Promise<void> {
  const horizon = horizonOf(ctx.now())
  for (;;) {
    const plans = await plansOfOtherRules(ctx.db, tzdata, BATCH)
    if (plans.length === 0) break
    for (const plan of plans)
      await transact(ctx, async (ctx) => replan(ctx, [plan], await lockActivities(ctx.db, [plan])))
  }
  for (let extended = BATCH; extended === BATCH; ) extended = await transact(ctx, (ctx) => extend(ctx, horizon))
}

async function extend(ctx: Tx, horizon: Date): Promise<number> {
  const rows = await activitiesToExtend(ctx.db, { horizon, limit: BATCH })
  if (rows.length > 0)
    await addPlanned(ctx.db, {
      extended: rows.map((row) => ({ plan: row.plan_id, activity: row.id, until: plannedUntil(row, horizon) })),
      wanted: rows.flatMap((row) => wantedOf(row, { from: row.planned_until, until: horizon })),
    })
  return rows.length
}
