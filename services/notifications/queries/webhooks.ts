import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { NotificationsTables, Webhook, WebhookDelivery } from '../tables.ts'

type Db = Kysely<NotificationsTables>
type Tx = Transaction<NotificationsTables>

const kept = [
  ...(['id', 'url', 'description', 'events', 'active', 'disabled_as', 'secret', 'former_secret'] as const),
  ...(['former_until', 'failing_since', 'version', 'created_at'] as const),
] as const
export type WebhookRow = Pick<Selectable<Webhook>, (typeof kept)[number]>

const told = [
  ...(['id', 'webhook_id', 'type', 'resource', 'status', 'reason', 'tries', 'created_at', 'due_at'] as const),
  'delivered_at',
] as const
export type DeliveryRow = Pick<Selectable<WebhookDelivery>, (typeof told)[number]>

export const insertWebhook = (tx: Tx, row: WebhookRow) => tx.insertInto('webhook').values(row).execute()

/** Of two who add one at once the second counts the first. */
export async function countWebhooks(tx: Tx): Promise<number> {
  await sql`select pg_advisory_xact_lock(hashtextextended('webhooks', 0))`.execute(tx)
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from webhook`.execute(tx)
  return rows[0]?.count ?? 0
}

export const webhookById = (db: Db, id: string): Promise<WebhookRow | undefined> =>
  db.selectFrom('webhook').select(kept).where('id', '=', id).executeTakeFirst()

export const lockWebhook = (tx: Tx, id: string): Promise<WebhookRow | undefined> =>
  tx.selectFrom('webhook').select(kept).where('id', '=', id).forUpdate().executeTakeFirst()

export function webhooksPage(db: Db, before: string | undefined, limit: number): Promise<WebhookRow[]> {
  let query = db.selectFrom('webhook').select(kept)
  if (before !== undefined) query = query.where('id', '<', before)
  return query.orderBy('id', 'desc').limit(limit).execute()
}

export const changeWebhook = (tx: Tx, id: string, change: Partial<Omit<WebhookRow, 'id' | 'version'>>) =>
  tx
    .updateTable('webhook')
    .set({ ...change, version: sql<number>`version + 1` })
    .where('id', '=', id)
    .execute()

export async function deleteWebhook(tx: Tx, id: string): Promise<boolean> {
  const { numDeletedRows } = await tx.deleteFrom('webhook').where('id', '=', id).executeTakeFirst()
  return numDeletedRows === 1n
}

/** For who wants it, once for each announcement; answers their ids. */
export async function insertWebhookDeliveries(
  tx: Tx,
  { event, type, resource, at }: { event: string; type: string; resource: string; at: Date },
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    insert into webhook_delivery (id, webhook_id, event, type, resource, created_at, due_at)
    select gen_random_uuid(), w.id, ${event}, ${type}, ${resource}, ${at}, ${at}
    from webhook w where w.active and ${type} = any (w.events)
    on conflict on constraint webhook_delivery_once do nothing returning id`.execute(tx)
  return rows.map(({ id }) => id)
}

export const insertTest = (tx: Tx, row: { id: string; webhook_id: string; at: Date }) =>
  tx
    .insertInto('webhook_delivery')
    .values({
      ...{ id: row.id, webhook_id: row.webhook_id, event: `test ${row.id}`, type: 'Webhook.tested' },
      ...{ resource: `Webhook/${row.webhook_id}`, created_at: row.at, due_at: row.at },
    })
    .execute()

export const deliveryById = (db: Db, id: string): Promise<DeliveryRow | undefined> =>
  db.selectFrom('webhook_delivery').select(told).where('id', '=', id).executeTakeFirst()

export function deliveriesOf(
  db: Db,
  webhook: string,
  { status, before, limit }: { status?: string | undefined; before: [string, string] | undefined; limit: number },
): Promise<DeliveryRow[]> {
  let query = db.selectFrom('webhook_delivery').select(told).where('webhook_id', '=', webhook)
  if (status !== undefined) query = query.where('status', '=', status)
  if (before) query = query.where(sql<boolean>`(created_at, id) < (${before[0]}::timestamptz, ${before[1]}::uuid)`)
  return query.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(limit).execute()
}

const MOST_AT_ONCE = 1_000

/** One, whatever became of it; or what was given up since then. */
export async function requeueWebhook(
  tx: Tx,
  webhook: string,
  { delivery, since }: { delivery?: string | undefined; since?: Date | undefined },
  at: Date,
): Promise<string[]> {
  const which = delivery !== undefined ? sql`id = ${delivery}` : sql`status = 'dead' and created_at > ${since ?? null}`
  const { rows } = await sql<{ id: string }>`
    update webhook_delivery set status = 'queued', reason = 'replayed', tries = 0, due_at = ${at}, delivered_at = null
    where id in (select id from webhook_delivery where webhook_id = ${webhook} and ${which} limit ${MOST_AT_ONCE})
    returning id`.execute(tx)
  return rows.map(({ id }) => id)
}

export interface WebhookOutcome {
  status: 'queued' | 'delivered' | 'dead'
  reason: string | null
  tries: number
}

/** With the attempt, where one was made. `false` where somebody else has settled it meanwhile. */
export async function settleWebhook(
  tx: Tx,
  id: string,
  outcome: WebhookOutcome,
  attempt: { id: string; code: string } | undefined,
  at: Date,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('webhook_delivery')
    .set({ ...outcome, ...(outcome.status === 'delivered' && { delivered_at: at }) })
    .where('id', '=', id)
    .where('status', '=', 'queued')
    .executeTakeFirst()
  if (numUpdatedRows === 1n && attempt)
    await tx
      .insertInto('webhook_attempt')
      .values({ ...attempt, delivery_id: id, made_at: at })
      .execute()
  return numUpdatedRows === 1n
}

/** Since when it has taken nothing: from the first that failed, until one is taken. Both at once may be noted: it is about days. */
export async function noteHealth(tx: Tx, id: string, taken: boolean, at: Date): Promise<void> {
  const change = taken ? sql`failing_since = null` : sql`failing_since = ${at}`
  const changes = taken ? sql`failing_since is not null` : sql`failing_since is null`
  await sql`update webhook set ${change} where id = ${id} and ${changes}`.execute(tx)
}

/** For watching. */
export async function webhookOutcomes(db: Db, since: Date): Promise<{ status: string; count: number }[]> {
  const { rows } = await sql<{ status: string; count: number }>`
    select s.status, (select count(*)::int from (
      select from webhook_delivery d where d.created_at > ${since} and d.status = s.status limit 10000) x) as count
    from (values ('queued'), ('delivered'), ('dead')) s(status)`.execute(db)
  return rows
}

export const administrators = async (db: Db): Promise<string[]> => {
  const { rows } = await sql<{ account: string }>`
    select account_id as account from platform.role_grant
    where role = 'administrator' and revoked_at is null and rests_at is null order by account_id`.execute(db)
  return rows.map(({ account }) => account)
}

export const deleteWebhookDeliveries = (tx: Tx, before: Date) =>
  tx.deleteFrom('webhook_delivery').where('created_at', '<', before).execute()

// Keys: what is sealed moves to the newest.

export const secretsUnderOthers = (tx: Tx, current: string, limit: number) =>
  tx
    .selectFrom('webhook')
    .select(['id', 'secret', 'former_secret'])
    .where((eb) => eb.or([eb('key_name', '<>', current), eb('former_key_name', '<>', current)]))
    .limit(limit)
    .forUpdate()
    .execute()

export const resealSecrets = (tx: Tx, id: string, secrets: Pick<WebhookRow, 'secret' | 'former_secret'>) =>
  tx.updateTable('webhook').set(secrets).where('id', '=', id).execute()

export async function countSecretsByKey(db: Db): Promise<{ key: string; count: number }[]> {
  const { rows } = await sql<{ key: string; count: number }>`
    select k.name as key, count(*)::int as count
    from webhook w cross join lateral (values (w.key_name), (w.former_key_name)) k(name)
    where k.name is not null group by k.name`.execute(db)
  return rows
}
