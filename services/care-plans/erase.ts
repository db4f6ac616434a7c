import type { Context } from '#platform/context.ts'
import type { Person, Trace } from '#platform/person.ts'
import { plansOf } from './queries.ts'
import type { CarePlansTables } from './tables.ts'

/** A plan is a record of treatment. */
export async function erase({ db }: Context<CarePlansTables>, { patient }: Person): Promise<Trace[]> {
  if (patient === undefined) return []
  return [
    {
      what: 'treatment plans: that there were some, under a number',
      outcome: 'kept',
      count: (await plansOf(db, patient)).length,
      why: 'Records of treatment are kept for as long as the law on them says.',
    },
  ]
}
