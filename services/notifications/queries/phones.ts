import { type Kysely, sql, type Transaction } from 'kysely'
import type { NotificationsTables } from '../tables.ts'

type Db = Kysely<NotificationsTables>
type Tx = Transaction<NotificationsTables>

/** Those of these numbers. */
export async function stoppedAmong(db: Db, phones: readonly string[]): Promise<ReadonlySet<string>> {
  if (phones.length === 0) return new Set()
  const { rows } = await sql<{ phone: string }>`
    select x.phone from unnest(${phones}::text[]) x(phone) join phone_wish w on w.phone = phone_digest(x.phone) and w.stopped`.execute(
    db,
  )
  return new Set(rows.map(({ phone }) => phone))
}

/** Whether this changes anything: what was said earlier, and comes later, does not; nor does START where nothing was stopped. */
export async function noteWish(
  tx: Tx,
  phone: string,
  { stopped, at }: { stopped: boolean; at: Date },
): Promise<boolean> {
  const { rows } = await sql`
    insert into phone_wish as w (phone, stopped, said_at) values (phone_digest(${phone}), ${stopped}, ${at})
    on conflict (phone) do update set stopped = excluded.stopped, said_at = excluded.said_at
      where w.said_at is null or w.said_at < excluded.said_at or (w.said_at = excluded.said_at and excluded.stopped)
    returning (select b.stopped from phone_wish b where b.phone = w.phone) as before, w.stopped as now`.execute(tx)
  const [row] = rows as { before: boolean | null; now: boolean }[]
  return row !== undefined && (row.before ?? false) !== row.now
}

/** Whether this phone has not been told yet today. */
export async function noteHelp(tx: Tx, phone: string, day: string): Promise<boolean> {
  const { rows } = await sql`
    insert into phone_wish as w (phone, helped_on) values (phone_digest(${phone}), ${day})
    on conflict (phone) do update set helped_on = excluded.helped_on where w.helped_on is distinct from excluded.helped_on
    returning 1`.execute(tx)
  return rows.length > 0
}
