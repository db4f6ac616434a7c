import { type Insertable, type Kysely, type RawBuilder, type Selectable, sql, type Transaction } from 'kysely'
import { copiedNow } from '#fhir/store/copies.ts'
import { columns, type HealthLink, type ReportsTables } from '../tables.ts'

type Db = Kysely<ReportsTables>
type Tx = Transaction<ReportsTables>
/** `is_shared`: whether whoever made it may share what is in it by now; not asked of one that was made or renewed just now. */
export type LinkRow = Omit<Selectable<HealthLink>, 'content'> & { is_shared?: boolean }
export type OpenRow = Selectable<HealthLink>

const facts = columns.health_link.filter((name) => name !== 'content')

/** Who looks. */
export interface Viewer {
  account: string
  now: Date
}

type Part<T> = T | RawBuilder<T>

/** What is shared, by whom. */
interface Shared {
  account: Part<string>
  patient: Part<string>
  categories: Part<string[]>
}

/**
 * Whether an account may share of a patient what is of these categories: who sees it as platform.may_see has it, but for an emergency. Whoever breaks the glass sees the record for
 * themselves, and that they may once more opens no link of theirs.
 */
const shares = ({ account, patient, categories }: Shared, now: Date) => sql<boolean>`exists (
  select from platform.access_grant g
  where g.account_id = ${account} and g.subject_id = ${patient} and 'see-record' = any (g.powers)
    and g.revoked_at is null and g.valid_from <= ${now} and (g.valid_until is null or g.valid_until > ${now})
    and case g.relationship
      when 'self' then true
      when 'mandate' then ${categories}::text[] <@ '{general}' or 'see-sensitive' = any (g.powers)
      when 'treatment' then exists (
          select from platform.access_grant l where l.account_id = g.account_id and l.relationship = 'licence'
            and l.revoked_at is null and l.valid_from <= ${now} and (l.valid_until is null or l.valid_until > ${now}))
        and not exists (
          select from platform.refusal r where r.subject_id = g.subject_id and r.purpose = 'treatment' and r.category = any (${categories}::text[] || array['general']))
      else false end)`

export async function mayShare(db: Db, what: Shared, now: Date): Promise<boolean> {
  const { rows } = await sql<{ may: boolean }>`select ${shares(what, now)} as may`.execute(db)
  return rows[0]?.may === true
}

const copied = copiedNow(sql<string[]>`health_link.holds`)

/** A link shows no more than whoever made it may share, from the next request on: also of what was labelled, or turned out to be another patient's, since it was copied. */
const stillShared = (now: Date) =>
  sql<boolean>`(${shares(
    {
      account: sql<string>`health_link.account_id`,
      patient: sql<string>`health_link.patient_id`,
      categories: sql<string[]>`(health_link.categories || array(select unnest(c.categories) from (${copied}) c))`,
    },
    now,
  )} and not exists (select from (${copied}) c where not c.about <@ array[health_link.patient_id::text]))`

/** Of patients all that are theirs, of others what they made. */
const own = ({ account, now }: Viewer) =>
  sql<boolean>`(account_id = ${account} or platform.may_see(${account}, patient_id, 'see-record', 'general', ${now}) = 'self')`

export const insertLink = (tx: Tx, row: Insertable<HealthLink>): Promise<LinkRow> =>
  tx.insertInto('health_link').values(row).returning(facts).executeTakeFirstOrThrow()

export const linksOf = (
  db: Db,
  patient: string,
  viewer: Viewer,
  { after, limit }: { after: readonly (string | number)[] | undefined; limit: number },
): Promise<LinkRow[]> =>
  db
    .selectFrom('health_link')
    .select(facts)
    .select(stillShared(viewer.now).as('is_shared'))
    .where('patient_id', '=', patient)
    .where(own(viewer))
    .$if(after !== undefined, (q) =>
      q.where(sql<boolean>`(created_at, id) < (${after?.[0]}::timestamptz, ${after?.[1]}::uuid)`),
    )
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()

export const openingsOf = (db: Db, links: readonly string[]) =>
  db
    .selectFrom('health_link_opening')
    .select(['link_id', 'at', 'recipient'])
    .where('link_id', 'in', links)
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .execute()

/** With its lock. */
export const lockOwn = (tx: Tx, id: string, viewer: Viewer): Promise<OpenRow | undefined> =>
  tx
    .selectFrom('health_link')
    .select(columns.health_link)
    .where('id', '=', id)
    .where(own(viewer))
    .forUpdate()
    .executeTakeFirst()

/** What it shared is deleted with it. */
export const revokeLink = (tx: Tx, id: string, now: Date) =>
  tx.updateTable('health_link').set({ revoked_at: now, content: null }).where('id', '=', id).execute()

/** Makes who shares a report and who says that it was an error take turns: none is shared a moment later. */
export const lockReport = (tx: Tx, report: string) =>
  sql`select pg_advisory_xact_lock(73066, hashtext(${report}))`.execute(tx)

/** All of a report, whoever made them. */
export const revokeLinksOf = (tx: Tx, report: string, now: Date): Promise<{ id: string; patient_id: string }[]> =>
  tx
    .updateTable('health_link')
    .set({ revoked_at: now, content: null })
    .where('report_id', '=', report)
    .where('revoked_at', 'is', null)
    .returning(['id', 'patient_id'])
    .execute()

export const renewLink = (
  tx: Tx,
  id: string,
  content: Pick<OpenRow, 'content' | 'categories' | 'holds'>,
  now: Date,
): Promise<LinkRow> =>
  tx
    .updateTable('health_link')
    .set({ ...content, updated_at: now })
    .where('id', '=', id)
    .returning(facts)
    .executeTakeFirstOrThrow()

const opens = (now: Date) =>
  sql<boolean>`content is not null and attempts_left > 0 and expires_at > ${now} and ${stillShared(now)}`

/** Of one that opens now. With its lock: passcodes are tried one after the other, however many are sent at the same time. */
export const lockOpen = (tx: Tx, hash: Buffer, now: Date): Promise<OpenRow | undefined> =>
  tx
    .selectFrom('health_link')
    .select(columns.health_link)
    .where('secret_hash', '=', hash)
    .where(opens(now))
    .forUpdate()
    .executeTakeFirst()

export const openContent = (db: Db, id: string, now: Date) =>
  db.selectFrom('health_link').select('content').where('id', '=', id).where(opens(now)).executeTakeFirst()

export const spendAttempt = (tx: Tx, { id, attempts_left }: Pick<LinkRow, 'id' | 'attempts_left'>) =>
  tx
    .updateTable('health_link')
    .set({ attempts_left: attempts_left - 1 })
    .where('id', '=', id)
    .execute()

/** Programs may ask every minute, for a year. */
const KEPT = 20

export async function noteOpening(tx: Tx, row: { id: string; link_id: string; at: Date; recipient: string }) {
  await tx.updateTable('health_link').set({ opened: sql`opened + 1` }).where('id', '=', row.link_id).execute()
  await tx.insertInto('health_link_opening').values(row).execute()
  await sql`
    delete from health_link_opening where link_id = ${row.link_id} and id not in (
      select id from health_link_opening where link_id = ${row.link_id} order by at desc, id desc limit ${KEPT})`.execute(
    tx,
  )
}

/** What nobody can open any more, now that it has expired. */
export async function dropExpired(tx: Tx, now: Date): Promise<number> {
  const { numUpdatedRows } = await tx
    .updateTable('health_link')
    .set({ content: null })
    .where('content', 'is not', null)
    .where('expires_at', '<', now)
    .executeTakeFirst()
  return Number(numUpdatedRows)
}

/** What the patient is told of them: all that is known but the content, which nobody here can read. */
export const linksAbout = (db: Db, patient: string) =>
  db
    .selectFrom('health_link')
    .select(['id', 'what', 'report_id', 'label', 'created_at', 'expires_at', 'revoked_at', 'opened'])
    .where('patient_id', '=', patient)
    .orderBy('created_at')
    .orderBy('id')
    .execute()

/** Who said that they opened them, of the newest. */
export const openingsAbout = (db: Db, patient: string) =>
  db
    .selectFrom('health_link_opening as o')
    .innerJoin('health_link as l', 'l.id', 'o.link_id')
    .select(['o.link_id', 'o.at', 'o.recipient'])
    .where('l.patient_id', '=', patient)
    .orderBy('o.at')
    .orderBy('o.id')
    .execute()

export async function eraseLinks(tx: Tx, patient: string): Promise<number> {
  const { numDeletedRows } = await tx.deleteFrom('health_link').where('patient_id', '=', patient).executeTakeFirst()
  return Number(numDeletedRows)
}

/** Those of a patient who was replaced go to the survivor, and back where the merge stands no more. Tells which. */
export async function moveLinks(
  tx: Tx,
  { id, survivor, replaced, stands }: { id: string; survivor: string; replaced: string; stands: boolean },
): Promise<string[]> {
  const moved = stands
    ? sql<{ id: string }>`
      with moved as (update health_link set patient_id = ${survivor} where patient_id = ${replaced} returning id),
        kept as (insert into health_link_moved (merge_id, link_id) select ${id}, id from moved)
      select id from moved`
    : sql<{ id: string }>`
      with given_back as (delete from health_link_moved where merge_id = ${id} returning link_id)
      update health_link l set patient_id = ${replaced} from given_back g where l.id = g.link_id returning l.id`
  const { rows } = await moved.execute(tx)
  return rows.map((row) => row.id)
}
