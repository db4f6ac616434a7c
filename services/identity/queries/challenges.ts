import type { Transaction } from 'kysely'
import type { Tables } from '../database.ts'

/** `false` when it has been answered before. */
export async function spendChallenge(tx: Transaction<Tables>, hash: Buffer, expires_at: Date): Promise<boolean> {
  const row = await tx
    .insertInto('spent_challenge')
    .values({ hash, expires_at })
    .onConflict((c) => c.doNothing())
    .returning('hash')
    .executeTakeFirst()
  return row !== undefined
}
