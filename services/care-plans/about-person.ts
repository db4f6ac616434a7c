import type { Context } from '#platform/context.ts'
import type { AboutPerson, Person } from '#platform/person.ts'
import { tasksAbout } from './occurrences/people.ts'
import { plansOf } from './queries.ts'
import type { CarePlansTables } from './tables.ts'

/** What a plan says is in the record, which tells of it. */
export async function aboutPerson(ctx: Context<CarePlansTables>, person: Person): Promise<AboutPerson> {
  const plans = person.patient === undefined ? [] : await plansOf(ctx.db, person.patient)
  return { data: { 'Treatment plans': plans, ...(await tasksAbout(ctx, person)) }, fhir: [] }
}
