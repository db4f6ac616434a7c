import type { Insertable, Kysely, Transaction } from 'kysely'
import type { Session, Tables } from '../database.ts'

type Db = Kysely<Tables>
type Tx = Transaction<Tables>

export const insertSession = (tx: Tx, row: Insertable<Session>) =>
  tx.insertInto('platform.session').values(row).execute()

/** Newest first; ids are made in the order of time. */
export const openSessions = (db: Db, of: { account: string; now: Date; before: string | undefined; limit: number }) =>
  db
    .selectFrom('platform.session')
    .select(['id', 'device', 'created_at', 'expires_at'])
    .where('account_id', '=', of.account)
    .where('kind', '=', 'session')
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', of.now)
    .$if(of.before !== undefined, (query) => query.where('id', '<', of.before as string))
    .orderBy('id', 'desc')
    .limit(of.limit + 1)
    .execute()

/** Ends sessions of an account: one, all, or all but one. Answers how many. */
export async function revokeSessions(
  tx: Tx,
  account: string,
  now: Date,
  which: { only?: string; except?: string } = {},
): Promise<number> {
  const { numUpdatedRows } = await tx
    .updateTable('platform.session')
    .set({ revoked_at: now })
    .where('account_id', '=', account)
    .where('revoked_at', 'is', null)
    .$if(which.only !== undefined, (query) => query.where('id', '=', which.only as string))
    .$if(which.except !== undefined, (query) => query.where('id', '!=', which.except as string))
    .executeTakeFirst()
  return Number(numUpdatedRows)
}
