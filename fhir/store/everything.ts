import { type Kysely, sql } from 'kysely'
import type { Identity } from '../bundle/plan.ts'
import type { Found } from './find.ts'
import { type Seer, seenBy } from './seer.ts'

type Db = Kysely<unknown>

export interface Everything {
  types: readonly string[]
  itself: Identity
  /** As the index has them: `Observation.encounter=Encounter/1`. */
  references: readonly string[]
  /** Not changed before. */
  since: Date | undefined
  /** Of care between these, where a resource has such a date among `careDates`. */
  from: string | undefined
  until: string | undefined
  careDates: readonly string[]
  /** The key behind which the page begins. */
  after: number | undefined
  limit: number
}

/**
 * One thing and what refers to it, as far as the seer may see it, in the order of its coming. Its keys are found first, by the index of references: with a limit the
 * planner would else walk through everybody's resources in the order of their keys. What may be seen is then asked for no more rows than a page takes.
 */
export async function readEverything(db: Db, of: Everything, seer: Seer): Promise<Found[]> {
  const { types, itself, references, since, after, limit } = of
  const { rows } = await sql<Found>`
    with found as materialized (
      select key from platform.fhir_resource where refs && ${[...references]}::text[]
      union select key from platform.fhir_resource where type = ${itself.type} and id = ${itself.id})
    select r.key, r.type, r.id, r.version, r.body, r.about, r.refs from (select key from found where key > ${after ?? 0} order by key) f
    cross join lateral (select * from platform.fhir_resource one where one.key = f.key offset 0) r
    where r.type = any (${[...types]}::text[]) and r.body is not null${since ? sql` and r.changed_at >= ${since}` : sql``}${duringCare(of)} and ${seenBy(seer)}
    order by f.key limit ${limit}`.execute(db)
  return rows
}

function duringCare({ from, until, careDates }: Everything) {
  if (from === undefined && until === undefined) return sql``
  const dates = sql`from platform.fhir_date i where i.key = r.key and i.parameter = any (${[...careDates]}::text[])`
  return sql` and (not exists (select ${dates})
    or exists (select ${dates} and i.low < ${until ?? 'infinity'}::timestamptz and i.high > ${from ?? '-infinity'}::timestamptz))`
}

/** Whether the seer may see anything of this patient's record. */
export const maySeePatient = async (db: Db, patient: string, seer: Seer): Promise<boolean> =>
  seer.isHouse === true || (await relationshipTo(db, patient, seer)) !== undefined

/** By which relationship the seer may see a patient's record, of these categories of what is sensitive; undefined where not. */
export async function relationshipTo(
  db: Db,
  patient: string,
  { account, within, now }: Seer,
  categories: readonly string[] = ['general'],
): Promise<string | undefined> {
  if (within !== undefined && within !== patient) return undefined
  const { rows } = await sql<{ relationship: string | null }>`
    select platform.may_see_resource(${account ?? null}::uuid, array[${patient}]::text[], ${[...categories]}::text[], 'see-record', ${now}::timestamptz) as relationship`.execute(
    db,
  )
  return rows[0]?.relationship ?? undefined
}
