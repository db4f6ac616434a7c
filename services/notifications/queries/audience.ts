import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely'
import { valid } from '../queries.ts'
import type { NotificationsTables } from '../tables.ts'

type Db = Kysely<NotificationsTables>
type Tx = Transaction<NotificationsTables>

/** Whom a message is for. */
export type Audience =
  | { audience: 'patient'; account: string; category: string; patient: string }
  /** `only`: who of those whom the account treats had a visit in some time. */
  | { audience: 'panel'; account: string; category: string; only?: readonly string[] }
  | { audience: 'role'; role: string }

/** Somebody who is told. */
export interface Listener {
  account: string
  /** The patient; the account itself where it is about nobody. */
  about: string
  part: 'patient' | 'caregiver' | 'person'
  /** The patient wants nothing of this kind to leave the house. */
  inside: boolean
}

/** Whom this account treats, of those named; and who has not refused that. */
function treated(of: Exclude<Audience, { audience: 'role' }>, at: Date): RawBuilder<unknown> {
  const named = of.audience === 'patient' ? [of.patient] : (of.only ?? null)
  return sql`
    select distinct g.subject_id as id from platform.access_grant g
    where g.account_id = ${of.account} and g.relationship = 'treatment' and g.subject_type = 'Patient' and ${valid(at)}
      and (${named}::uuid[] is null or g.subject_id = any (${named}))
      and platform.may_see(${of.account}, g.subject_id, 'see-record', ${of.category}, ${at}) is not null`
}

const refused = (patient: RawBuilder<unknown>, category: string) => sql<boolean>`exists (
  select from platform.refusal f where f.subject_id = ${patient} and f.purpose = 'messages' and f.category = ${category})`

/** As with visits (`concernedBy`): the patient, and caregivers whose mandate has it that they are told, and of this too. */
const circle = (of: Exclude<Audience, { audience: 'role' }>, at: Date) => sql`
  select distinct on (p.id, c.account) p.id as about, c.account, c.part, ${refused(sql`p.id`, of.category)} as inside
  from (${treated(of, at)}) p cross join lateral (
    select g.account_id as account, 1 as nearness, 'patient' as part from platform.access_grant g
    where g.subject_id = p.id and g.relationship = 'self' and ${valid(at)}
    union all
    select g.account_id, 2, 'caregiver' from platform.access_grant g
    where g.subject_id = p.id and g.relationship = 'mandate' and 'receive-messages' = any (g.powers) and ${valid(at)}
      and (${of.category} = 'general' or 'see-sensitive' = any (g.powers)) and not ${refused(sql`p.id`, of.category)}
  ) c order by p.id, c.account, c.nearness`

const ofGrant = (condition: RawBuilder<unknown>, at: Date) => sql`
  select g.account_id as account from platform.access_grant g where ${condition} and ${valid(at)}`

const selves = (type: string) => sql`g.relationship = 'self' and g.subject_type = ${type}`

const holders: Readonly<Record<string, (at: Date) => RawBuilder<unknown>>> = {
  patient: (at) =>
    ofGrant(sql`(${selves('Patient')} or g.relationship = 'mandate' and 'receive-messages' = any (g.powers))`, at),
  caregiver: (at) => ofGrant(selves('Caregiver'), at),
  donor: (at) => ofGrant(selves('Donor'), at),
  practitioner: (at) => ofGrant(sql`g.relationship = 'licence'`, at),
  administrator: () => sql`
    select account_id as account from platform.role_grant
    where role = 'administrator' and revoked_at is null and rests_at is null`,
  clerk: () => sql`select account_id as account from platform.membership where ended_at is null`,
}

const everybody = (role: string, at: Date) => sql`
  select distinct account as about, account, 'person' as part, false as inside from (${holders[role]?.(at)}) h`

const listeners = (of: Audience, at: Date): RawBuilder<unknown> =>
  of.audience === 'role' ? everybody(of.role, at) : circle(of, at)

/** Everybody, as things stand; some at a time, in the order of patient and account. */
export async function listenersOf(
  db: Db,
  of: Audience,
  { at, after, limit }: { at: Date; after: Listener | undefined; limit: number },
): Promise<Listener[]> {
  const from = after ? sql`(l.about, l.account) > (${after.about}::uuid, ${after.account}::uuid)` : sql`true`
  const { rows } = await sql<Listener>`
    select l.account, l.about, l.part, l.inside from (${listeners(of, at)}) l
    where ${from} order by l.about, l.account limit ${limit}`.execute(db)
  return rows
}

/** How many are treated; zero where this is one whom the account does not. */
export async function countTreated(
  db: Db,
  of: Exclude<Audience, { audience: 'role' }>,
  at: Date,
): Promise<{ patients: number; unreached: number }> {
  const { rows } = await sql<{ patients: number; unreached: number }>`
    with heard as (select distinct c.about from (${circle(of, at)}) c)
    select count(*)::int as patients, (count(*) filter (where p.id not in (select about from heard)))::int as unreached
    from (${treated(of, at)}) p`.execute(db)
  return rows[0] ?? { patients: 0, unreached: 0 }
}

/** Keeps who is to be told; answers how many. */
export async function keepRecipients(tx: Tx, message: string, of: Audience, at: Date): Promise<number> {
  const { numAffectedRows } = await sql`
    insert into message_recipient (message_id, about, account_id, part)
    select ${message}, l.about, l.account, l.part from (${listeners(of, at)}) l`.execute(tx)
  return Number(numAffectedRows ?? 0)
}

export interface Recipient extends Listener {
  /** Whether they may still be told. */
  entitled: boolean
}

interface Written {
  id: string
  account_id: string
  audience: string
  category: string
}

/** Whether the writer still treats them, and the reader is still who they were. */
const stillSo = ({ account_id: author, category }: Written, at: Date) => sql<boolean>`
  platform.may_see(${author}, r.about, 'see-record', ${category}, ${at}) is not null and case r.part
    when 'patient' then exists (
      select from platform.access_grant g
      where g.account_id = r.account_id and g.subject_id = r.about and g.relationship = 'self' and ${valid(at)})
    else platform.may(r.account_id, r.about, 'receive-messages', ${at}) is not null
      and (${category} = 'general' or platform.may(r.account_id, r.about, 'see-sensitive', ${at}) is not null)
      and not ${refused(sql`r.about`, category)} end`

/** Whether the writer of an announcement is still who may write one. */
const mayAnnounce = ({ account_id: author }: Written) => sql<boolean>`exists (
  select from platform.role_grant g
  where g.account_id = ${author} and g.role = 'administrator' and g.revoked_at is null and g.rests_at is null)`

/** Who is next: some of a role, or all who are told of the next patient. */
export async function nextRecipients(db: Db, message: Written, at: Date, limit: number): Promise<Recipient[]> {
  const of = message.audience === 'role'
  const next = of
    ? sql`true`
    : sql`r.about = (select n.about from message_recipient n where n.message_id = ${message.id} and n.state = 'waiting' order by n.about limit 1)`
  const { rows } = await sql<Recipient>`
    select r.account_id as account, r.about, r.part, ${of ? sql`false` : refused(sql`r.about`, message.category)} as inside,
      ${of ? mayAnnounce(message) : stillSo(message, at)} as entitled
    from message_recipient r where r.message_id = ${message.id} and r.state = 'waiting' and ${next}
    order by r.about, r.account_id limit ${limit}`.execute(db)
  return rows
}

/** Notes what becomes of them; answers the accounts of those for whom nobody else has. */
export async function settleRecipients(
  tx: Tx,
  message: string,
  all: readonly Recipient[],
): Promise<ReadonlySet<string>> {
  const rows = all.map(({ account, about, entitled }) => ({ account, about, state: entitled ? 'told' : 'skipped' }))
  const { rows: fresh } = await sql<{ account: string }>`
    update message_recipient r set state = x.state
    from json_to_recordset(${JSON.stringify(rows)}::json) as x(account uuid, about uuid, state text)
    where r.message_id = ${message} and r.about = x.about and r.account_id = x.account and r.state = 'waiting'
    returning r.account_id as account`.execute(tx)
  return new Set(fresh.map(({ account }) => account))
}
