import type { Kysely, Selectable, Transaction } from 'kysely'
import type { Tables } from '../database.ts'
import type { Totp } from '../tables.ts'

type Db = Kysely<Tables>
type Tx = Transaction<Tables>
export type TotpRow = Pick<Selectable<Totp>, 'secret' | 'confirmed_at'>

export const totpOf = (db: Db, account: string): Promise<TotpRow | undefined> =>
  db.selectFrom('totp').select(['secret', 'confirmed_at']).where('account_id', '=', account).executeTakeFirst()

/** To use it: a change of keys, which seals it anew, waits. */
export const lockTotp = (tx: Tx, account: string): Promise<TotpRow | undefined> =>
  tx
    .selectFrom('totp')
    .select(['secret', 'confirmed_at'])
    .where('account_id', '=', account)
    .forUpdate()
    .executeTakeFirst()

/** `false` when a confirmed one is there: that is not replaced. */
export async function offerTotp(tx: Tx, account: string, secret: string, now: Date): Promise<boolean> {
  const row = await tx
    .insertInto('totp')
    .values({ account_id: account, secret, created_at: now })
    .onConflict((c) =>
      c
        .column('account_id')
        .doUpdateSet({ secret, created_at: now, last_step: null })
        .where('totp.confirmed_at', 'is', null),
    )
    .returning('account_id')
    .executeTakeFirst()
  return row !== undefined
}

/** Uses up a time step. `false` when it, or a later one, has been used; of two who come at once the row lets one. */
export async function useStep(tx: Tx, account: string, secret: string, step: number, confirm?: Date): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('totp')
    .set({ last_step: step, ...(confirm && { confirmed_at: confirm }) })
    .where('account_id', '=', account)
    .where('secret', '=', secret)
    .where('confirmed_at', confirm ? 'is' : 'is not', null)
    .where((eb) => eb.or([eb('last_step', 'is', null), eb('last_step', '<', step)]))
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** `hashes` are of one code, each under another key. */
export async function useRecoveryCode(tx: Tx, account: string, hashes: Buffer[], now: Date): Promise<boolean> {
  if (hashes.length === 0) return false
  const { numUpdatedRows } = await tx
    .updateTable('recovery_code')
    .set({ used_at: now })
    .where('account_id', '=', account)
    .where('hash', 'in', hashes)
    .where('used_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

export async function replaceRecoveryCodes(tx: Tx, account: string, hashes: Buffer[]): Promise<void> {
  await tx.deleteFrom('recovery_code').where('account_id', '=', account).execute()
  await tx
    .insertInto('recovery_code')
    .values(hashes.map((hash) => ({ account_id: account, hash })))
    .execute()
}

export async function recoveryCodesLeft(db: Db, account: string): Promise<number> {
  const { count } = await db
    .selectFrom('recovery_code')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .where('account_id', '=', account)
    .where('used_at', 'is', null)
    .executeTakeFirstOrThrow()
  return Number(count)
}

export async function deleteTotp(tx: Tx, account: string): Promise<void> {
  await tx.deleteFrom('recovery_code').where('account_id', '=', account).execute()
  await tx.deleteFrom('totp').where('account_id', '=', account).execute()
}
