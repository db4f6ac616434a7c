import type { Context, TransactionContext } from '#platform/context.ts'
import type { AboutPerson, Person, Trace } from '#platform/person.ts'
import type { CarePlansTables } from '../tables.ts'
import { endTasks, tasksDoneBy, tasksOf } from './queries/people.ts'

type Tx = TransactionContext<CarePlansTables>

export async function tasksAbout(
  { db }: Context<CarePlansTables>,
  { patient, account }: Person,
): Promise<AboutPerson['data']> {
  return {
    'What was to be done': patient === undefined ? [] : await tasksOf(db, patient),
    'What you did for others': account === undefined ? [] : await tasksDoneBy(db, account),
  }
}

/** What was done is a record of treatment; what was still to be done is none. */
export async function eraseTasks(ctx: Tx, patient: string): Promise<Trace[]> {
  const { ended, kept } = await endTasks(ctx.db, patient, ctx.now())
  return [
    { what: 'what was to be done by plans of treatment from now on', outcome: 'erased', count: ended },
    {
      what: 'what was to be done by plans of treatment before, and what came of it, under a number',
      outcome: 'kept',
      count: kept,
      why: 'Records of treatment are kept for as long as the law on them says.',
    },
  ]
}
