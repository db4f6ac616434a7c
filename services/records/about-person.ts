import type { Kysely } from 'kysely'
import { parseExact } from '#fhir/decimal.ts'
import { pagesOf } from '#fhir/store/of-patient.ts'
import { recordTypes } from '#platform/access.ts'
import type { Context } from '#platform/context.ts'
import type { AboutPerson, Person } from '#platform/person.ts'

/** Every resource about the patient, as it is now; what is about others too tells of them, and is left out. */
export async function aboutPerson({ db }: Context<unknown>, { patient }: Person): Promise<AboutPerson> {
  const fhir: AboutPerson['fhir'] = []
  if (patient !== undefined)
    for await (const rows of pagesOf(db as Kysely<unknown>, recordTypes, patient))
      for (const { about, body } of rows)
        if (about.every((one) => one === patient)) fhir.push(parseExact(body) as AboutPerson['fhir'][number])
  return { data: {}, fhir }
}
