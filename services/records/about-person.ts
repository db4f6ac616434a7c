import { parseExact } from '#fhir/decimal.ts'
import { pagesOf } from '#fhir/store/of-patient.ts'
import { ownOf } from '#fhir/store/subscriptions.ts'
import { recordTypes } from '#platform/access.ts'
import type { Context } from '#platform/context.ts'
import type { AboutPerson, Person } from '#platform/person.ts'
import { recordImportsOf } from './queries/record-imports.ts'
import { storeOf } from './store.ts'
import type { RecordsTables } from './tables.ts'

/** Every resource about the patient, as it is now, and what is the person's alone, such as what they asked to be told of; what is about others too tells of them, and is left out. */
export async function aboutPerson(ctx: Context<RecordsTables>, { patient, account }: Person): Promise<AboutPerson> {
  const db = storeOf(ctx)
  const fhir: AboutPerson['fhir'] = []
  const add = (body: string) => fhir.push(parseExact(body) as AboutPerson['fhir'][number])
  if (patient !== undefined)
    for await (const rows of pagesOf(db, recordTypes, patient))
      for (const { about, body } of rows) if (about.every((one) => one === patient)) add(body)
  if (account !== undefined) for (const body of await ownOf(db, account)) add(body)
  const recordImports = patient === undefined ? [] : await recordImportsOf(ctx.db, patient)
  return { data: recordImports.length > 0 ? { recordImports } : {}, fhir }
}
