import { type Kysely, sql, type Transaction } from 'kysely'
import type { RecordsTables } from '../tables.ts'

type Db = Kysely<RecordsTables>
type Tx = Transaction<RecordsTables>

/** What wakes the websockets that a subscription is bound to, with its key. */
export const PING_CHANNEL = 'openhcs_fhir_ping'

export interface NoticeRow {
  id: string
  subscription: number
  resource: number
  version: number
  status: string
  matched: boolean
  tries: number
  due_at: Date
}

/** One for each version, however often it is looked at; answers their ids. */
export async function insertNotices(
  tx: Tx,
  subscription: number,
  written: readonly { key: number; version: number }[],
  { at, matched = true }: { at: Date; matched?: boolean },
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    insert into notice (id, subscription, resource, version, matched, created_at, due_at)
    select gen_random_uuid(), ${subscription}, key, version, ${matched}, ${at}, ${at} from json_to_recordset(${JSON.stringify(written)}) w(key bigint, version int)
    on conflict on constraint notice_once do nothing returning id`.execute(tx)
  return rows.map(({ id }) => id)
}

export const ping = (tx: Tx, subscription: number) =>
  sql`select pg_notify(${PING_CHANNEL}, ${String(subscription)})`.execute(tx)

export const noticeById = (db: Db, id: string): Promise<NoticeRow | undefined> =>
  db
    .selectFrom('notice')
    .select(['id', 'subscription', 'resource', 'version', 'status', 'matched', 'tries', 'due_at'])
    .where('id', '=', id)
    .executeTakeFirst()

/** `false` where somebody else has settled it meanwhile. */
export async function settleNotice(
  tx: Tx,
  id: string,
  outcome: { status: 'queued' | 'delivered' | 'dead' | 'withheld'; reason: string | null; tries: number },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('notice')
    .set(outcome)
    .where('id', '=', id)
    .where('status', '=', 'queued')
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

const MOST_AT_ONCE = 10_000

/** What was given up, anew. */
export async function requeueNotices(tx: Tx, subscription: number, at: Date): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    update notice set status = 'queued', reason = 'asked-again', tries = 0, due_at = ${at}
    where id in (select id from notice where subscription = ${subscription} and status = 'dead' limit ${MOST_AT_ONCE}) returning id`.execute(
    tx,
  )
  return rows.map(({ id }) => id)
}

export const deleteNotices = (tx: Tx, before: Date) =>
  tx.deleteFrom('notice').where('created_at', '<', before).execute()
