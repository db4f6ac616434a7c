import type { Transaction } from 'kysely'
import { type Kysely, sql } from 'kysely'
import type { Tables } from '../database.ts'

type Tx = Transaction<Tables>

/** Rows in one bite: short enough for the statement's time limit on a table of millions. */
const BITE = 10_000

async function rowsOf(tx: Tx, statement: ReturnType<typeof sql>): Promise<number> {
  const { numAffectedRows } = await statement.execute(tx as Kysely<Tables>)
  return Number(numAffectedRows ?? 0)
}

/** Answers of requests, and deliveries of events, that nobody will repeat any more. */
export const forgetOnce = (tx: Tx, requestsBefore: Date, deliveriesBefore: Date) =>
  rowsOf(
    tx,
    sql`delete from platform.once where (scope, key) in (
          select scope, key from platform.once
          where created_at < ${requestsBefore} and (scope not like 'inbox:%' or created_at < ${deliveriesBefore})
          limit ${BITE})`,
  )

/** When accounts wrote, once every reader of the database has it: platform/reader.ts. */
export async function forgetWrites(tx: Tx): Promise<number> {
  const { rows } = await sql<{ count: number }>`select platform.forget_writes(${BITE}) as count`.execute(tx)
  return rows[0]?.count ?? 0
}

export const forgetSessions = (tx: Tx, endedBefore: Date) =>
  rowsOf(
    tx,
    sql`delete from platform.session where id in (
          select id from platform.session where expires_at < ${endedBefore} limit ${BITE})`,
  )

/** Counters of failures soon; that somebody signed in from a network, after longer. */
export const forgetAttempts = (tx: Tx, failedBefore: Date, succeededBefore: Date) =>
  rowsOf(
    tx,
    sql`delete from sign_in_attempt where key in (
          select key from sign_in_attempt
          where latest_at < ${failedBefore} and (succeeded_at is null or succeeded_at < ${succeededBefore})
          limit ${BITE})`,
  )

export const forgetRefreshTokens = (tx: Tx, now: Date) =>
  rowsOf(
    tx,
    sql`delete from refresh_token where hash in (
          select hash from refresh_token where expires_at < ${now} limit ${BITE})`,
  )

export const forgetChallenges = (tx: Tx, now: Date) =>
  rowsOf(
    tx,
    sql`delete from spent_challenge where hash in (
          select hash from spent_challenge where expires_at < ${now} limit ${BITE})`,
  )

export const forgetCodes = (tx: Tx, now: Date) =>
  rowsOf(
    tx,
    sql`delete from one_time_code where id in (
          select id from one_time_code where expires_at < ${now} limit ${BITE})`,
  )
