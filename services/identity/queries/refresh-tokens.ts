import { type Insertable, type Kysely, sql, type Transaction } from 'kysely'
import type { Tables } from '../database.ts'
import type { RefreshToken } from '../tables.ts'

type Tx = Transaction<Tables>

/** A refresh token whose session is open. */
export interface HeldToken {
  used_at: Date | null
  session_id: string
  account_id: string
  expires_at: Date
  token_expires_at: Date | null
}

export const insertRefreshToken = (tx: Tx, row: Insertable<RefreshToken>) =>
  tx.insertInto('refresh_token').values(row).execute()

/** Locked first and looked up after it, so that what is seen is what the one before has left. */
export async function lockRefreshToken(tx: Tx, hash: Buffer, now: Date): Promise<HeldToken | undefined> {
  await sql`select from refresh_token where hash = ${hash} for update`.execute(tx)
  const { rows } = await sql<HeldToken>`
    select r.used_at, s.id as session_id, s.account_id, s.expires_at, s.token_expires_at
    from refresh_token r join platform.session s on s.id = r.session_id
    where r.hash = ${hash} and s.revoked_at is null and s.expires_at > ${now}
      and (s.idle_seconds is null or s.last_used_at + s.idle_seconds * interval '1 second' > ${now})`.execute(tx)
  return rows[0]
}

export const useRefreshToken = (tx: Tx, hash: Buffer, now: Date) =>
  tx.updateTable('refresh_token').set({ used_at: now }).where('hash', '=', hash).execute()

export async function isRefreshTokenUsed(db: Kysely<Tables>, hash: Buffer): Promise<boolean> {
  const row = await db.selectFrom('refresh_token').select('used_at').where('hash', '=', hash).executeTakeFirst()
  return row?.used_at != null
}
