import type { Context } from '#platform/context.ts'
import type { AboutPerson, Person } from '#platform/person.ts'
import { linksAbout } from './sharing/queries.ts'
import type { ReportsTables } from './tables.ts'

export async function aboutPerson({ db }: Context<ReportsTables>, { patient }: Person): Promise<AboutPerson> {
  return { data: { HealthLinks: patient === undefined ? [] : await linksAbout(db, patient) }, fhir: [] }
}
