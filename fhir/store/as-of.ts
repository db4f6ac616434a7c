import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Query } from '../query/query.ts'
import { COMPARTMENT } from './change.ts'
import { asking } from './find.ts'
import { type Seer, seenBy } from './seer.ts'

export interface AsOf {
  type: string
  /** The id behind which the page begins. */
  after: string
  /** As everything was then. */
  at: Date
  /** Changed after that, and then also what was deleted. */
  since: Date | undefined
  /** Of these alone. */
  patients: readonly string[] | undefined
  /** Nothing that is about nobody. */
  ofPatients: boolean
  /** What one of these searches finds; of all, where there is none. */
  searches: readonly Query[]
}

export interface Past {
  id: string
  /** null: deleted. */
  body: string | null
  about: string[]
}

const PAGE = 1_000
/** Resources of the largest kind are a megabyte each; a page is in memory as a whole. */
const PAGE_BYTES = 8_000_000

/**
 * A page of a type as it was at a time, in the order of ids: whatever is written meanwhile changes nothing of it, so page after page, over any number of
 * connections and processes, makes one picture. A search looks at what is found by as it is now.
 */
export async function pageAsOf(
  db: Kysely<unknown>,
  { type, after, at, since, patients, ofPatients, searches }: AsOf,
  seer: Seer,
): Promise<{ rows: Past[]; next: string | undefined }> {
  const named = patients?.map((patient) => `${type}.${COMPARTMENT}=${patient}`)
  const those = (condition: RawBuilder<boolean>) =>
    sql`(select r.key, r.id from platform.fhir_resource r where r.type = ${type} and r.id > ${after} and ${condition} order by r.id limit ${PAGE})`
  // What is deleted is found by nothing, and stays about whom it was about.
  const all = named
    ? sql`${those(sql`r.refs && ${named}::text[]`)} union all ${those(sql`r.body is null and r.about && ${[...(patients ?? [])]}::text[]`)}`
    : those(sql`true`)
  const { rows: keys } = await sql<{ key: number; id: string }>`
    select key, id from (${all}) q order by id limit ${PAGE}`.execute(db)
  if (keys.length === 0) return { rows: [], next: undefined }
  const found =
    searches.length === 0
      ? sql``
      : sql` and (v.body is null or ${sql.join(
          searches.map((query) => sql`(${asking(query, seer)})`),
          sql` or `,
        )})`
  const changed = since ? sql`v.changed_at > ${since}` : sql`v.body is not null`
  const { rows } = await sql<Past & { held: number }>`
    select id, body, about, held from (
      select r.id, v.body, r.about, count(*) over ()::int as held,
        sum(coalesce(octet_length(v.body), 0)) over (order by r.id) - coalesce(octet_length(v.body), 0) as before
      from platform.fhir_resource r
      cross join lateral (
        select r.body, r.changed_at, r.categories where r.changed_at <= ${at}
        union all
        (select p.body, p.changed_at, p.categories from platform.fhir_past p
          where p.key = r.key and r.changed_at > ${at} and p.changed_at <= ${at} order by p.version desc limit 1)) v
      where r.key = any (${keys.map(({ key }) => key)}::bigint[]) and ${changed}${ofPatients ? sql` and r.about <> '{}'` : sql``} and ${seenBy(seer, 'r', 'v')}${found}) q
    where before < ${PAGE_BYTES} order by id`.execute(db)
  const isCut = (rows[0]?.held ?? 0) > rows.length
  const last = isCut ? rows.at(-1)?.id : keys.at(-1)?.id
  return { rows, next: isCut || keys.length === PAGE ? last : undefined }
}
