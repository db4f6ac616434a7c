import { type Kysely, sql } from 'kysely'
import type { Query } from '../query/query.ts'
import { asking, type Found } from './find.ts'
import { type Seer, seenBy } from './seer.ts'

type Db = Kysely<unknown>

export interface TimelineOf {
  patient: string
  types: readonly string[]
  /** Care between these: RFC 3339, the second not included. */
  from: string | undefined
  until: string | undefined
  /** What else they must match. */
  query?: Query | undefined
  oldestFirst?: boolean
  /** Where the page begins, going on from it: those of the last one shown. */
  behind: readonly [careAt: string, key: number] | undefined
  limit: number
}

export type Lived = Found & {
  care_at: string
  /** The same to the microsecond, by which it is in order. */
  mark: string
}

/**
 * What happened to a patient and may be seen, the newest first unless it is asked otherwise: along an index that has it in this order (fhir_resource_by_care), so that what a page costs does not
 * grow with the record. Whether something may be seen is asked once for all that is as sensitive; where that leaves a gap, of each until the page is full.
 */
export async function readTimeline(db: Db, of: TimelineOf, seer: Seer): Promise<Lived[]> {
  const { rows } = await sql<Lived & { looked: number }>`
    with looked as materialized (
      select ${COLUMNS}, r.categories ${fromIndex(of, seer)} limit ${of.limit}),
    permitted as materialized (
      select r.about, r.categories from (select distinct about, categories from looked offset 0) r where ${seenBy(seer)})
    select r.*, (select count(*) from looked) as looked from looked r join permitted using (about, categories) order by ${inOrder(of)}`.execute(
    db,
  )
  const looked = rows[0]?.looked ?? 0
  if (looked === rows.length && (looked > 0 || seer.isHouse)) return rows
  return seenOneByOne(db, of, seer)
}

const COLUMNS = sql`r.key, r.type, r.id, r.version, r.body, r.about, r.refs, r.care_at, to_char(r.care_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as mark`

/** The patient as the index has them: a visit's mark comes before them (about_whom). */
const fromIndex = ({ patient, types, from, until, behind, query, oldestFirst = false }: TimelineOf, seer: Seer) => sql`
  from platform.fhir_resource r
  where (case when r.about[1] like 'Practitioner/%' then r.about[2] else r.about[1] end) = ${patient} and r.care_at is not null and r.body is not null
    and r.type = any (${[...types]}::text[])
    and r.care_at >= ${from ?? '-infinity'}::timestamptz and r.care_at < ${until ?? 'infinity'}::timestamptz
    ${query ? sql`and ${asking(query, seer)}` : sql``}
    ${behind ? sql`and (r.care_at, r.key) ${oldestFirst ? sql`>` : sql`<`} (${behind[0]}::timestamptz, ${behind[1]}::bigint)` : sql``}
  order by (case when r.about[1] like 'Practitioner/%' then r.about[2] else r.about[1] end), ${inOrder({ oldestFirst })}`

const inOrder = ({ oldestFirst = false }: Pick<TimelineOf, 'oldestFirst'>) =>
  oldestFirst ? sql`r.care_at, r.key` : sql`r.care_at desc, r.key desc`

async function seenOneByOne(db: Db, of: TimelineOf, seer: Seer): Promise<Lived[]> {
  const { rows } = await sql<Lived>`
    select r.* from (select ${COLUMNS}, r.categories ${fromIndex(of, seer)} offset 0) r where ${seenBy(seer)}
    order by ${inOrder(of)} limit ${of.limit}`.execute(db)
  return rows
}
