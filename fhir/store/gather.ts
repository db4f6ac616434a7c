import { type Kysely, type RawBuilder, sql } from 'kysely'
import { Problem } from '#platform/errors.ts'
import type { Found } from './find.ts'
import { inRoom } from './room.ts'
import { type Seer, seenBy } from './seer.ts'

type Db = Kysely<unknown>

/** What of a patient's record goes into a section, by what the index has of it: `Condition.clinical-status=resolved`. */
export interface Kind {
  section: string
  type: string
  /** One of these. */
  within?: readonly string[]
  /** None of these. */
  without?: readonly string[]
  /** Of those that share a code, the newest alone. */
  isNewestOfCode?: boolean
  /** The newest so many. */
  most: number
}

export type Gathered = Found & {
  section: string
  categories: string[]
  /** Sections of which there is more than the seer may see: the same on each row. */
  hidden: string[] | null
  /** How many there are of its section and type. */
  total: number
}

/** The patient whose record it is by now, after a merge too; their resource, where it is kept here. */
export async function readSubject(db: Db, id: string, seer: Seer): Promise<{ id: string; found: Found | undefined }> {
  const { rows } = await sql<Found>`
    select s.key, s.type, s.id, s.version, s.body, s.about, s.refs from platform.fhir_resource r join platform.fhir_resource s on s.type = 'Patient' and s.id = r.about[1]
    where r.type = 'Patient' and r.id = ${id} and s.body is not null and ${seenBy(seer, 's')}`.execute(db)
  return { id: rows[0]?.id ?? id, found: rows[0] }
}

/**
 * Of all that is about a patient and may be seen, what belongs to these kinds: a row is of the first that has it. Bodies are read of what is shown alone, and whether
 * it may be seen is asked once for all that is as sensitive: a record of years has some thousand rows.
 */
export async function gather(db: Db, patient: string, kinds: readonly Kind[], seer: Seer): Promise<Gathered[]> {
  const names = [...new Set(kinds.map(({ type }) => `${type}.$patient=${patient}`))]
  const sections = kinds.map(({ section }) => section)
  const { rows } = await inRoom(sql<Gathered>`
    with mine as materialized (
      select r.key, r.type, r.about, r.categories, r.tokens, r.care_at from platform.fhir_resource r where r.refs && ${names}::text[] and r.body is not null),
    permitted as materialized (
      select p.about, p.categories from (select distinct about, categories from mine offset 0) p where ${seenBy(seer, 'p')}),
    placed as materialized (
      select m.key, m.type, m.care_at, m.tokens, p.about is not null as is_seen, ${kindOf(kinds)} as kind
      from mine m left join permitted p on p.about = m.about and p.categories = m.categories),
    coded as (
      select key, type, care_at, kind, case when ${oneOf(kinds, ({ isNewestOfCode }) => isNewestOfCode === true)} then ${code} else key::text end as code
      from placed where kind is not null and is_seen),
    newest as (
      select key, kind, care_at, row_number() over (partition by kind, code order by care_at desc nulls last, key desc) as rank from coded),
    counted as (
      select key, kind, row_number() over (partition by kind order by care_at desc nulls last, key desc) as place, count(*) over (partition by kind) as total
      from newest where rank = 1)
    select r.key, r.type, r.id, r.version, r.body, r.about, r.refs, r.categories, (${sections}::text[])[c.kind] as section, c.total,
      (select array_agg(distinct (${sections}::text[])[p.kind]) from placed p where not p.is_seen and p.kind is not null) as hidden
    from counted c join platform.fhir_resource r using (key)
    where c.place <= (${kinds.map(({ most }) => most)}::int[])[c.kind] order by c.kind, c.place`).execute(db)
  if ((rows[0]?.held ?? 0) > rows.length)
    throw new Problem('too-long', 'The record holds more than a document may. Ask for it by searches.')
  return rows
}

/**
 * The first code of a row; of what has words alone, those. Of a coding the index has `system|`, `system|code` and `code`, or `|code` and `code`, in this order
 * (../indexing/token-values.ts): the second is it. All tokens are looked through as one text, since to take them apart costs several times as much.
 */
const code = sql`coalesce(
  nullif(split_part(split_part(array_to_string(tokens, chr(10)), '.code=', 3), chr(10), 1), ''),
  (select min(s.value) from platform.fhir_string s where s.key = placed.key and s.parameter = placed.type || '.code:text'), key::text)`

const oneOf = (kinds: readonly Kind[], is: (kind: Kind) => boolean) =>
  sql`kind = any (${kinds.flatMap((kind, n) => (is(kind) ? n + 1 : []))}::int[])`

/** Which of the kinds a row `m` is of, from 1. */
function kindOf(kinds: readonly Kind[]): RawBuilder<number> {
  const has = (tokens: readonly string[]) => sql`m.tokens && ${[...tokens]}::text[]`
  const cases = kinds.map(
    ({ type, within, without }, n) =>
      sql`when m.type = ${type}${within ? sql` and ${has(within)}` : sql``}${without ? sql` and not ${has(without)}` : sql``} then ${n + 1}::int`,
  )
  return sql`case ${sql.join(cases, sql` `)} end`
}
