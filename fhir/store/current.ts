import { type Kysely, sql } from 'kysely'
import type { Identity } from '../bundle/plan.ts'
import type { Concerns } from './concerns.ts'
import type { Stored } from './read.ts'
import { type Seer, seenBy } from './seer.ts'

export interface Current extends Stored, Concerns {
  /** The room that alone changes it. */
  held_by: string | null
}

/** Each of these as it is now, by `Type/id`, in one statement: those that the seer may see. */
export async function currentOf(
  db: Kysely<unknown>,
  wanted: readonly Identity[],
  seer: Seer,
): Promise<Map<string, Current>> {
  if (wanted.length === 0) return new Map()
  const [types, ids] = [wanted.map(({ type }) => type), wanted.map(({ id }) => id)]
  const { rows } = await sql<Current>`
    select r.type, r.id, r.version, r.changed_at, r.method, r.body, r.about, r.categories, r.held_by, null as relationship
    from unnest(${types}::text[], ${ids}::text[]) w(type, id) join platform.fhir_resource r using (type, id) where ${seenBy(seer)}`.execute(
    db,
  )
  return new Map(rows.map((row) => [`${row.type}/${row.id}`, row]))
}

/** Those of these, each as `Type/id`, that are there, whoever may see them. */
export async function namesAmong(db: Kysely<unknown>, names: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select n as name from unnest(${[...names]}::text[]) n
    join platform.fhir_resource r on r.type = split_part(n, '/', 1) and r.id = split_part(n, '/', 2) where r.body is not null`.execute(
    db,
  )
  return rows.map(({ name }) => name)
}

/** Whom these are about, by `Type/id`: those that are here, and that the seer may see. */
export async function concernsAt(
  db: Kysely<unknown>,
  names: readonly string[],
  seer: Seer,
): Promise<Map<string, Concerns>> {
  if (names.length === 0) return new Map()
  const { rows } = await sql<Concerns & { name: string }>`
    select n as name, r.about, r.categories from unnest(${[...new Set(names)]}::text[]) n
    join platform.fhir_resource r on r.type = split_part(n, '/', 1) and r.id = split_part(n, '/', 2) where r.body is not null and ${seenBy(seer)}`.execute(
    db,
  )
  return new Map(rows.map(({ name, ...concerns }) => [name, concerns]))
}

/** So many kinds of conditions: a lock for each of 5,000 would leave the server without any for others. A power of two. */
const TURNS = 512

/**
 * Makes who writes under the same conditions take turns, until the transaction ends: what a condition did not find must not be there a moment later. In the
 * order of their hashes, so that two who have several in common do not wait for each other.
 */
export async function takeTurns(db: Kysely<unknown>, conditions: readonly string[]): Promise<void> {
  await sql`
    select pg_advisory_xact_lock(73052, h) from (select distinct hashtext(c) & ${TURNS - 1} as h from unnest(${[...conditions]}::text[]) c order by 1) x`.execute(
    db,
  )
}
