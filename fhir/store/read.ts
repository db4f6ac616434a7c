import { type Kysely, sql } from 'kysely'
import { inRoom } from './room.ts'
import { type Seer, seenBy } from './seer.ts'

type Db = Kysely<unknown>

/** One version of a resource, as it is sent. */
export interface Stored {
  type: string
  id: string
  version: number
  changed_at: Date
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** null: deleted. */
  body: string | null
  about: string[]
  /** By which relationship it is seen; null where it is about nobody. */
  relationship: string | null
}

/** What is there now, with the key under which it is found. */
export type Keyed = Pick<Stored, 'type' | 'id' | 'version' | 'changed_at' | 'about'> & { key: number; body: string }

const COLUMNS = sql`r.type, r.id, r.version, r.changed_at, r.method, r.body, r.about`

/** A version of what the seer may see as it is now, and might see as it was then: a label that is added or taken away opens nothing. */
export async function readVersion(
  db: Db,
  { type, id, version }: { type: string; id: string; version: number },
  seer: Seer,
): Promise<Stored | undefined> {
  const { rows } = await sql<Stored>`
    select r.type, r.id, v.version, v.changed_at, v.method, v.body, r.about, null as relationship
    from platform.fhir_resource r
    join lateral (
      select r.version, r.changed_at, r.method, r.body, r.categories where r.version = ${version}
      union all
      select p.version, p.changed_at, p.method, p.body, p.categories from platform.fhir_past p where p.key = r.key and p.version = ${version}) v on true
    where r.type = ${type} and r.id = ${id} and ${seenBy(seer, 'r', 'v')}`.execute(db)
  return rows[0]
}

/** Of several; those that are there and may be seen. */
export async function readVersions(
  db: Db,
  wanted: readonly { type: string; id: string; version: number }[],
  seer: Seer,
): Promise<Stored[]> {
  const [types, ids] = [wanted.map(({ type }) => type), wanted.map(({ id }) => id)]
  const { rows } = await sql<Stored>`
    select r.type, r.id, v.version, v.changed_at, v.method, v.body, r.about, null as relationship
    from unnest(${types}::text[], ${ids}::text[], ${wanted.map(({ version }) => version)}::int[]) w(type, id, version)
    join platform.fhir_resource r on r.type = w.type and r.id = w.id
    join lateral (
      select r.version, r.changed_at, r.method, r.body, r.categories where r.version = w.version
      union all
      select p.version, p.changed_at, p.method, p.body, p.categories from platform.fhir_past p where p.key = r.key and p.version = w.version) v on true
    where ${seenBy(seer, 'r', 'v')}`.execute(db)
  return rows
}

export interface HistoryOf {
  types: readonly string[]
  /** None: of the whole type. */
  id?: string | undefined
  /** Not before. */
  since?: Date | undefined
  /** As it was then: the versions of each that were current at some point of it. */
  at?: { from: Date; until: Date } | undefined
  /** The change after which the page begins, going back. */
  before?: number | undefined
  limit: number
}

export interface HistoryPage {
  page: (Stored & { change: number })[]
  hasMore: boolean
}

/** Newest first: hl7.org/fhir/R4/http.html#history. */
export async function readHistory(
  db: Db,
  { types, id, since, at, before, limit }: HistoryOf,
  seer: Seer,
): Promise<HistoryPage> {
  const which = sql`r.type = any (${[...types]}::text[])${id === undefined ? sql`` : sql` and r.id = ${id}`}`
  const during = (v: string) => {
    const row = sql.ref(v)
    return sql`(${since ?? null}::timestamptz is null or ${row}.changed_at >= ${since ?? null}) and (${before ?? null}::bigint is null or ${row}.change < ${before ?? null})`
  }
  const current = at
    ? sql`v.changed_at < ${at.until} and not exists (select from platform.fhir_past l where l.key = v.key and l.version > v.version and l.changed_at <= ${at.from}) and (v.version = v.newest or not exists (select from platform.fhir_resource l where l.key = v.key and l.changed_at <= ${at.from}))`
    : sql`true`
  const { rows } = await inRoom(sql<Stored & { change: number }>`
    select v.type, v.id, v.version, v.change, v.changed_at, v.method, v.body, v.about, null as relationship from (
      (select r.key, r.version as newest, ${COLUMNS}, r.change from platform.fhir_resource r
        where ${which} and ${during('r')} and ${seenBy(seer)} order by r.change desc ${at ? sql`` : sql`limit ${limit + 1}`})
      union all
      (select r.key, r.version, r.type, r.id, p.version, p.changed_at, p.method, p.body, r.about, p.change from platform.fhir_past p join platform.fhir_resource r using (key)
        where ${which} and ${during('p')} and ${seenBy(seer, 'r', 'p')} order by p.change desc ${at ? sql`` : sql`limit ${limit + 1}`})) v
    where ${current} order by v.change desc limit ${limit + 1}`).execute(db)
  const page = rows.slice(0, limit)
  return { page, hasMore: (rows[0]?.held ?? 0) > page.length }
}
