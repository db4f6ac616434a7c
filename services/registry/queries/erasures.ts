import { type Insertable, type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { Tables } from '../database.ts'
import { columns, type Erasure } from '../tables.ts'

type Db = Kysely<Tables>
type Tx = Transaction<Tables>
export type ErasureRow = Selectable<Erasure>
type By =
  | { column: 'account_id'; table?: never; value: string }
  | { column: 'id'; table: 'patient' | 'practitioner'; value: string }

/**
 * Everything that one person is in this room, found by their account or one of their records. Of two records that became one, the one that stands, for
 * either account.
 */
export async function personBy(db: Db, by: By) {
  const { column, table } = by
  const value = table === 'patient' ? await standingOf(db, by.value) : by.value
  const account =
    column === 'account_id' || !table
      ? value
      : (await db.selectFrom(table).select('account_id').where('id', '=', value).executeTakeFirst())?.account_id
  const of = (kind: 'patient' | 'practitioner' | 'caregiver') =>
    db
      .selectFrom(kind)
      .select(['id', 'name'])
      .where(table === kind && account === null ? 'id' : 'account_id', '=', account ?? value)
      .where('erased_at', 'is', null)
      .executeTakeFirst()
  const [own, practitioner, caregiver] = await Promise.all([of('patient'), of('practitioner'), of('caregiver')])
  const patient = account ? ((await patientOf(db, account)) ?? own) : own
  return { account: account ?? undefined, patient, practitioner, caregiver }
}

const standingOf = async (db: Db, patient: string): Promise<string> =>
  (await sql<{ id: string }>`select survivor_of(${patient}) as id`.execute(db)).rows[0]?.id ?? patient

/** Who the account is by what it may: that goes along when two records become one. */
const patientOf = (db: Db, account: string) =>
  db
    .selectFrom('patient as p')
    .innerJoin('platform.access_grant as g', 'g.subject_id', 'p.id')
    .select(['p.id', 'p.name'])
    .where('g.account_id', '=', account)
    .where('g.relationship', '=', 'self')
    .where('g.subject_type', '=', 'Patient')
    .where('g.revoked_at', 'is', null)
    .where('p.erased_at', 'is', null)
    .executeTakeFirst()

/** Records that this one stands for; their names and words are the person's too. */
export const replacedBy = async (db: Db, patient: string): Promise<{ id: string; name: string }[]> =>
  (
    await sql<{ id: string; name: string }>`
      select p.id, p.name from patient_merge m join patient p on p.id = m.replaced_id
      where m.survivor_id = ${patient} and m.undone_at is null`.execute(db)
  ).rows

/**
 * Accounts that are the patient, this one apart: of records that became one there are several. Until the records themselves are erased they name their
 * accounts, so that an erasure that was interrupted finds them again.
 */
export async function otherAccountsOf(db: Db, patient: string, account: string | null): Promise<string[]> {
  const { rows } = await sql<{ account_id: string }>`
    select account_id from platform.access_grant
      where subject_id = ${patient} and subject_type = 'Patient' and relationship = 'self' and revoked_at is null and account_id is distinct from ${account}
    union
    select p.account_id from patient p
      where (p.id = ${patient} or p.id in (select replaced_id from patient_merge where survivor_id = ${patient} and undone_at is null))
        and p.account_id is not null and p.account_id is distinct from ${account}
    order by 1`.execute(db)
  return rows.map(({ account_id }) => account_id)
}

export async function isLastAdministrator(db: Db, account: string): Promise<boolean> {
  const { rows } = await sql<{ last: boolean }>`
    select bool_and(account_id = ${account}) as last from platform.role_grant
    where role = 'administrator' and revoked_at is null and rests_at is null`.execute(db)
  return rows[0]?.last === true
}

export const insertErasure = (tx: Tx, row: Insertable<Erasure>) =>
  tx.insertInto('erasure').values(row).returning(columns.erasure).executeTakeFirstOrThrow()

export const erasure = (db: Db, id: string) =>
  db.selectFrom('erasure').select(columns.erasure).where('id', '=', id).executeTakeFirst()

/** The code is compared where the row is, so that a wrong one answers as fast for an erasure that exists as for none. */
export const receivedErasure = (db: Db, id: string, hash: Buffer) =>
  db
    .selectFrom('erasure')
    .select(columns.erasure)
    .where('id', '=', id)
    .where('receipt_hash', '=', hash)
    .executeTakeFirst()

/** The record that stands for this one, held: nobody takes it over before the transaction ends. */
export const holdRecord = (tx: Tx, kind: 'patient' | 'practitioner', id: string) =>
  sql`select from ${sql.table(kind)} where id = ${kind === 'patient' ? sql`survivor_of(${id})` : id} for share`.execute(
    tx,
  )

/** One that waits for a record without an account goes to whoever takes the record over; it waits until `due` at least. */
export async function claimErasure(
  tx: Tx,
  of: { record: string; account: string; now: Date; due: Date },
): Promise<ErasureRow | undefined> {
  const { rows } = await sql<ErasureRow>`
    update erasure set claimed_by = ${of.account}, claimed_at = ${of.now}, due_at = greatest(due_at, ${of.due})
    where coalesce(account_id, patient_id, practitioner_id, caregiver_id) = ${of.record} and status in ('waiting', 'running')
    returning ${COLUMNS}`.execute(tx)
  return rows[0]
}

const COLUMNS = sql.raw(columns.erasure.join())

export const confirmErasure = (tx: Tx, id: string, now: Date) =>
  tx
    .updateTable('erasure')
    .set((eb) => ({ confirmed_at: eb.fn.coalesce('confirmed_at', eb.val(now)) }))
    .where('id', '=', id)
    .where('status', '=', 'waiting')
    .returning(columns.erasure)
    .executeTakeFirst()

export const erasuresOf = (db: Db, account: string, before: string | undefined, limit: number) =>
  db
    .selectFrom('erasure')
    .select(columns.erasure)
    .where((eb) => eb.or([eb('account_id', '=', account), eb('claimed_by', '=', account)]))
    .$if(before !== undefined, (query) => query.where('id', '<', before as string))
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()

/** From waiting to what comes next; undefined where somebody was first. One that was interrupted while it ran runs again. */
export const advanceErasure = (tx: Tx, id: string, to: 'cancelled' | 'running', now: Date) =>
  tx
    .updateTable('erasure')
    .set({ status: to })
    .where('id', '=', id)
    .where('status', 'in', to === 'running' ? ['waiting', 'running'] : ['waiting'])
    .$if(to === 'running', (query) => query.where('due_at', '<=', now))
    .returning(columns.erasure)
    .executeTakeFirst()

export const finishErasure = (tx: Tx, id: string, receipt: object, now: Date) =>
  tx
    .updateTable('erasure')
    .set({ status: 'done', done_at: now, receipt: JSON.stringify(receipt) })
    .where('id', '=', id)
    .execute()

export async function forgetErasures(tx: Tx, before: Date, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from erasure where id in (
      select id from erasure where (status = 'done' and done_at < ${before}) or (status = 'cancelled' and created_at < ${before}) limit ${limit})`.execute(
    tx,
  )
  return Number(numAffectedRows ?? 0)
}
