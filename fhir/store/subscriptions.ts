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
  /** What it says of itself to whom it tells; it is in no body. */
  header: string[] | null
}

const WATCHING = sql`select s.key, r.id, r.version, r.body, s.account_id as account, s.session_id as session, s.scopes, s.patient_id as patient, s.criteria, s.until, h.header
  from platform.fhir_subscription s join platform.fhir_resource r using (key) left join platform.fhir_secret h using (key)`

/** Who watches resources of this type: in the order of their coming, those behind one. Of those who watch certain patients alone, whoever watches one of these resources'. */
export async function watchersOf(
  db: Db,
  { type, keys, after, limit }: { type: string; keys: readonly number[]; after: number; limit: number },
): Promise<Watching[]> {
  const { rows } = await sql<Watching>`${WATCHING} where s.key > ${after} and s.key in (
      select key from platform.fhir_subscription where type = ${type} and bound is null
      union all select b.key from platform.fhir_resource w join platform.fhir_subscription b on b.bound && w.refs where w.key = any (${[...keys]}::bigint[]))
    order by s.key limit ${limit}`.execute(db)
  return rows
}

/** The headers of these Subscriptions that this session gave, with the version that they belong to, by id. */
export async function headersOf(
  db: Db,
  ids: readonly string[],
  session: string,
): Promise<Map<string, { version: number; header: string[] }>> {
  const { rows } = await sql<{ id: string; version: number; header: string[] }>`
    select r.id, r.version, h.header from platform.fhir_resource r join platform.fhir_secret h using (key)
    join platform.session s on h.session_id = coalesce(s.parent_id, s.id)
    where r.type = 'Subscription' and r.id = any (${[...ids]}::text[]) and s.id = ${session}`.execute(db)
  return new Map(rows.map(({ id, ...one }) => [id, one]))
}

export async function watchingBy(db: Db, key: number): Promise<Watching | undefined> {
  const { rows } = await sql<Watching>`${WATCHING} where s.key = ${key}`.execute(db)
  return rows[0]
}

/** By its id, where it is this account's. */
export async function watchingOf(db: Db, account: string, id: string): Promise<Watching | undefined> {
  const { rows } =
    await sql<Watching>`${WATCHING} where r.type = 'Subscription' and r.id = ${id} and s.account_id = ${account}`.execute(
      db,
    )
  return rows[0]
}

/** A token is good once, and until then; those that are over go. */
export async function insertBinding(db: Db, hash: Buffer, key: number, { now, until }: { now: Date; until: Date }) {
  await sql`
    with gone as (delete from platform.fhir_binding where expires_at <= ${now})
    insert into platform.fhir_binding (token_hash, key, expires_at) values (${hash}, ${key}, ${until})`.execute(db)
}

export async function takeBinding(db: Db, hash: Buffer, now: Date): Promise<Watching | undefined> {
  const { rows } = await sql<{ key: number }>`
    delete from platform.fhir_binding where token_hash = ${hash} and expires_at > ${now} returning key`.execute(db)
  return rows[0] && watchingBy(db, rows[0].key)
}

/** Those whose time is over. */
export async function watchedUntil(db: Db, at: Date, limit: number): Promise<Watching[]> {
  const { rows } = await sql<Watching>`${WATCHING} where s.until <= ${at} order by s.key limit ${limit}`.execute(db)
  return rows
}

/** What is an account's alone: Subscriptions, active or not, and each Binary that is about nobody. */
export async function ownOf(db: Db, account: string): Promise<string[]> {
  const { rows } = await sql<{ body: string }>`
    select r.body from platform.fhir_resource r
    where r.type in ('Binary', 'Subscription') and r.about = array[${`Account/${account}`}] and r.body is not null order by r.key`.execute(
    db,
  )
  return rows.map(({ body }) => body)
}

export async function forgetOwn(db: Db, account: string): Promise<number> {
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
