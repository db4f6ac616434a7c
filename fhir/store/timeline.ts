import { type Kysely, sql } from 'kysely'
import type { Found } from './find.ts'
import { type Seer, seenBy } from './seer.ts'

type Db = Kysely<unknown>

export interface TimelineOf {
  patient: string
  types: readonly string[]
  /** Care between these: RFC 3339, the second not included. */
  from: string | undefined
  until: string | undefined
  /** Where the page begins, going back: those of the last one shown. */
  behind: readonly [careAt: string, key: number] | undefined
  limit: number
}

export type Lived = Found & { care_at: string }

/**
 * What happened to a patient and may be seen, the newest first: along an index that has it in this order (fhir_resource_by_care), so that what a page costs does not
 * grow with the record. Whether something may be seen is asked once for all that is as sensitive; where that leaves a gap, of each until the page is full.
 */
export async function readTimeline(db: Db, of: TimelineOf, seer: Seer): Promise<Lived[]> {
  const { rows } = await sql<Lived & { looked: number }>`
    with looked as materialized (
      select ${COLUMNS}, r.categories ${fromIndex(of)} limit ${of.limit}),
    permitted as materialized (
      select r.about, r.categories from (select distinct about, categories from looked offset 0) r where ${seenBy(seer)})
    select r.*, (select count(*) from looked) as looked from looked r join permitted using (about, categories) order by r.care_at desc, r.key desc`.execute(
    db,
  )
  const looked = rows[0]?.looked ?? 0
  if (looked === rows.length && (looked > 0 || seer.isHouse)) return rows
  return seenOneByOne(db, of, seer)
}

const COLUMNS = sql`r.key, r.type, r.id, r.version, r.body, r.about, r.refs, r.care_at`

/** The patient as the index has them: a visit's mark comes before them (about_whom). */
const fromIndex = ({ patient, types, from, until, behind }: TimelineOf) => sql`
  from platform.fhir_resource r
  where (case when r.about[1] like 'Practitioner/%' then r.about[2] else r.about[1] end) = ${patient} and r.care_at is not null and r.body is not null
    and r.type = any (${[...types]}::text[])
    and r.care_at >= ${from ?? '-infinity'}::timestamptz and r.care_at < ${until ?? 'infinity'}::timestamptz
    ${behind ? sql`and (r.care_at, r.key) < (${behind[0]}::timestamptz, ${behind[1]}::bigint)` : sql``}
  order by (case when r.about[1] like 'Practitioner/%' then r.about[2] else r.about[1] end), r.care_at desc, r.key desc`

async function seenOneByOne(db: Db, of: TimelineOf, seer: Seer): Promise<Lived[]> {
  const { rows } = await sql<Lived>`
    select ${COLUMNS} from (select ${COLUMNS}, r.categories ${fromIndex(of)} offset 0) r where ${seenBy(seer)}
    order by r.care_at desc, r.key desc limit ${of.limit}`.execute(db)
  return rows
}
