import { type Insertable, type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { Tables } from '../database.ts'
import type { Passkey } from '../tables.ts'

type Db = Kysely<Tables>
type Tx = Transaction<Tables>

const SHOWN = ['id', 'name', 'backed_up', 'created_at', 'last_used_at', 'version'] as const
export type PasskeyRow = Pick<Selectable<Passkey>, (typeof SHOWN)[number]>
export type KeyRow = Pick<
  Selectable<Passkey>,
  'id' | 'account_id' | 'credential_id' | 'public_key' | 'counter' | 'transports'
>

/** Undefined when this credential is registered already, here or elsewhere. */
export const insertPasskey = (tx: Tx, row: Insertable<Passkey>): Promise<PasskeyRow | undefined> =>
  tx
    .insertInto('passkey')
    .values(row)
    .onConflict((c) => c.constraint('passkey_once').doNothing())
    .returning(SHOWN)
    .executeTakeFirst()

export const passkeysOf = (db: Db, account: string, before: string | undefined, limit: number): Promise<PasskeyRow[]> =>
  db
    .selectFrom('passkey')
    .select(SHOWN)
    .where('account_id', '=', account)
    .$if(before !== undefined, (query) => query.where('id', '<', before as string))
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()

export const credentialsOf = (db: Db, account: string): Promise<Pick<KeyRow, 'credential_id' | 'transports'>[]> =>
  db.selectFrom('passkey').select(['credential_id', 'transports']).where('account_id', '=', account).execute()

export const keyByCredential = (db: Db, credential: string): Promise<KeyRow | undefined> =>
  db
    .selectFrom('passkey')
    .select(['id', 'account_id', 'credential_id', 'public_key', 'counter', 'transports'])
    .where('credential_id', '=', credential)
    .executeTakeFirst()

/** `false` when the key is gone, or its counter did not rise: then two authenticators hold it. Many have no counter, and stay at 0. */
export async function usePasskey(
  tx: Tx,
  id: string,
  use: { counter: number; backedUp: boolean; at: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('passkey')
    .set({ counter: use.counter, backed_up: use.backedUp, last_used_at: use.at })
    .where('id', '=', id)
    .where(sql<boolean>`(counter < ${use.counter} or (counter = 0 and ${use.counter} = 0))`)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

export const renamePasskey = (
  tx: Tx,
  of: { id: string; account: string; version: number; name: string },
): Promise<PasskeyRow | undefined> =>
  tx
    .updateTable('passkey')
    .set((eb) => ({ name: of.name, version: eb('version', '+', 1) }))
    .where('id', '=', of.id)
    .where('account_id', '=', of.account)
    .where('version', '=', of.version)
    .returning(SHOWN)
    .executeTakeFirst()

export async function isPasskeyOf(db: Db, account: string, id: string): Promise<boolean> {
  const of = db.selectFrom('passkey').select('id').where('id', '=', id).where('account_id', '=', account)
  return (await of.executeTakeFirst()) !== undefined
}

export async function deletePasskey(tx: Tx, account: string, id: string): Promise<boolean> {
  const of = tx.deleteFrom('passkey').where('id', '=', id).where('account_id', '=', account)
  return (await of.executeTakeFirst()).numDeletedRows === 1n
}
