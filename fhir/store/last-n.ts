import { type Kysely, sql } from 'kysely'
import { decodeCursor, encodeCursor } from '#platform/paging.ts'
import type { Query } from '../query/query.ts'
import { asking, type Found, type Page } from './find.ts'
import { type Seer, seenBy } from './seer.ts'

/**
 * Of the observations that match, and that the seer may see, the newest `most` of each code, newest first. Two are of one code where they share a coding; those
 * without a coding, where their text is the same (hl7.org/fhir/R4/observation-operation-lastn.html). One that has several codings is among
 * the newest of each of them, or not there. What may be seen is asked once for all that is about the same patient and of the same categories: all that match must be
 * looked at, and that is the dearest (`offset 0` keeps the planner from asking it of each row).
 */
export async function lastOfEachCode(db: Kysely<unknown>, query: Query, most: number, seer: Seer): Promise<Page> {
  const [at, key] = decodeCursor(query.cursor, ['text', 'number']) ?? []
  const { rows } = await sql<Found & { mark: string }>`
    with matched as materialized (
      select r.key, r.about, r.categories, r.tokens from platform.fhir_resource r where ${asking(query, seer)}),
    permitted as materialized (
      select p.about, p.categories from (select distinct about, categories from matched offset 0) p where ${seenBy(seer, 'p')}),
    found as materialized (
      select m.key, coalesce((select max(i.high) from platform.fhir_date i where i.key = m.key and i.parameter = 'Observation.date'), '-infinity') as at, m.tokens
      from matched m join permitted using (about, categories)),
    coded as (
      select f.key, f.at, c.code from found f cross join lateral (
        select k as code from unnest(f.tokens) k where starts_with(k, 'Observation.code=') and strpos(k, '|') > 0 and right(k, 1) <> '|') c
      union all
      select f.key, f.at, coalesce((select min(s.value) from platform.fhir_string s where s.key = f.key and s.parameter = 'Observation.code:text'), '')
      from found f where not exists (select from unnest(f.tokens) k where starts_with(k, 'Observation.code=') and strpos(k, '|') > 0 and right(k, 1) <> '|')),
    ranked as (
      select key, at, max(rank) as rank from (select key, at, row_number() over (partition by code order by at desc, key desc) as rank from coded) x group by key, at)
    select r.key, r.type, r.id, r.version, r.body, r.about, r.refs, n.at::text as mark from ranked n join platform.fhir_resource r using (key)
    where n.rank <= ${most} and (${at ?? null}::timestamptz is null or (n.at, n.key) < (${at ?? null}::timestamptz, ${key ?? null}::bigint))
    order by n.at desc, n.key desc limit ${query.count + 1}`.execute(db)
  const shown = rows.slice(0, query.count)
  const last = rows.length > query.count ? shown.at(-1) : undefined
  return { rows: shown, next: last && encodeCursor([last.mark, last.key]), total: undefined }
}
