import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { Message, NotificationsTables } from '../tables.ts'

type Db = Kysely<NotificationsTables>
type Tx = Transaction<NotificationsTables>

export interface Counts {
  patients?: number
  unreached?: number
  people: number
  email: number
  sms: number
  push: number
}

export type MessageRow = Omit<Selectable<Message>, 'demo' | 'counted'> & { counted: Counts }

const kept = [
  'id',
  'account_id',
  'practitioner_id',
  'audience',
  'patient_id',
  'role',
  'visits_from',
  'visits_until',
  'category',
  'text',
  'status',
  'counted',
  'version',
  'created_at',
  'confirmed_at',
  'ended_at',
] as const

const progress = ['waiting', 'told', 'skipped'] as const
export type Progress = Record<(typeof progress)[number], number>
export type MessageWithProgress = MessageRow & Progress

/** Whose messages somebody may see: their own, and an administrator those that go to roles. */
export interface Seer {
  account: string
  announcements: boolean
}

const seenBy = ({ account, announcements }: Seer) =>
  announcements ? sql<boolean>`(account_id = ${account} or audience = 'role')` : sql<boolean>`account_id = ${account}`

const withProgress = (db: Db) => {
  const of = (state: string) =>
    sql<number>`(select count(*)::int from message_recipient r where r.message_id = message.id and r.state = ${state})`
  return db
    .selectFrom('message')
    .select(kept)
    .select(progress.map((state) => of(state).as(state)))
    .$castTo<MessageWithProgress>()
}

export const insertMessage = (tx: Tx, { counted, ...row }: MessageRow) =>
  tx
    .insertInto('message')
    .values({ ...row, counted: JSON.stringify(counted) })
    .execute()

export const messageOf = (db: Db, id: string, seer: Seer): Promise<MessageWithProgress | undefined> =>
  withProgress(db).where('id', '=', id).where(seenBy(seer)).executeTakeFirst()

export function messagesOf(db: Db, seer: Seer, { before, limit }: { before?: string | undefined; limit: number }) {
  let query = withProgress(db).where(seenBy(seer))
  if (before !== undefined) query = query.where('id', '<', before)
  return query.orderBy('id', 'desc').limit(limit).execute()
}

/** Locked until the transaction ends: whoever sends, changes or stops it does so alone. */
export const lockMessage = (tx: Tx, id: string): Promise<MessageRow | undefined> =>
  tx.selectFrom('message').select(kept).where('id', '=', id).forUpdate().$castTo<MessageRow>().executeTakeFirst()

export const messageToSend = (db: Db, id: string): Promise<MessageRow | undefined> =>
  db
    .selectFrom('message')
    .select(kept)
    .where('id', '=', id)
    .where('status', '=', 'sending')
    .$castTo<MessageRow>()
    .executeTakeFirst()

export const changeMessage = (
  tx: Tx,
  id: string,
  { counted, ...change }: Partial<Pick<MessageRow, 'text' | 'status' | 'counted' | 'confirmed_at' | 'ended_at'>>,
) =>
  tx
    .updateTable('message')
    .set({ ...change, ...(counted && { counted: JSON.stringify(counted) }), version: sql<number>`version + 1` })
    .where('id', '=', id)
    .execute()

export async function isAnybodyWaiting(tx: Tx, id: string): Promise<boolean> {
  const { rows } = await sql`
    select from message_recipient where message_id = ${id} and state = 'waiting' limit 1`.execute(tx)
  return rows.length > 0
}

export const endMessage = (tx: Tx, id: string, status: 'sent' | 'stopped', at: Date) =>
  changeMessage(tx, id, { status, ended_at: at })

/** Held by whoever counts what was confirmed of late, so that of two at once the second counts the first. */
export const lockLimit = (tx: Tx, whose: string) =>
  sql`select pg_advisory_xact_lock(hashtextextended(${`messages of ${whose}`}, 0))`.execute(tx)

/** Of this kind since then: of one account, to one patient, or of all where neither is named. */
export async function confirmedSince(
  tx: Tx,
  { audience, account, patient, since }: { audience: string; account?: string; patient?: string; since: Date },
): Promise<number> {
  let query = tx
    .selectFrom('message')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('audience', '=', audience)
    .where('confirmed_at', '>', since)
  if (account !== undefined) query = query.where('account_id', '=', account)
  if (patient !== undefined) query = query.where('patient_id', '=', patient)
  return (await query.executeTakeFirstOrThrow()).count
}

/** What was written long ago, and drafts that nobody came back to. Recipients go with their message. */
export const forgetMessages = (tx: Tx, { before, drafts }: { before: Date; drafts: Date }) =>
  sql`delete from message where created_at < ${before} or (status = 'draft' and created_at < ${drafts})`.execute(tx)

export const messagesWrittenBy = (db: Db, account: string) =>
  db
    .selectFrom('message')
    .select(['audience', 'role', 'category', 'text', 'status', 'created_at', 'confirmed_at'])
    .where('account_id', '=', account)
    .orderBy('id')
    .execute()

/** What they wrote, what was written to them alone, and that they were to be told of anything. */
export async function eraseMessages(tx: Tx, account: string | undefined, records: readonly string[]): Promise<number> {
  await sql`
    delete from message_recipient where account_id = ${account ?? null} or about = any (${records}::uuid[])`.execute(tx)
  const { numAffectedRows } = await sql`
    delete from message where account_id = ${account ?? null} or patient_id = any (${records}::uuid[])
      or practitioner_id = any (${records}::uuid[])`.execute(tx)
  return Number(numAffectedRows ?? 0)
}
