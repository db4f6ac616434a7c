import { type Insertable, type Kysely, sql, type Transaction } from 'kysely'
import type { Tables } from '../database.ts'
import type { AuditCheck } from '../tables.ts'

type Db = Kysely<Tables>

export const insertAuditCheck = (tx: Transaction<Tables>, row: Insertable<AuditCheck>) =>
  tx.insertInto('audit_check').values(row).execute()

/** The newest seal that any look has found. */
export async function newestSealSeen(db: Db): Promise<number> {
  const { newest } = await db
    .selectFrom('audit_check')
    .select(({ fn }) => fn.max('newest').as('newest'))
    .executeTakeFirstOrThrow()
  return newest ?? 0
}

export const forgetAuditChecks = (tx: Transaction<Tables>, before: Date) =>
  tx.deleteFrom('audit_check').where('checked_at', '<', before).execute()

/** The most that one look at the audit has found since then; null where nobody has looked. */
export async function brokenSealsSince(db: Db, since: Date): Promise<number | null> {
  const { broken } = await db
    .selectFrom('audit_check')
    .select(({ fn }) => fn.max('broken').as('broken'))
    .where('checked_at', '>', since)
    .executeTakeFirstOrThrow()
  return broken
}

/** Rows that found no partition (ten thousand stand for more), and ids for which there is one already. */
export async function auditRoom(db: Db): Promise<{ in_net: number; ids_ahead: number }> {
  const { rows } = await sql<{
    in_net: number
    ids_ahead: number
  }>`select in_net, ids_ahead from platform.audit_room()`.execute(db)
  return rows[0] ?? { in_net: 0, ids_ahead: 0 }
}

/** When the oldest row was written that no seal covers yet; ids are drawn in the order of time, give or take a transaction. */
export async function oldestUnsealed(db: Db): Promise<Date | undefined> {
  const { rows } = await sql<{ at: Date }>`
    select at from platform.audit_event
    where id > coalesce((select newest_id from platform.audit_seal order by id desc limit 1), 0) order by id limit 1`.execute(
    db,
  )
  return rows[0]?.at
}
