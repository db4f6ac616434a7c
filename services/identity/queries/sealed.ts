import { type Kysely, sql, type Transaction } from 'kysely'
import type { Tables } from '../database.ts'

type Tx = Transaction<Tables>

export const totpsUnderOthers = (tx: Tx, current: string, limit: number) =>
  tx
    .selectFrom('totp')
    .select(['account_id', 'secret'])
    .where((eb) => eb.or([eb('key_name', '<', current), eb('key_name', '>', current)]))
    .limit(limit)
    .forUpdate()
    .execute()

export const resealTotp = (tx: Tx, account: string, secret: string) =>
  tx.updateTable('totp').set({ secret }).where('account_id', '=', account).execute()

/** There are a few at most. */
export const keysUnderOthers = (tx: Tx, current: string) =>
  tx
    .selectFrom('oauth_key')
    .select(['kid', 'jwk'])
    .where(sql`split_part(jwk, '.', 2)`, '<>', current)
    .forUpdate()
    .execute()

export const resealKey = (tx: Tx, kid: string, jwk: string) =>
  tx.updateTable('oauth_key').set({ jwk }).where('kid', '=', kid).execute()

export const statesUnderOthers = (tx: Tx, current: string, limit: number) =>
  tx
    .selectFrom('oauth_state')
    .select(['model', 'key', 'payload'])
    .where((eb) => eb.or([eb('key_name', '<', current), eb('key_name', '>', current)]))
    .limit(limit)
    .forUpdate()
    .execute()

export const resealState = (tx: Tx, model: string, key: Buffer, payload: string) =>
  tx.updateTable('oauth_state').set({ payload }).where('model', '=', model).where('key', '=', key).execute()

export async function countByKey(db: Kysely<Tables>): Promise<{ key: string; count: number }[]> {
  const { rows } = await sql<{ key: string; count: number }>`
    select key, count(*)::int as count from (
      select key_name as key from totp union all select key_name from oauth_state union all select split_part(jwk, '.', 2) from oauth_key) sealed
    group by key`.execute(db)
  return rows
}
