import { type Kysely, sql } from 'kysely'
import type { Query } from '../query/query.ts'
import { referencesToPatients } from './conditions.ts'
import { asking, type Found } from './find.ts'
import { MOST_BYTES } from './room.ts'
import { type Seer, seenBy } from './seer.ts'

export type FoundWhole = Pick<Found, 'key' | 'type' | 'id' | 'body' | 'about'>

/**
 * All matches of several searches, each of another type and of one patient's, that the seer may see: one statement, as long as there is room for them in one answer. Whether something may be
 * seen is asked once for all that is as sensitive. What is of the patient is looked up first and once, whatever the rest of a search asks: PostgreSQL would look through all that is active in
 * a country, or look the patient up again for each row (20 ms in the country of `make bench`, where this takes 4).
 */
export async function findAll(db: Kysely<unknown>, asked: readonly Query[], seer: Seer): Promise<FoundWhole[]> {
  const queries = asked.map(ofWhom)
  const found: FoundWhole[] = []
  for (let last: (FoundWhole & { bytes: number }) | undefined; ; ) {
    const matching = queries.map(
      ({ query, refs }) => sql`
        select r.key, r.type, r.id, r.body, r.about, r.categories
        from (select r.* from platform.fhir_resource r where r.key = any (array(select platform.fhir_of_patients(${refs}::text[]))) offset 0) r
        where ${asking(query, seer)} and r.key > ${last?.key ?? 0}`,
    )
    const { rows } = await sql<FoundWhole & { bytes: number }>`
      with matched as materialized (${sql.join(matching, sql` union all `)}),
      permitted as materialized (select about, categories from (select distinct about, categories from matched offset 0) s where ${seenBy(seer, 's')})
      select * from (
        select m.key, m.type, m.id, m.body, m.about, sum(octet_length(m.body)) over (order by m.key) as bytes from matched m join permitted using (about, categories)) x
      where bytes - octet_length(body) < ${MOST_BYTES} order by key`.execute(db)
    found.push(...rows)
    last = rows.at(-1)
    if (!last || last.bytes < MOST_BYTES) return found
  }
}

/** Apart, whom it is of, as the index has it, and what else it asks. */
function ofWhom(query: Query): { query: Query; refs: string[] } {
  const [first, ...more] = query.criteria.flatMap((one) => referencesToPatients(one) ?? [])
  if (first === undefined || more.length > 0) throw new Error('Each search is of one patient')
  const criteria = query.criteria.filter((one) => referencesToPatients(one) === undefined)
  return { query: { ...query, criteria }, refs: query.types.map((type) => `${type}.${first}`) }
}
