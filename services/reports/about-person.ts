import type { Context } from '#platform/context.ts'
import type { AboutPerson, Person } from '#platform/person.ts'
import { linksAbout, openingsAbout } from './sharing/queries.ts'
import type { ReportsTables } from './tables.ts'

export async function aboutPerson({ db }: Context<ReportsTables>, { patient }: Person): Promise<AboutPerson> {
  if (patient === undefined) return { data: {}, fhir: [] }
  const data = { HealthLinks: await linksAbout(db, patient), HealthLinkOpenings: await openingsAbout(db, patient) }
  return { data, fhir: [] }
}
