import type { Context } from '#platform/context.ts'
import type { AboutPerson, Person } from '#platform/person.ts'
import { tasksAbout } from './occurrences/people.ts'
import { reviewsOf } from './queries.ts'
import type { CarePlansTables } from './tables.ts'

/** Plans and what they prescribe are in the record, which tells of them. */
export async function aboutPerson(ctx: Context<CarePlansTables>, person: Person): Promise<AboutPerson> {
  const { patient } = person
  return {
    data: {
      'Reviews of plans': patient === undefined ? [] : await reviewsOf(ctx.db, patient),
      ...(await tasksAbout(ctx, person)),
    },
    fhir: [],
  }
}
