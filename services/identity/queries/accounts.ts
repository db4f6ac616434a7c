import { type Insertable, type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { Tables } from '../database.ts'
import type { Identifier } from '../identifiers.ts'
import { type Account, columns } from '../tables.ts'

type Db = Kysely<Tables>
type Tx = Transaction<Tables>
export type AccountRow = Selectable<Account>

/** The salt that every account with this number shares; see README, "Phones". */
export async function saltOfPhone(db: Db, phone: string): Promise<Buffer> {
  const { rows } = await sql<{ salt: Buffer }>`
    select sha256(value || convert_to(${phone}, 'UTF8')) as salt from salt`.execute(db)
  return (rows[0] as { salt: Buffer }).salt
}

export const insertAccount = (tx: Tx, row: Insertable<Account>) =>
  tx.insertInto('account').values(row).returning(columns.account).executeTakeFirstOrThrow()

export const accountByUserName = (db: Db, key: string) =>
  db
    .selectFrom('account')
    .select(columns.account)
    .where('user_name_key', '=', key)
    .where('disabled_at', 'is', null)
    .executeTakeFirst()

export const accountByPhone = (db: Db, phone: string, passwordHash: string) =>
  db
    .selectFrom('account')
    .select(columns.account)
    .where('phone', '=', phone)
    .where('password_hash', '=', passwordHash)
    .where('disabled_at', 'is', null)
    .executeTakeFirst()

export const accountById = (db: Db, id: string) =>
  db
    .selectFrom('account')
    .select(columns.account)
    .where('id', '=', id)
    .where('disabled_at', 'is', null)
    .executeTakeFirst()

/** Whether somebody signs in to this account by that name. */
export async function isNameOf(db: Db, id: string, by: Identifier): Promise<boolean> {
  const row = await db
    .selectFrom('account')
    .select('id')
    .where('id', '=', id)
    .where((eb) => (by.kind === 'phone' ? eb('phone', '=', by.phone) : eb('user_name_key', '=', by.key)))
    .executeTakeFirst()
  return row !== undefined
}

export const updateAccount = (
  tx: Tx,
  id: string,
  version: number,
  change: Partial<Pick<AccountRow, 'email' | 'name' | 'language' | 'disabled_at'>>,
  now: Date,
) =>
  tx
    .updateTable('account')
    .set((eb) => ({ ...change, version: eb('version', '+', 1), updated_at: now }))
    .where('id', '=', id)
    .where('version', '=', version)
    .where('disabled_at', 'is', null)
    .returning(columns.account)
    .executeTakeFirst()

/** `false` when the password has been changed since `seen` was read. */
export async function replacePassword(tx: Tx, seen: AccountRow, passwordHash: string, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('account')
    .set({ password_hash: passwordHash, updated_at: now })
    .where('id', '=', seen.id)
    .where('password_hash', '=', seen.password_hash)
    .where('disabled_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

export const contactsOf = (db: Db, accounts: string[]) =>
  db
    .selectFrom('account')
    .select(['id', 'name', 'email', 'phone', 'language'])
    .where('id', 'in', accounts)
    .where('disabled_at', 'is', null)
    .orderBy('id')
    .execute()

/** More than any family has: what is beyond is not told. */
const MOST_OF_ONE_PHONE = 100

export const accountsOfPhone = async (db: Db, phone: string): Promise<string[]> => {
  const rows = await db
    .selectFrom('account')
    .select('id')
    .where('phone', '=', phone)
    .where('disabled_at', 'is', null)
    .orderBy('id')
    .limit(MOST_OF_ONE_PHONE)
    .execute()
  return rows.map(({ id }) => id)
}

/** Accounts under exactly this identifier, with the roles granted to them. Oldest first. */
export function findAccounts(db: Db, by: Identifier, after: string | undefined, limit: number) {
  return db
    .selectFrom('account')
    .select(['id', 'user_name', 'phone', 'name', 'disabled_at', 'created_at'])
    .select(
      sql<
        string[]
      >`array(select r.role from platform.role_grant r where r.account_id = account.id and r.revoked_at is null)`.as(
        'granted',
      ),
    )
    .where((eb) => (by.kind === 'phone' ? eb('phone', '=', by.phone) : eb('user_name_key', '=', by.key)))
    .$if(after !== undefined, (query) => query.where('id', '>', after as string))
    .orderBy('id')
    .limit(limit + 1)
    .execute()
}
