import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely'
import type { NotificationsTables } from '../tables.ts'

type Db = Kysely<NotificationsTables>
type Tx = Transaction<NotificationsTables>

export interface SubscriptionRow {
  id: string
  account_id: string
  host: string
  sealed: string
  created_at: Date
}

const shown = ['id', 'account_id', 'host', 'sealed', 'created_at'] as const

/** Whoever signed out is told no more there. */
const ended: RawBuilder<boolean> = sql<boolean>`exists (
  select from platform.session s where s.id = push_subscription.session_id and s.revoked_at is not null)`
const stands: RawBuilder<boolean> = sql<boolean>`not ${ended}`

export const subscriptionsOf = (db: Db, account: string): Promise<SubscriptionRow[]> =>
  db
    .selectFrom('push_subscription')
    .select(shown)
    .where('account_id', '=', account)
    .where(stands)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .execute()

/** Those of these accounts who have a browser that is told. */
export async function pushedAmong(db: Db, accounts: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom('push_subscription')
    .select('account_id')
    .distinct()
    .where('account_id', 'in', accounts)
    .where(stands)
    .execute()
  return new Set(rows.map(({ account_id }) => account_id))
}

type New = SubscriptionRow & { session_id: string | null; endpoint: Buffer }

/** In the place of whoever had this browser; beyond so many the oldest end. */
export async function keepSubscription(tx: Tx, row: New, most: number): Promise<void> {
  const { account_id } = row
  await sql`select pg_advisory_xact_lock(hashtextextended(${`browsers of ${account_id}`}, 0))`.execute(tx)
  const { endpoint: _, ...rest } = row
  await tx
    .insertInto('push_subscription')
    .values(row)
    .onConflict((c) => c.constraint('push_subscription_of_one').doUpdateSet(rest))
    .execute()
  await sql`
    delete from push_subscription where account_id = ${account_id} and id not in (
      select id from push_subscription where account_id = ${account_id} order by created_at desc, id desc limit ${most})`.execute(
    tx,
  )
}

export async function deleteSubscription(tx: Tx, id: string, account: string): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('push_subscription')
    .where('id', '=', id)
    .where('account_id', '=', account)
    .executeTakeFirst()
  return numDeletedRows === 1n
}

export const erasePushSubscriptions = async (tx: Tx, account: string): Promise<number> => {
  const { numDeletedRows } = await tx
    .deleteFrom('push_subscription')
    .where('account_id', '=', account)
    .executeTakeFirst()
  return Number(numDeletedRows)
}

/** Before their session is forgotten, which says that they ended. */
export const forgetPushSubscriptions = (tx: Tx) => tx.deleteFrom('push_subscription').where(ended).execute()

export const browsersOf = (db: Db, account: string) =>
  db
    .selectFrom('push_subscription')
    .select(['host', 'created_at'])
    .where('account_id', '=', account)
    .orderBy('id')
    .execute()

/** For watching. Nothing says of a push whether it arrived. */
export async function pushOutcomes(db: Db, since: Date): Promise<{ status: string; count: number }[]> {
  const { rows } = await sql<{ status: string; count: number }>`
    select s.status, (select count(*)::int from (
      select from delivery d where d.channel = 'push' and d.created_at > ${since} and d.status = s.status limit 10000) x) as count
    from (values ('queued'), ('sent'), ('failed'), ('skipped'), ('dead')) s(status)`.execute(db)
  return rows
}

// The key

export interface PushKeyRow {
  public_key: string
  private_key: string
}

export const pushKey = (db: Db): Promise<PushKeyRow | undefined> =>
  db.selectFrom('push_key').select(['public_key', 'private_key']).executeTakeFirst()

/** Of two that are made at once the first stays. */
export const insertPushKey = (tx: Tx, row: PushKeyRow & { created_at: Date }) =>
  tx
    .insertInto('push_key')
    .values(row)
    .onConflict((c) => c.doNothing())
    .execute()

// Keys that seal: what is sealed moves to the newest.

export const subscriptionsUnderOthers = (tx: Tx, current: string, limit: number) =>
  tx
    .selectFrom('push_subscription')
    .select(['id', 'sealed'])
    .where('key_name', '<>', current)
    .limit(limit)
    .forUpdate()
    .execute()

export const resealSubscription = (tx: Tx, id: string, sealed: string) =>
  tx.updateTable('push_subscription').set({ sealed }).where('id', '=', id).execute()

export const pushKeyUnderOthers = (tx: Tx, current: string) =>
  tx.selectFrom('push_key').select('private_key').where('key_name', '<>', current).forUpdate().executeTakeFirst()

export const resealPushKey = (tx: Tx, sealed: string) =>
  tx.updateTable('push_key').set({ private_key: sealed }).execute()

export async function countPushByKey(db: Db): Promise<{ key: string; count: number }[]> {
  const { rows } = await sql<{ key: string; count: number }>`
    select key_name as key, count(*)::int as count
    from (select key_name from push_subscription union all select key_name from push_key) k group by key_name`.execute(
    db,
  )
  return rows
}
