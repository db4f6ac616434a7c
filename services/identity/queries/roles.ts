import { sql, type Transaction } from 'kysely'
import type { Tables } from '../database.ts'

type Tx = Transaction<Tables>

/** `false` when the account holds the role already. */
export async function insertRole(
  tx: Tx,
  grant: { account: string; role: string; by: string | null; now: Date },
): Promise<boolean> {
  const row = await tx
    .insertInto('platform.role_grant')
    .values({ account_id: grant.account, role: grant.role, granted_by: grant.by, granted_at: grant.now })
    .onConflict((c) =>
      c
        .columns(['account_id', 'role'])
        .doUpdateSet({ granted_by: grant.by, granted_at: grant.now, revoked_at: null })
        .where('platform.role_grant.revoked_at', 'is not', null),
    )
    .returning('account_id')
    .executeTakeFirst()
  return row !== undefined
}

export async function revokeRoles(tx: Tx, account: string, now: Date, role?: string): Promise<number> {
  const { numUpdatedRows } = await tx
    .updateTable('platform.role_grant')
    .set({ revoked_at: now })
    .where('account_id', '=', account)
    .where('revoked_at', 'is', null)
    .$if(role !== undefined, (query) => query.where('role', '=', role as string))
    .executeTakeFirst()
  return Number(numUpdatedRows)
}

/** Locks every administrator's grant, so that of two who leave at the same moment the second sees that the first is gone. */
export async function lockAdministrators(tx: Tx): Promise<string[]> {
  const { rows } = await sql<{ account_id: string }>`
    select account_id from platform.role_grant where role = 'administrator' and revoked_at is null and rests_at is null
    order by account_id for update`.execute(tx)
  return rows.map((row) => row.account_id)
}
