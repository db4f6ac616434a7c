import type { Context } from '#platform/context.ts'
import type { AboutPerson, Person } from '#platform/person.ts'
import { plansOf } from './queries.ts'
import type { CarePlansTables } from './tables.ts'

/** What a plan says is in the record, which tells of it. */
export async function aboutPerson({ db }: Context<CarePlansTables>, { patient }: Person): Promise<AboutPerson> {
  return { data: { 'Treatment plans': patient === undefined ? [] : await plansOf(db, patient) }, fhir: [] }
}
