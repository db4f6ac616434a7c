import { type Insertable, type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { Tables } from '../database.ts'
import type { Contact } from '../sign-in/contact.ts'
import type { OneTimeCode } from '../tables.ts'
import type { AccountRow } from './accounts.ts'

type Db = Kysely<Tables>
type Tx = Transaction<Tables>
export type CodeRow = Pick<Selectable<OneTimeCode>, 'id' | 'account_id' | 'target' | 'hash'>

export const insertCode = (tx: Tx, row: Insertable<OneTimeCode>) => tx.insertInto('one_time_code').values(row).execute()

/** Counts a try; undefined when there is none left, or no such code. */
export const takeTry = (
  tx: Tx,
  of: { id: string; purpose: 'sign-in' | 'verify'; now: Date },
): Promise<CodeRow | undefined> =>
  tx
    .updateTable('one_time_code')
    .set((eb) => ({ tries: eb('tries', '+', 1) }))
    .where('id', '=', of.id)
    .where('purpose', '=', of.purpose)
    .where('tries', '<', 5)
    .where('used_at', 'is', null)
    .where('expires_at', '>', of.now)
    .returning(['id', 'account_id', 'target', 'hash'])
    .executeTakeFirst()

/** `false` when it has been used: of two who come at once the row lets one. */
export async function useCode(tx: Tx, id: string, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('one_time_code')
    .set({ used_at: now })
    .where('id', '=', id)
    .where('used_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** The account that proved this address, while it is open. */
export const accountByContact = (
  db: Db,
  { kind, address }: Contact,
): Promise<Pick<AccountRow, 'id' | 'phone' | 'email' | 'language'> | undefined> =>
  db
    .selectFrom('verified_contact as v')
    .innerJoin('account as a', 'a.id', 'v.account_id')
    .select(['a.id', 'a.phone', 'a.email', 'a.language'])
    .where('v.kind', '=', kind)
    .where('v.address', '=', address)
    .where('v.signs_in', '=', true)
    .where('a.disabled_at', 'is', null)
    .executeTakeFirst()

/** From whoever had it: a mailbox altogether, a phone as far as signing in goes. Of two who prove it at once the second has it. */
export async function verifyContact(
  tx: Tx,
  { kind, address }: Contact,
  account_id: string,
  verified_at: Date,
): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`${kind} ${address}`}, 0))`.execute(tx)
  await sql`
    with mailboxes as (
      delete from verified_contact where kind = 'email' and kind = ${kind} and address = ${address} and account_id <> ${account_id})
    update verified_contact set signs_in = false
    where kind = 'phone' and kind = ${kind} and address = ${address} and account_id <> ${account_id} and signs_in`.execute(
    tx,
  )
  await tx
    .insertInto('verified_contact')
    .values({ kind, address, account_id, verified_at })
    .onConflict((c) => c.columns(['kind', 'address', 'account_id']).doUpdateSet({ verified_at, signs_in: true }))
    .execute()
}

type Verified = { account_id: string; kind: string; address: string }

/** Where codes sign in to this account. */
export const verifiedContacts = (db: Db, account: string): Promise<Verified[]> =>
  db
    .selectFrom('verified_contact')
    .select(['account_id', 'kind', 'address'])
    .where('account_id', '=', account)
    .where('signs_in', '=', true)
    .execute()

/** Where codes have reached these accounts, whoever signs in by them now. */
export const provedContacts = (db: Db, accounts: readonly string[]): Promise<Verified[]> =>
  db
    .selectFrom('verified_contact')
    .select(['account_id', 'kind', 'address'])
    .where('account_id', 'in', accounts)
    .execute()

/** What lets somebody in, of an account that is closed. */
export async function deleteCredentials(tx: Tx, account: string): Promise<void> {
  await sql`
    with codes as (delete from one_time_code where account_id = ${account}),
      contacts as (delete from verified_contact where account_id = ${account}),
      keys as (delete from passkey where account_id = ${account}),
      recovery as (delete from recovery_code where account_id = ${account})
    delete from totp where account_id = ${account}`.execute(tx)
}
