import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { CalendarFeed, SchedulingTables } from '../../tables.ts'

type Db = Kysely<SchedulingTables>
type Tx = Transaction<SchedulingTables>

export type FeedRow = Pick<Selectable<CalendarFeed>, 'id' | 'kind' | 'shows' | 'label' | 'names' | 'created_at'>

export async function lockFeedsOf(tx: Tx, account: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('calendar-feed ' || ${account}, 0))`.execute(tx)
}

export async function insertFeed(
  tx: Tx,
  { hash, account, ...row }: FeedRow & { account: string; hash: Buffer },
  idleDays: number,
): Promise<void> {
  await tx
    .insertInto('calendar_feed')
    .values({ ...row, account_id: account })
    .execute()
  await sql`select open_feed(${row.id}, ${account}, ${row.label}, ${hash}, ${row.created_at}, make_interval(days => ${idleDays}))`.execute(
    tx,
  )
}

/** Those that still open something, newest first, with when they were last used. */
export async function openFeeds(
  db: Db,
  of: { account: string; now: Date; before: string | undefined; limit: number },
): Promise<(FeedRow & { used_at: Date })[]> {
  const { rows } = await sql<FeedRow & { used_at: Date }>`
    select f.id, f.kind, f.shows, f.label, f.names, f.created_at, s.last_used_at as used_at
    from calendar_feed f join platform.session s on s.id = f.id
    where f.account_id = ${of.account} and s.revoked_at is null and s.expires_at > ${of.now} and s.last_used_at + s.idle_seconds * interval '1 second' > ${of.now}
      and (${of.before ?? null}::uuid is null or f.id < ${of.before ?? null})
    order by f.id desc limit ${of.limit}`.execute(db)
  return rows
}

/** Ends it, and forgets what it was told. */
export async function endFeed(tx: Tx, id: string, account: string, now: Date): Promise<boolean> {
  const { rows } = await sql<{ ended: boolean }>`
    with gone as (delete from calendar_feed where id = ${id} and account_id = ${account})
    select end_feed(${id}, ${account}, ${now}) as ended`.execute(tx)
  return rows[0]?.ended === true
}

const LOCKED = ['id', 'kind', 'shows', 'names', 'number', 'oldest', 'read_on'] as const
export type LockedFeed = Pick<Selectable<CalendarFeed>, (typeof LOCKED)[number]>

export const feedOf = (db: Db, id: string, kind: string): Promise<LockedFeed | undefined> =>
  db.selectFrom('calendar_feed').select(LOCKED).where('id', '=', id).where('kind', '=', kind).executeTakeFirst()

/** Reading is one after another for each feed, so that its changes have an order. */
export const lockFeed = (tx: Tx, id: string): Promise<LockedFeed | undefined> =>
  tx.selectFrom('calendar_feed').select(LOCKED).where('id', '=', id).forUpdate().executeTakeFirst()

/** What a view of an appointment does not say, and an entry in a calendar needs. */
export async function aroundThem(db: Db, appointments: readonly string[]) {
  const { rows } = await sql<{
    id: string
    category: string
    practitioner: string | null
    place: string | null
    updated_at: Date
  }>`
    select a.id, a.category, l.name as place, a.updated_at, coalesce((
        select string_agg(g.name, ', ' order by array_position(a.given_by, g.id)) from practitioner g where g.id = any (a.given_by)), p.name) as practitioner
    from appointment a left join practitioner p on p.id = a.practitioner_id left join place l on l.id = a.place_id
    where a.id = any (${appointments}::uuid[])`.execute(db)
  return new Map(rows.map((row) => [row.id, row]))
}

export interface ToldRow {
  appointment_id: string
  etag: string
  number: number
  gone: boolean
}

export const toldTo = (tx: Tx, feed: string): Promise<ToldRow[]> =>
  tx
    .selectFrom('calendar_told')
    .select(['appointment_id', 'etag', 'number', 'gone'])
    .where('feed_id', '=', feed)
    .orderBy('number')
    .execute()

export async function noteTold(
  tx: Tx,
  feed: string,
  changes: readonly Omit<ToldRow, 'number'>[],
  number: number,
  now: Date,
): Promise<void> {
  await sql`
    insert into calendar_told (feed_id, appointment_id, etag, gone, number, told_at)
    select ${feed}, x.id, x.etag, x.gone, ${number}, ${now}
    from unnest(${changes.map((one) => one.appointment_id)}::uuid[], ${changes.map((one) => one.etag)}::text[], ${changes.map((one) => one.gone)}::boolean[]) x(id, etag, gone)
    on conflict (feed_id, appointment_id) do update set etag = excluded.etag, gone = excluded.gone, number = excluded.number, told_at = excluded.told_at`.execute(
    tx,
  )
  await tx.updateTable('calendar_feed').set({ number }).where('id', '=', feed).execute()
}

export const noteRead = (tx: Tx, feed: string, day: string) =>
  tx.updateTable('calendar_feed').set({ read_on: day }).where('id', '=', feed).execute()

/** Feeds that open nothing any more, and what was gone before then. */
export async function forgetFeeds(tx: Tx, now: Date, before: Date): Promise<void> {
  await sql`
    delete from calendar_feed f where not exists (
      select from platform.session s where s.id = f.id and s.revoked_at is null and s.expires_at > ${now} and s.last_used_at + s.idle_seconds * interval '1 second' > ${now})`.execute(
    tx,
  )
  await sql`
    with forgotten as (delete from calendar_told where gone and told_at < ${before} returning feed_id, number)
    update calendar_feed f set oldest = greatest(f.oldest, x.number) from (select feed_id, max(number) as number from forgotten group by feed_id) x where x.feed_id = f.id`.execute(
    tx,
  )
}

export const feedFacts = (db: Db, account: string) =>
  db
    .selectFrom('calendar_feed')
    .select(['label', 'kind', 'shows', 'names', 'created_at', 'read_on'])
    .where('account_id', '=', account)
    .orderBy('id')
    .execute()

export async function eraseFeeds(tx: Tx, account: string): Promise<number> {
  const { numDeletedRows } = await tx.deleteFrom('calendar_feed').where('account_id', '=', account).executeTakeFirst()
  return Number(numDeletedRows)
}
