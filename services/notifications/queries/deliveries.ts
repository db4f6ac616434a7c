import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely'
import type { Channel } from '../channels.ts'
import { maySee } from '../queries.ts'
import type { Attempt } from '../sending/hand-over.ts'
import type { NotificationsTables } from '../tables.ts'

type Db = Kysely<NotificationsTables>
type Tx = Transaction<NotificationsTables>

export interface NewDelivery {
  id: string
  /** With the id of the notification. */
  message: { id: string; account: string; template: string }
  channel: Channel
  due: Date
  digest: boolean
  /** Set where it is not sent. */
  reason?: string
}

/** One for each (event, account, channel, template); answers which are new. */
export async function insertDeliveries(
  tx: Tx,
  deliveries: readonly NewDelivery[],
  { event, at }: { event: string; at: Date },
): Promise<Set<string>> {
  const values = deliveries.map(({ id, message, channel, due, digest, reason }) => ({
    ...{ id, event, channel, digest, due_at: due, created_at: at },
    ...{ notification_id: message.id, account_id: message.account, template: message.template },
    ...{ status: reason === undefined ? 'queued' : 'skipped', reason: reason ?? null },
  }))
  const rows = await tx
    .insertInto('delivery')
    .values(values)
    .onConflict((c) => c.constraint('delivery_once').doNothing())
    .returning('id')
    .execute()
  return new Set(rows.map(({ id }) => id))
}

/** What waits, with what it is to say and whether its reader may still be told. */
export interface Waiting {
  id: string
  channel: Channel
  tries: number
  due_at: Date
  account_id: string
  template: string
  params: object
  resource: string
  created_at: Date
  notification_id: string
  /** Of the reader, and in which version of its words this was written. */
  zone: string | null
  wording: string | null
  entitled: boolean
  /** What there still is to say, where that is less. */
  shortened?: object
}

const waiting = (db: Db, at: Date) =>
  db
    .selectFrom('delivery as d')
    .innerJoin('notification as n', 'n.id', 'd.notification_id')
    .select(['d.id', 'd.channel', 'd.tries', 'd.due_at', 'n.account_id', 'n.template', 'n.params', 'n.resource'])
    .select(['n.zone', 'n.wording'])
    .select(['d.created_at', 'd.notification_id', maySee(at, 'n').as('entitled')])
    .where('d.status', '=', 'queued')
    .$castTo<Waiting>()

export const deliveriesToSend = (db: Db, ids: readonly string[], at: Date): Promise<Waiting[]> =>
  waiting(db, at).where('d.id', 'in', ids).execute()

/** More than anybody reads in one mail: what is beyond waits for the next. */
const MOST_OF_A_DIGEST = 200

/** What goes into somebody's mail of that time, in the order in which it was written. */
export const digestToSend = (db: Db, account: string, due: Date, at: Date): Promise<Waiting[]> =>
  waiting(db, at)
    .where('d.account_id', '=', account)
    .where('d.digest', '=', true)
    .where('d.due_at', '<=', due)
    .orderBy('d.id')
    .limit(MOST_OF_A_DIGEST)
    .execute()

export interface Settled {
  id: string
  status: 'queued' | 'sent' | 'failed' | 'skipped' | 'dead'
  reason: string | null
  tries: number
  provider?: string
  reference?: string | null
  sent_at?: Date
  /** In which words, and of what where that is not what was written. */
  language?: string
  wording?: string | null
  params?: object
}

/** One time that a provider was asked. */
export interface AttemptRow extends Attempt {
  id: string
  delivery_id: string
  made_at: Date
}

/** What became of each, and what was attempted. What was settled meanwhile stays as it is, and so does what is not said. Answers the ids of the others. */
export async function settleDeliveries(
  tx: Tx,
  settled: readonly Settled[],
  attempts: readonly AttemptRow[],
): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    with made as (
      insert into attempt (id, delivery_id, provider, outcome, code, made_at)
      select id, delivery_id, provider, outcome, code, made_at from json_to_recordset(${JSON.stringify(attempts)}::json)
        as a(id uuid, delivery_id uuid, provider text, outcome text, code text, made_at timestamptz)
      order by id on conflict (id) do nothing)
    update delivery d set status = s.status, reason = s.reason, tries = s.tries, provider = coalesce(s.provider, d.provider),
      reference = coalesce(s.reference, d.reference), sent_at = coalesce(s.sent_at, d.sent_at), language = coalesce(s.language, d.language),
      wording = coalesce(s.wording, d.wording), params = coalesce(s.params, d.params)
    from json_to_recordset(${JSON.stringify(settled)}::json)
      as s(id uuid, status text, reason text, tries int, provider text, reference text, sent_at timestamptz, language text, wording text, params jsonb)
    where d.id = s.id and d.status = 'queued' returning d.id`.execute(tx)
  return new Set(rows.map(({ id }) => id))
}

const shown = ['id', 'channel', 'template', 'status', 'reason', 'provider', 'tries', 'created_at', 'due_at'] as const

export interface DeliveryRow {
  id: string
  channel: Channel
  template: string
  status: string
  reason: string | null
  provider: string | null
  tries: number
  created_at: Date
  due_at: Date
}

/** Newest first. */
export function listDeliveries(
  db: Db,
  { status, channel, before, limit }: { status: string; channel?: Channel; before?: [string, string]; limit: number },
): Promise<DeliveryRow[]> {
  let query = db.selectFrom('delivery').select(shown).where('status', '=', status)
  if (channel !== undefined) query = query.where('channel', '=', channel)
  if (before) query = query.where(sql<boolean>`(due_at, id) < (${before[0]}::timestamptz, ${before[1]}::uuid)`)
  return query.orderBy('due_at', 'desc').orderBy('id', 'desc').limit(limit).$castTo<DeliveryRow>().execute()
}

export const deliveryById = (db: Db, id: string): Promise<DeliveryRow | undefined> =>
  db.selectFrom('delivery').select(shown).where('id', '=', id).$castTo<DeliveryRow>().executeTakeFirst()

/** Puts what was given up, or refused, into the queue again. Undefined where it is neither, or somebody else just has. */
export const requeue = (tx: Tx, id: string, at: Date): Promise<DeliveryRow | undefined> =>
  tx
    .updateTable('delivery')
    .set({ status: 'queued', reason: 'replayed', tries: 0, due_at: at, digest: false, sent_at: null })
    .set({ provider: null, reference: null, language: null, wording: null, params: null })
    .where('id', '=', id)
    .where('status', 'in', ['dead', 'failed'])
    .returning(shown)
    .$castTo<DeliveryRow>()
    .executeTakeFirst()

export interface DeliveryState {
  channel: Channel
  queued: number
  failed: number
  dead: number
  oldest: Date | null
}

/** Of each channel, counted by the index of what is not settled, ten thousand at the most; `oldest` of what is due. */
export async function deliveryState(db: Db, { now, since }: { now: Date; since: Date }): Promise<DeliveryState[]> {
  const count = (condition: RawBuilder<unknown>) =>
    sql`(select count(*)::int from (select from delivery d where d.channel = c.channel and ${condition} limit 10000) x)`
  const due = sql`d.status = 'queued' and d.due_at <= ${now}`
  const { rows } = await sql<DeliveryState>`
    select c.channel, ${count(due)} as queued, ${count(sql`d.status = 'failed' and d.due_at > ${since}`)} as failed,
      ${count(sql`d.status = 'dead'`)} as dead,
      (select min(d.due_at) from delivery d where d.channel = c.channel and ${due}) as oldest
    from (values ('email'), ('sms'), ('push')) c(channel)`.execute(db)
  return rows
}
