import { type Insertable, type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { Session, Tables } from '../database.ts'

type Db = Kysely<Tables>
type Tx = Transaction<Tables>

const KEY = ['id', 'device', 'scopes', 'created_at', 'expires_at', 'last_used_at'] as const
export type ApiKeyRow = Pick<Selectable<Session>, (typeof KEY)[number]>

export async function isDemo(db: Db): Promise<boolean> {
  const { rows } = await sql<{ demo: boolean }>`select platform.is_demo() as demo`.execute(db)
  return rows[0]?.demo ?? false
}

export const insertApiKey = (tx: Tx, row: Omit<Insertable<Session>, 'kind'>) =>
  tx
    .insertInto('platform.session')
    .values({ ...row, kind: 'api-key' })
    .execute()

const open = (db: Db, account: string, now: Date) =>
  db
    .selectFrom('platform.session')
    .select(KEY)
    .where('account_id', '=', account)
    .where('kind', '=', 'api-key')
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)

/** Newest first; ids are made in the order of time. */
export const openApiKeys = (db: Db, of: { account: string; now: Date; before: string | undefined; limit: number }) =>
  open(db, of.account, of.now)
    .$if(of.before !== undefined, (query) => query.where('id', '<', of.before as string))
    .orderBy('id', 'desc')
    .limit(of.limit + 1)
    .execute()

export async function lockApiKeys(tx: Tx, account: string, now: Date): Promise<ApiKeyRow[]> {
  await sql`select pg_advisory_xact_lock(hashtextextended('api-key ' || ${account}, 0))`.execute(tx)
  return open(tx, account, now).execute()
}

/** Ends it at that time: `at` is now for one that is revoked. `false` where there is no such key any more. */
export async function endApiKey(tx: Tx, of: { id: string; account: string; now: Date; at: Date }): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('platform.session')
    .set(of.at > of.now ? { expires_at: of.at } : { revoked_at: of.at })
    .where('id', '=', of.id)
    .where('account_id', '=', of.account)
    .where('kind', '=', 'api-key')
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', of.now)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}
