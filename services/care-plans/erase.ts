import { audit } from '#platform/audit.ts'
import type { Context } from '#platform/context.ts'
import type { Person, Trace } from '#platform/person.ts'
import { transact } from '#platform/transaction.ts'
import { eraseTasks } from './occurrences/people.ts'
import { endReviews, plansOf } from './queries.ts'
import type { CarePlansTables } from './tables.ts'

/** A plan is a record of treatment. */
export async function erase(ctx: Context<CarePlansTables>, { patient }: Person): Promise<Trace[]> {
  if (patient === undefined) return []
  return transact(ctx, async (ctx) => {
    await endReviews(ctx.db, patient)
    const tasks = await eraseTasks(ctx, patient)
    audit(ctx, { action: 'D', entity: `Patient/${patient}`, subject: `Patient/${patient}`, reason: 'erasure' })
    return [
      {
        what: 'treatment plans: that there were some, under a number',
        outcome: 'kept',
        count: (await plansOf(ctx.db, patient)).length,
        why: 'Records of treatment are kept for as long as the law on them says.',
      },
      ...tasks,
    ]
  })
}
