import { sql, type Transaction } from 'kysely'
import type { NotificationsTables } from '../tables.ts'

type Tx = Transaction<NotificationsTables>

interface Reference {
  provider: string
  reference: string
}

/**
 * Held to the end of the transaction by whoever writes down that a message was taken, and what became of it: one of the two sees the other. In order, so
 * that two who hold several never wait for each other.
 */
const lock = (references: readonly Reference[]) =>
  sql`
    select pg_advisory_xact_lock(key) from (
      select hashtextextended(r, 0) as key from unnest(${references.map(({ provider, reference }) => `${provider} ${reference}`)}::text[]) r
      order by key) k`

/**
 * Of what is reported in any order, and more than once: that it arrived stands above all else. A provider that was begun anew may use its ids again: they
 * are the newest message's, and what was reported before there was that message is not about it.
 */
const apply = (references: readonly Reference[]) => sql`
  update delivery d set status = r.status, reason = case r.status when 'failed' then coalesce(r.code, 'undelivered') end
  from unnest(${references.map(({ provider }) => provider)}::text[], ${references.map(({ reference }) => reference)}::text[]) t(provider, reference)
  cross join lateral (
    select n.id, p.status, p.code from (
      select id, created_at from delivery where provider = t.provider and reference = t.reference order by sent_at desc nulls last limit 1) n
    join delivery_report p on p.provider = t.provider and p.reference = t.reference and p.received_at >= n.created_at
    order by p.status limit 1) r
  where d.id = r.id and d.status in ('sent', 'failed') and d.status <> r.status and d.sent_at is not null`

export async function noteReport(
  tx: Tx,
  report: Reference & { status: 'delivered' | 'failed'; code?: string | undefined; at: Date },
): Promise<void> {
  await lock([report]).execute(tx)
  const { provider, reference, status, code = null, at } = report
  await tx
    .insertInto('delivery_report')
    .values({ provider, reference, status, code, received_at: at })
    .onConflict((c) => c.columns(['provider', 'reference', 'status']).doUpdateSet({ code, received_at: at }))
    .execute()
  await apply([report]).execute(tx)
}

/** What was reported before it was written down that the message was taken. */
export const applyReports = (tx: Tx, taken: readonly Reference[]) => apply(taken).execute(tx)
export const lockReports = (tx: Tx, taken: readonly Reference[]) => lock(taken).execute(tx)

/** What was told of the last time says nothing of the next, which has the same id. */
export const forgetReports = (tx: Tx, delivery: string) =>
  sql`
  delete from delivery_report r using delivery d
  where d.id = ${delivery} and r.provider = d.provider and r.reference = d.reference`.execute(tx)

export const deleteReports = (tx: Tx, before: Date) =>
  tx.deleteFrom('delivery_report').where('received_at', '<', before).execute()
