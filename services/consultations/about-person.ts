import type { Context } from '#platform/context.ts'
import type { AboutPerson, Person } from '#platform/person.ts'
import { consultationsOf } from './queries/people.ts'
import type { ConsultationsTables } from './tables.ts'

/** What was signed, and what was written to one another, is in the record, which tells of it. */
export async function aboutPerson({ db }: Context<ConsultationsTables>, { patient }: Person): Promise<AboutPerson> {
  return { data: { Consultations: patient === undefined ? [] : await consultationsOf(db, patient) }, fhir: [] }
}
