import { type Insertable, type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { Session, Tables } from '../database.ts'

type Db = Kysely<Tables>
type Tx = Transaction<Tables>

export const insertSession = (tx: Tx, row: Insertable<Session>) =>
  tx.insertInto('platform.session').values(row).execute()

const SHOWN = ['id', 'device', 'created_at', 'expires_at', 'last_used_at', 'version'] as const
export type SessionRow = Pick<Selectable<Session>, (typeof SHOWN)[number]>

const notIdle = (now: Date) =>
  sql<boolean>`(idle_seconds is null or last_used_at + idle_seconds * interval '1 second' > ${now})`

/** Newest first; ids are made in the order of time. */
export const openSessions = (db: Db, of: { account: string; now: Date; before: string | undefined; limit: number }) =>
  db
    .selectFrom('platform.session')
    .select(SHOWN)
    .where('account_id', '=', of.account)
    .where('kind', '=', 'session')
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', of.now)
    .where(notIdle(of.now))
    .$if(of.before !== undefined, (query) => query.where('id', '<', of.before as string))
    .orderBy('id', 'desc')
    .limit(of.limit + 1)
    .execute()

/** Ends sessions of an account: one, all, or all but one. Answers how many. */
export async function revokeSessions(
  tx: Tx,
  account: string,
  now: Date,
  which: { only?: string | undefined; except?: string | undefined } = {},
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

/** `false` when it has ended meanwhile. */
export async function renewSession(
  tx: Tx,
  id: string,
  renewed: Pick<Insertable<Session>, 'token_hash' | 'token_expires_at' | 'last_used_at'>,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('platform.session')
    .set(renewed)
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

export const renameSession = (
  tx: Tx,
  of: { id: string; account: string; version: number; device: string; now: Date },
): Promise<SessionRow | undefined> =>
  tx
    .updateTable('platform.session')
    .set((eb) => ({ device: of.device, version: eb('version', '+', 1) }))
    .where('id', '=', of.id)
    .where('account_id', '=', of.account)
    .where('version', '=', of.version)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', of.now)
    .where(notIdle(of.now))
    .returning(SHOWN)
    .executeTakeFirst()

type OpenSession = SessionRow & Pick<Selectable<Session>, 'signed_in_by'>

export const openSession = (db: Db, of: { id: string; account: string; now: Date }): Promise<OpenSession | undefined> =>
  db
    .selectFrom('platform.session')
    .select([...SHOWN, 'signed_in_by'])
    .where('id', '=', of.id)
    .where('account_id', '=', of.account)
    .where('kind', '=', 'session')
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', of.now)
    .where(notIdle(of.now))
    .executeTakeFirst()
