import type { Kysely } from 'kysely'
import { parseExact } from '#fhir/decimal.ts'
import { pagesOf } from '#fhir/store/of-patient.ts'
import { clinicalTypes } from '#platform/access.ts'
import type { Context } from '#platform/context.ts'
import type { AboutPerson, Person } from '#platform/person.ts'

/** Every resource about the patient, as it is now. */
export async function aboutPerson({ db }: Context<unknown>, { patient }: Person): Promise<AboutPerson> {
  const fhir: AboutPerson['fhir'] = []
  if (patient !== undefined)
    for await (const rows of pagesOf(db as Kysely<unknown>, clinicalTypes, patient))
      for (const { about, body } of rows)
        if (about.includes(patient)) fhir.push(parseExact(body) as AboutPerson['fhir'][number])
  return { data: {}, fhir }
}
