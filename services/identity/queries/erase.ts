import { type Kysely, sql, type Transaction } from 'kysely'
import type { Tables } from '../database.ts'

type Tx = Transaction<Tables>

async function count(tx: Tx, statement: ReturnType<typeof sql>): Promise<number> {
  const { numAffectedRows } = await statement.execute(tx as Kysely<Tables>)
  return Number(numAffectedRows ?? 0)
}

export async function forgetAccount(tx: Tx, account: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`select forget_account(${account}) as count`.execute(tx)
  return rows[0]?.count ?? 0
}

export const eraseSessions = (tx: Tx, account: string) =>
  count(tx, sql`delete from platform.session where account_id = ${account}`)

export const eraseRoles = (tx: Tx, account: string) =>
  count(tx, sql`delete from platform.role_grant where account_id = ${account}`)

/** Answers kept for repeated requests: the person's own, and those of others in which they are named by their records. */
export const eraseAnswers = (tx: Tx, account: string | undefined, records: string[]) =>
  count(
    tx,
    sql`delete from platform.once o where starts_with(o.scope, ${`${account ?? 'nobody'} `})
          or exists (select from unnest(${records}::text[]) r where strpos(o.answer::text, r) > 0)`,
  )
