import type { Kysely } from 'kysely'
import { countOf } from '#fhir/store/of-patient.ts'
import { recordTypes } from '#platform/access.ts'
import type { Context } from '#platform/context.ts'
import type { Person, Trace } from '#platform/person.ts'

/** A record of treatment is a fact of two people, which the law wants kept; it names the patient by a number alone. */
export async function erase({ db }: Context<unknown>, { patient }: Person): Promise<Trace[]> {
  if (patient === undefined) return []
  const { count } = await countOf(db as Kysely<unknown>, recordTypes, patient)
  return [
    {
      what: 'records of treatment, under a number',
      outcome: 'kept',
      count,
      why: 'Records of treatment are kept for as long as the law on them says.',
    },
  ]
}
