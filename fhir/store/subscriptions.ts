import { type Kysely, sql } from 'kysely'
import type { Query } from '../query/query.ts'
import { asking } from './find.ts'
import { type Seer, seenBy } from './seer.ts'

type Db = Kysely<unknown>

/** A Subscription that is active, and who is told. */
export interface Watching {
  /** Of the Subscription in the store. */
  key: number
  id: string
  version: number
  body: string
  account: string
  session: string
  scopes: string[] | null
  patient: string | null
  criteria: string
  until: Date | null
}

const WATCHING = sql`select s.key, r.id, r.version, r.body, s.account_id as account, s.session_id as session, s.scopes, s.patient_id as patient, s.criteria, s.until
  from platform.fhir_subscription s join platform.fhir_resource r using (key)`

/** In the order of their coming, those behind one. */
export async function watchersOf(db: Db, type: string, after: number, limit: number): Promise<Watching[]> {
  const { rows } =
    await sql<Watching>`${WATCHING} where s.type = ${type} and s.key > ${after} order by s.key limit ${limit}`.execute(
      db,
    )
  return rows
}

export async function watchingBy(db: Db, key: number): Promise<Watching | undefined> {
  const { rows } = await sql<Watching>`${WATCHING} where s.key = ${key}`.execute(db)
  return rows[0]
}

/** Those whose time is over. */
export async function watchedUntil(db: Db, at: Date, limit: number): Promise<Watching[]> {
  const { rows } = await sql<Watching>`${WATCHING} where s.until <= ${at} order by s.key limit ${limit}`.execute(db)
  return rows
}

/** All of an account, active or not. */
export async function subscriptionsOf(db: Db, account: string): Promise<string[]> {
  const { rows } = await sql<{ body: string }>`
    select r.body from platform.fhir_resource r
    where r.type = 'Subscription' and r.about = array[${`Account/${account}`}] and r.body is not null order by r.key`.execute(
    db,
  )
  return rows.map(({ body }) => body)
}

export async function forgetSubscriptions(db: Db, account: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`select platform.fhir_forget_own(${account}) as count`.execute(db)
  return rows[0]?.count ?? 0
}

export interface Matching {
  key: number
  type: string
  id: string
  body: string
  about: string[]
}

/** Of these resources, as they are now, those that match and the seer may see. */
export async function matchesAmong(db: Db, keys: readonly number[], query: Query, seer: Seer): Promise<Matching[]> {
  const { rows } = await sql<Matching>`/* plan anew */
    select r.key, r.type, r.id, r.body, r.about from platform.fhir_resource r
    where r.key = any (${[...keys]}::bigint[]) and ${asking(query, seer)} and ${seenBy(seer)}`.execute(db)
  return rows
}
