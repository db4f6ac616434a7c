import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely'
import type { Channel } from './channels.ts'
import type { NotificationsTables } from './tables.ts'
import type { Template } from './words/words.ts'

type Db = Kysely<NotificationsTables>
type Tx = Transaction<NotificationsTables>

/** The channel on which a committed row wakes the streams of its account, in every process. */
export const INBOX_CHANNEL = 'openhcs_inbox'

export type Part = 'patient' | 'caregiver' | 'practitioner'

/** Somebody to tell, with the relationship on which it rests where the message is about somebody else. */
export interface Recipient {
  account: string
  part: Part
  subject: string | null
  power: string | null
}

export interface Message extends Recipient {
  template: Template
  params: object
  resource: string
  /** Of the reader, BCP 47, with words. */
  language: string
  /** Where it goes beside the app, unless its reader has chosen otherwise, and where it could. */
  channels: readonly Channel[]
  reachable: readonly Channel[]
  /** Records of the people it names, so that it goes when one of them does. */
  concerns?: readonly string[]
}

/** Whether a grant `g` holds. */
export const valid = (at: Date): RawBuilder<boolean> =>
  sql`g.revoked_at is null and g.valid_from <= ${at} and (g.valid_until is null or g.valid_until > ${at})`

/**
 * Everybody concerned by an appointment, each account once, in the part nearest to it: the patient and the practitioner themselves,
 * caregivers whose mandate includes messages (and what is sensitive, where the appointment is), and the caregiver who booked while the mandate to book stands.
 */
export async function concernedBy(
  db: Db,
  {
    patient,
    practitioner,
    bookedBy,
    category,
  }: { patient: string; practitioner: string; bookedBy: string; category: string },
  at: Date,
): Promise<Recipient[]> {
  const { rows } = await sql<Recipient>`
    select distinct on (account) account, part, subject, power from (
      select g.account_id as account, 1 as nearness, 'patient' as part, null::uuid as subject, null as power
      from platform.access_grant g where g.subject_id = ${patient} and g.relationship = 'self' and ${valid(at)}
      union all
      select g.account_id, 2, 'practitioner', null, null
      from platform.access_grant g where g.subject_id = ${practitioner} and g.relationship = 'self' and ${valid(at)}
      union all
      select g.account_id, case p.power when 'receive-messages' then 3 else 4 end, 'caregiver', g.subject_id, p.power
      from platform.access_grant g cross join lateral unnest(g.powers) p(power)
      where g.subject_id = ${patient} and g.relationship = 'mandate' and ${valid(at)}
        and ((p.power = 'receive-messages' and (${category} = 'general' or 'see-sensitive' = any (g.powers)))
          or (p.power = 'book' and g.account_id = ${bookedBy}))
    ) concerned order by account, nearness`.execute(db)
  return rows
}

/** Whether the patient wants nothing about this category to leave the house. */
export async function refusesMessages(db: Db, patient: string, categories: readonly string[]): Promise<boolean> {
  const { rows } = await sql`
    select 1 from platform.refusal where subject_id = ${patient} and purpose = 'messages' and category = any (${categories}::text[])`.execute(
    db,
  )
  return rows.length > 0
}

/** Caregivers who receive a patient's messages. */
export async function caregiversToldOf(db: Db, patient: string, at: Date): Promise<string[]> {
  const { rows } = await sql<{ account: string }>`
    select distinct g.account_id as account from platform.access_grant g
    where g.subject_id = ${patient} and g.relationship = 'mandate' and 'receive-messages' = any (g.powers) and ${valid(at)}`.execute(
    db,
  )
  return rows.map(({ account }) => account)
}

/** The accounts that are this patient, practitioner or caregiver. */
export async function accountsThatAre(db: Db, subject: string, at: Date): Promise<string[]> {
  const { rows } = await sql<{ account: string }>`
    select g.account_id as account from platform.access_grant g
    where g.subject_id = ${subject} and g.relationship = 'self' and ${valid(at)}`.execute(db)
  return rows.map(({ account }) => account)
}

/** Whether a mandate or licence has a grant that was not withdrawn. It may begin later. */
export async function stillGranted(db: Db, source: string): Promise<boolean> {
  const { rows } = await sql`
    select 1 from platform.access_grant where source_id = ${source} and revoked_at is null limit 1`.execute(db)
  return rows.length > 0
}

/** Whether what was granted has been withdrawn. What nobody has accepted yet has no grant, and so was not. */
export async function withdrawn(db: Db, source: string): Promise<boolean> {
  const { rows } = await sql`
    select 1 from platform.access_grant where source_id = ${source} having count(*) > 0 and bool_and(revoked_at is not null)`.execute(
    db,
  )
  return rows.length > 0
}

export async function readDemonstration(db: Db): Promise<boolean> {
  const { rows } = await sql<{ demo: boolean }>`select demo from platform.installation`.execute(db)
  return rows[0]?.demo ?? false
}

/**
 * Writes notifications under the next number of each inbox, and wakes the streams once this is committed. One message for each account at
 * most; inboxes are locked in the order of their ids, so two deliveries never wait for each other. Answers which rows are new.
 */
export async function insertNotifications(
  tx: Tx,
  messages: readonly (Message & { id: string; wording: string | null; zone: string | null })[],
  { delivery, at }: { delivery: string; at: Date },
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    with told as (
      select * from json_to_recordset(${JSON.stringify(messages)}::json)
        as m(id uuid, account uuid, template text, params jsonb, resource text, language text, subject uuid, power text, concerns uuid[], wording text, zone text)),
    head as (
      insert into inbox_head (account_id, last_seq) select account, 1 from told order by account
      on conflict (account_id) do update set last_seq = inbox_head.last_seq + 1 returning account_id, last_seq),
    kept as (
      insert into notification (id, account_id, seq, delivery, template, language, params, resource, subject_id, power, concerns, wording, zone, created_at)
      select id, account, last_seq, ${delivery}, template, language, params, resource, subject, power, coalesce(concerns, '{}'), wording, zone, ${at}
      from told join head on head.account_id = told.account
      on conflict (delivery, account_id, template) do nothing returning id, account_id)
    select id, pg_notify(${INBOX_CHANNEL}, account_id::text) from kept`.execute(tx)
  return rows.map(({ id }) => id)
}

/** The condition under which a message about somebody else may still be seen by the account it was written for. */
export const maySee = (at: Date, of = 'notification'): RawBuilder<boolean> => {
  const n = sql.ref(of)
  return sql<boolean>`(${n}.subject_id is null or platform.may(${n}.account_id, ${n}.subject_id, ${n}.power, ${at}) is not null)`
}

export interface NotificationRow {
  id: string
  seq: number
  template: string
  language: string
  params: object
  wording: string | null
  zone: string | null
  resource: string
  created_at: Date
  read_at: Date | null
}

const shown = [
  ...(['id', 'seq', 'template', 'language', 'params', 'wording', 'zone'] as const),
  ...(['resource', 'created_at', 'read_at'] as const),
] as const

export function listOf(
  db: Db,
  {
    account,
    unread,
    before,
    limit,
    at,
  }: { account: string; unread: boolean; before?: number; limit: number; at: Date },
) {
  let query = db.selectFrom('notification').select(shown).where('account_id', '=', account).where(maySee(at))
  if (unread) query = query.where('read_at', 'is', null)
  if (before !== undefined) query = query.where('seq', '<', before)
  return query.orderBy('seq', 'desc').limit(limit).$castTo<NotificationRow>().execute()
}

export function markRead(tx: Tx, { id, account, at }: { id: string; account: string; at: Date }) {
  return tx
    .updateTable('notification')
    .set({ read_at: sql<Date>`coalesce(read_at, ${at})` })
    .where('id', '=', id)
    .where('account_id', '=', account)
    .where(maySee(at))
    .returning(shown)
    .$castTo<NotificationRow>()
    .executeTakeFirst()
}

export async function markReadUntil(tx: Tx, { account, until, at }: { account: string; until: number; at: Date }) {
  const { numUpdatedRows } = await tx
    .updateTable('notification')
    .set({ read_at: at })
    .where('account_id', '=', account)
    .where('seq', '<=', until)
    .where('read_at', 'is', null)
    .where(maySee(at))
    .executeTakeFirst()
  return Number(numUpdatedRows)
}

export async function newestSeq(db: Db, account: string): Promise<number> {
  const row = await db.selectFrom('inbox_head').select('last_seq').where('account_id', '=', account).executeTakeFirst()
  return row?.last_seq ?? 0
}

/**
 * What came after `after`, oldest first, or undefined when the session is over. One statement, so that nothing is read under a session
 * that had been revoked before.
 */
export async function newerInSession(
  db: Db,
  { session, account, after, limit, at }: { session: string; account: string; after: number; limit: number; at: Date },
): Promise<NotificationRow[] | undefined> {
  const { rows } = await sql<NotificationRow | { id: null }>`
    select n.id, n.seq, n.template, n.language, n.params, n.wording, n.zone, n.resource, n.created_at, n.read_at
    from platform.session s left join lateral (
      select * from notification where account_id = ${account} and seq > ${after} and ${maySee(at)} order by seq limit ${limit}
    ) n on true
    where s.id = ${session} and s.account_id = ${account} and s.revoked_at is null and s.expires_at > ${at}
      and (s.idle_seconds is null or s.last_used_at + s.idle_seconds * interval '1 second' > ${at})
    order by n.seq`.execute(db)
  return rows.length === 0 ? undefined : rows.filter((row) => row.id !== null)
}

/** Deletes what is older, some at a time, so that no lock is held for long. Deliveries go with their notifications. */
export async function deleteOlder(tx: Tx, before: Date, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from notification where id in (select id from notification where created_at < ${before} limit ${limit})`.execute(
    tx,
  )
  return Number(numAffectedRows ?? 0)
}

/** Messages about a patient go to the survivor of a merge, or back; see migrations/0009_patient_merge.sql. */
export async function moveByMerge(
  tx: Tx,
  { id, survivor, replaced, stands }: { id: string; survivor: string; replaced: string; stands: boolean },
): Promise<void> {
  await sql`select follow_merge(${id}, ${survivor}, ${replaced}, ${stands})`.execute(tx)
}
