import { type Kysely, sql } from 'kysely'
import type { Query } from '../query/query.ts'
import { asking, type Found } from './find.ts'
import { MOST_BYTES } from './room.ts'
import { type Seer, seenBy } from './seer.ts'

export type FoundWhole = Pick<Found, 'key' | 'type' | 'id' | 'body' | 'about'>

/**
 * All matches of several searches, each of another type and of one patient's, that the seer may see: one statement, as long as there is room for them in one answer. Whether something may be
 * seen is asked once for all that is as sensitive.
 */
export async function findAll(db: Kysely<unknown>, queries: readonly Query[], seer: Seer): Promise<FoundWhole[]> {
  const found: FoundWhole[] = []
  for (let last: (FoundWhole & { bytes: number }) | undefined; ; ) {
    const matching = queries.map(
      (query) => sql`
        select r.key, r.type, r.id, r.body, r.about, r.categories from platform.fhir_resource r
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
