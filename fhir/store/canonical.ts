import { type Kysely, sql } from 'kysely'
import { beginningOf, LONGEST_STRING } from '../indexing/fold.ts'

/**
 * What stands under a canonical address, as it is sent: of several the one that was changed last, of several versions too unless one is named
 * (hl7.org/fhir/R4/references.html#canonical). Only what is about nobody, which everybody may read.
 */
export async function readCanonical(
  db: Kysely<unknown>,
  { type, url, version }: { type: string; url: string; version: string | undefined },
): Promise<string | undefined> {
  if (url === '' || url.includes('\0') || version?.includes('\0')) return undefined
  const versioned = version === undefined ? sql`` : sql` and r.tokens && ${[`${type}.version=${version}`]}::text[]`
  const { rows } = await sql<{ body: string }>`
    select r.body from platform.fhir_string i join platform.fhir_resource r using (key)
    where i.parameter = ${`${type}.url`} and i.value = ${beginningOf(url, LONGEST_STRING)} and i.exact = ${url}
      and r.type = ${type} and r.body is not null and r.about = '{}'${versioned}
    order by r.changed_at desc, r.key desc limit 1`.execute(db)
  return rows[0]?.body
}
