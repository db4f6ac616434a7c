import type { Context } from '#platform/context.ts'
import type { AboutPerson, Person } from '#platform/person.ts'
import { tasksAbout } from './occurrences/people.ts'
import { plansOf } from './queries.ts'
import type { CarePlansTables } from './tables.ts'

/** Plans and what they prescribe are in the record, which tells of them. */
export async function aboutPerson(ctx: Context<CarePlansTables>, person: Person): Promise<AboutPerson> {
  const { patient } = person
  const plans = patient === undefined ? [] : await plansOf(ctx.db, patient)
  return { data: { 'Treatment plans': plans, ...(await tasksAbout(ctx, person)) }, fhir: [] }
}
