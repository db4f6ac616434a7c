import { type Insertable, type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { Tables } from '../database.ts'
import { type Administrator, columns, type Donor } from '../tables.ts'

type Db = Kysely<Tables>
type Tx = Transaction<Tables>
export type DonorRow = Selectable<Donor>
export type AdministratorRow = Selectable<Administrator>

export interface ListPart {
  before: string | undefined
  limit: number
}

export const insertDonor = (tx: Tx, row: Insertable<Donor>) =>
  tx.insertInto('donor').values(row).returning(columns.donor).executeTakeFirstOrThrow()

/** Of this account; of anybody where there is none to ask for. */
export const donor = (db: Db, id: string, account: string | undefined) =>
  db
    .selectFrom('donor')
    .select(columns.donor)
    .where('id', '=', id)
    .$if(account !== undefined, (query) => query.where('account_id', '=', account as string))
    .executeTakeFirst()

export const donors = (db: Db, { before, limit }: ListPart) =>
  db
    .selectFrom('donor')
    .select(columns.donor)
    .$if(before !== undefined, (query) => query.where('id', '<', before as string))
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()

export const updateDonor = (tx: Tx, id: string, version: number, change: Partial<DonorRow>, now: Date) =>
  tx
    .updateTable('donor')
    .set((eb) => ({ ...change, version: eb('version', '+', 1), updated_at: now }))
    .where('id', '=', id)
    .where('version', '=', version)
    .returning(columns.donor)
    .executeTakeFirst()

export const insertAdministrator = (tx: Tx, row: Insertable<Administrator>) =>
  tx.insertInto('administrator').values(row).returning(columns.administrator).executeTakeFirstOrThrow()

export const administrator = (db: Db, id: string) =>
  db.selectFrom('administrator').select(columns.administrator).where('id', '=', id).executeTakeFirst()

export const administrators = (db: Db, { before, limit }: ListPart) =>
  db
    .selectFrom('administrator')
    .select(columns.administrator)
    .$if(before !== undefined, (query) => query.where('id', '<', before as string))
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()

export const updateAdministrator = (
  tx: Tx,
  id: string,
  version: number,
  change: Partial<AdministratorRow>,
  now: Date,
) =>
  tx
    .updateTable('administrator')
    .set((eb) => ({ ...change, version: eb('version', '+', 1), updated_at: now }))
    .where('id', '=', id)
    .where('version', '=', version)
    .returning(columns.administrator)
    .executeTakeFirst()

/** Accounts of those who may act as administrators; their grants are held until the end of the transaction. */
export async function lockActiveAdministrators(tx: Tx): Promise<string[]> {
  const { rows } = await sql<{ account_id: string }>`
    select account_id from platform.role_grant where role = 'administrator' and revoked_at is null and rests_at is null
    order by account_id for update`.execute(tx)
  return rows.map((row) => row.account_id)
}

/** Identity gives the role and takes it; here it only rests. */
export const restRole = (tx: Tx, account: string, since: Date | null) =>
  sql`update platform.role_grant set rests_at = ${since} where account_id = ${account} and role = 'administrator'`.execute(
    tx,
  )

/** Donors act through the grant that makes them one: it ends with the profile, and comes back with it. */
export const setSelfGrant = (tx: Tx, subject: string, active: boolean, now: Date) =>
  sql`update platform.access_grant set revoked_at = ${active ? null : now} where subject_id = ${subject} and relationship = 'self'`.execute(
    tx,
  )

export type Pictured = 'patient' | 'caregiver' | 'donor' | 'organisation'

/** Whatever the present version is: a picture replaces no words. */
export const setPhoto = (tx: Tx, what: Pictured, id: string, photo: { key: string; type: string; now: Date }) =>
  sql`
    update ${sql.table(what)} set photo_key = ${photo.key}, photo_type = ${photo.type}, version = version + 1, updated_at = ${photo.now}
    where id = ${id}`.execute(tx)
