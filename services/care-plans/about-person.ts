import type { Context } from '#platform/context.ts'
import type { AboutPerson, Person } from '#platform/person.ts'
import { reviewsOf } from './queries.ts'
import type { CarePlansTables } from './tables.ts'

/** Plans and what they prescribe are in the record, which tells of them. */
export async function aboutPerson({ db }: Context<CarePlansTables>, { patient }: Person): Promise<AboutPerson> {
  return { data: { 'Reviews of plans': patient === undefined ? [] : await reviewsOf(db, patient) }, fhir: [] }
}
