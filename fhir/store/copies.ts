import { type RawBuilder, sql } from 'kysely'

/** Of what somebody has a copy of, by `Type/id`: whom each is about by now, and what of it is sensitive. What is here no more is not among them. */
export const copiedNow = (names: RawBuilder<string[]>): RawBuilder<{ about: string[]; categories: string[] }> => sql`
  select platform.about_whom(r.about) as about, r.categories from unnest(${names}) n
  join platform.fhir_resource r on r.type = split_part(n, '/', 1) and r.id = split_part(n, '/', 2)`
