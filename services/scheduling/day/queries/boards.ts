import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { Viewer } from '../../queries/booking.ts'
import type { BoardKey, SchedulingTables } from '../../tables.ts'
import { staffOf } from './entries.ts'
import { type QueueRow, queueColumns } from './queues.ts'

type Db = Kysely<SchedulingTables>
type Tx = Transaction<SchedulingTables>

/** The channel on which a change of a queue wakes the streams of its place, in every process: the trigger tell_day. */
export const DAY_CHANNEL = 'openhcs_day'

export type BoardRow = Omit<Selectable<BoardKey>, 'demo' | 'revoked_at' | 'key_hash'>

export async function insertBoardKey(tx: Tx, row: BoardRow, hash: Buffer): Promise<void> {
  await sql`
    insert into board_key (id, place_id, name, shows, queues, key_hash, created_at)
    values (${row.id}, ${row.place_id}, ${row.name}, ${row.shows}, ${row.queues}::uuid[], ${hash}, ${row.created_at})`.execute(
    tx,
  )
}

export async function boardKeysAt(db: Db, place: string): Promise<BoardRow[]> {
  const { rows } = await sql<BoardRow>`
    select id, place_id, name, shows, queues, created_at from board_key where place_id = ${place} and revoked_at is null order by id limit 1000`.execute(
    db,
  )
  return rows
}

/** Of a place whose day this account runs. Streams that hang on it are woken, and end. */
export async function revokeBoardKey(tx: Tx, id: string, account: string, now: Date): Promise<string | undefined> {
  const { rows } = await sql<{ place_id: string }>`
    with gone as (
      update board_key set revoked_at = ${now} where id = ${id} and revoked_at is null and runs_day(${account}, place_id, null, ${now}) returning place_id)
    select place_id, pg_notify(${DAY_CHANNEL}, place_id::text) from gone`.execute(tx)
  return rows[0]?.place_id
}

/** Which of these are queues of the place. */
export async function queuesAmong(db: Db, place: string, wanted: readonly string[]): Promise<number> {
  const { rows } = await sql`
    select id from queue where place_id = ${place} and deleted_at is null and id = any (${wanted}::uuid[])`.execute(db)
  return rows.length
}

export async function boardOf(db: Db, hash: Buffer): Promise<(BoardRow & { place: string }) | undefined> {
  const { rows } = await sql<BoardRow & { place: string }>`
    select b.id, b.place_id, b.name, b.shows, b.queues, b.created_at, p.name as place from board_key b join place p on p.id = b.place_id
    where b.key_hash = ${hash} and b.revoked_at is null`.execute(db)
  return rows[0]
}

/** Queues of a place whose people this account sees, or whose day it runs, while the session and the licence last. */
export async function queuesInSession(
  db: Db,
  place: string,
  session: string,
  who: Viewer,
): Promise<(QueueRow & { via: string })[]> {
  const { account, practitioner, now } = who
  const licensed = sql`exists (
    select from platform.access_grant l where l.account_id = ${account} and l.subject_id = ${practitioner ?? null}::uuid and l.relationship = 'licence'
      and l.revoked_at is null and l.valid_from <= ${now} and (l.valid_until is null or l.valid_until > ${now}))`
  const { rows } = await sql<QueueRow & { via: string; practitioner: string | null }>`
    select * from (
      select ${queueColumns}, p.name as practitioner, case when ${licensed} then ${staffOf(who)} else ${staffOf({ ...who, practitioner: undefined })} end as via
      from platform.session s cross join queue q left join practitioner p on p.id = q.practitioner_id
      where s.id = ${session} and s.account_id = ${account} and s.revoked_at is null and s.expires_at > ${now}
        and (s.token_expires_at is null or s.token_expires_at > ${now})
        and (s.idle_seconds is null or s.last_used_at + s.idle_seconds * interval '1 second' > ${now})
        and (s.parent_id is null or exists (select from platform.session g where g.id = s.parent_id and g.revoked_at is null and g.expires_at > ${now}))
        and q.place_id = ${place} and q.deleted_at is null) x
    where via is not null order by length(letter), letter`.execute(db)
  return rows.map(({ practitioner, ...row }) => ({ ...row, name: row.name ?? practitioner }))
}
