import { type Insertable, type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { Tables } from '../database.ts'
import { columns, type DataExport } from '../tables.ts'

type Db = Kysely<Tables>
type Tx = Transaction<Tables>
export type ExportRow = Selectable<DataExport>

/** Whether this account may have everything about a patient: it is the patient, or has both powers. */
export async function mayHaveAll(db: Db, account: string, patient: string, now: Date): Promise<boolean> {
  const { rows } = await sql<{ may: boolean }>`
    select platform.may(${account}, id, 'see-record', ${now}) in ('self', 'mandate')
      and platform.may(${account}, id, 'see-sensitive', ${now}) in ('self', 'mandate') as may from patient where id = ${patient}`.execute(
    db,
  )
  return rows[0]?.may === true
}

export const insertExport = (tx: Tx, row: Insertable<DataExport>) =>
  tx.insertInto('data_export').values(row).returning(columns.data_export).executeTakeFirstOrThrow()

export const dataExport = (db: Db, id: string) =>
  db.selectFrom('data_export').select(columns.data_export).where('id', '=', id).executeTakeFirst()

export const exportsOf = (db: Db, account: string, before: string | undefined, limit: number) =>
  db
    .selectFrom('data_export')
    .select(columns.data_export)
    .where('requested_by', '=', account)
    .$if(before !== undefined, (query) => query.where('id', '<', before as string))
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()

export async function setReady(tx: Tx, id: string, file_key: string, bytes: number): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('data_export')
    .set({ status: 'ready', file_key, bytes })
    .where('id', '=', id)
    .where('status', '=', 'preparing')
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Those that nobody can fetch any more, and those of somebody who is erased; their files are noted as unused. */
export async function expireExports(
  tx: Tx,
  of: { now: Date; account?: string; patient?: string },
  limit: number,
): Promise<number> {
  const { rows } = await sql`
    with gone as (
      select id, file_key from data_export
      where status <> 'expired' and (expires_at <= ${of.now} or requested_by = ${of.account ?? null}::uuid or patient_id = ${of.patient ?? null}::uuid)
      limit ${limit} for update),
    noted as (
      insert into file_unused (key, since) select distinct file_key, ${of.now}::timestamptz from gone where file_key is not null
      on conflict (key) do update set since = excluded.since)
    update data_export set status = 'expired', file_key = null, bytes = null where id in (select id from gone) returning id`.execute(
    tx,
  )
  return rows.length
}

export async function forgetExports(tx: Tx, before: Date, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from data_export where id in (
      select id from data_export where status = 'expired' and expires_at < ${before} limit ${limit})`.execute(tx)
  return Number(numAffectedRows ?? 0)
}

/** A file that is about to be kept, for a record that does not refer to it yet. */
export const noteFile = (tx: Tx, key: string, since: Date) =>
  tx
    .insertInto('file_unused')
    .values({ key, since })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ since }))
    .execute()

export interface UnusedFile {
  key: string
  /** As text, since it is compared to the microsecond. */
  since: string
  /** A record has it after all, or another one. */
  used: boolean
}

/** Files that a record gave up, or never came to refer to. */
export async function unusedFiles(db: Db, before: Date, limit: number): Promise<UnusedFile[]> {
  const { rows } = await sql<UnusedFile>`
    select key, since::text, file_is_used(key) as used from file_unused where since <= ${before} order by since limit ${limit}`.execute(
    db,
  )
  return rows
}

/** Unless it was noted again meanwhile. */
export const forgetFile = (tx: Tx, { key, since }: UnusedFile) =>
  sql`delete from file_unused where key = ${key} and since = ${since}::timestamptz`.execute(tx)
