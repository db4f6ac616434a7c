import { type Kysely, sql } from 'kysely'
import type { Query } from '../query/query.ts'
import type { Meta } from '../resource.ts'
import { asking } from './find.ts'
import { mayBeSeen, type Seer, seenBy } from './seer.ts'

export interface MetaOf {
  /** The patients about whom something has it. */
  about: string[]
  meta: Meta
}

/**
 * The different metas of all that several searches, each of one type, find and the seer may see: of what has a profile, a tag or a security label, and without what is of one
 * version alone. Whether something may be seen is asked once for all that is about the same patient and as sensitive.
 */
export async function metasOf(db: Kysely<unknown>, queries: readonly Query[], seer: Seer): Promise<MetaOf[]> {
  const labelled = queries.map((query) => {
    const [type = ''] = query.types
    return sql`
      select r.about, r.categories, r.body from platform.fhir_resource r where ${asking(query, seer)} and ${mayBeSeen(seer, query.types)} and (
        exists (select from unnest(r.tokens) k where starts_with(k, ${`${type}._tag=`}) or starts_with(k, ${`${type}._security=`}))
        or exists (select from platform.fhir_string s where s.key = r.key and s.parameter = ${`${type}._profile`}))`
  })
  const { rows } = await sql<MetaOf>`
    with labelled as materialized (${sql.join(labelled, sql` union all `)}),
    permitted as materialized (select about, categories from (select distinct about, categories from labelled offset 0) s where ${seenBy(seer, 's')})
    select distinct l.about, (l.body::jsonb -> 'meta') - '{id,extension,source,versionId,lastUpdated}'::text[] as meta
    from labelled l join permitted using (about, categories)`.execute(db)
  return rows
}
