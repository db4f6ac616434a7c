import { type Insertable, type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import { mayImport } from '#fhir/store/may-import.ts'
import { type BulkFault, type BulkImport, columns, type RecordsTables } from '../tables.ts'

type Db = Kysely<RecordsTables>
type Tx = Transaction<RecordsTables>
export type ImportRow = Selectable<BulkImport>

/** Whether whoever brings it in still may: what takes minutes must not outlive the right to it. */
export async function mayStillImport(
  db: Db,
  { actor, made_by }: Pick<ImportRow, 'actor' | 'made_by'>,
): Promise<boolean> {
  if (actor === 'client') return mayImport(db as Kysely<unknown>, made_by)
  const { rows } = await sql`
    select from platform.role_grant where account_id = ${made_by} and role = 'administrator' and revoked_at is null and rests_at is null`.execute(
    db,
  )
  return rows.length > 0
}

export const insertImport = (tx: Tx, row: Insertable<BulkImport>) => tx.insertInto('bulk_import').values(row).execute()

export const bulkImport = (db: Db, id: string): Promise<ImportRow | undefined> =>
  db.selectFrom('bulk_import').select(columns.bulk_import).where('id', '=', id).executeTakeFirst()

/** From where it was; false where another has gone on meanwhile. */
export async function advanceImport(tx: Tx, { id, next_byte }: ImportRow, to: Partial<ImportRow>): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('bulk_import')
    .set({ failures: 0, ...to })
    .where('id', '=', id)
    .where('next_byte', '=', next_byte)
    .where('status', '=', 'running')
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** With how often this batch has failed by now. */
export const noteImportFailure = (tx: Tx, id: string): Promise<ImportRow | undefined> =>
  tx
    .updateTable('bulk_import')
    .set(({ eb }) => ({ failures: eb('failures', '+', 1) }))
    .where('id', '=', id)
    .where('status', '=', 'running')
    .returning(columns.bulk_import)
    .executeTakeFirst()

export const insertFaults = (tx: Tx, rows: Insertable<BulkFault>[]) =>
  tx
    .insertInto('bulk_fault')
    .values(rows)
    .onConflict((c) => c.doNothing())
    .execute()

export const faultsOf = (db: Db, id: string) =>
  db
    .selectFrom('bulk_fault')
    .select(['line', 'code', 'diagnostics'])
    .where('import_id', '=', id)
    .orderBy('line')
    .execute()

interface ToForget {
  id: string
  file_key: string | null
  /** Its day is over: nothing of it is told any more. */
  over: boolean
  /** Another import is going through the same file, or an export shows it. */
  used: boolean
}

/** Imports that are over, and those whose file has been gone through: it may hold whoever is erased. */
export async function importsToForget(db: Db, now: Date, limit: number): Promise<ToForget[]> {
  const { rows } = await sql<ToForget>`
    select i.id, i.file_key, i.expires_at <= ${now} as over,
      exists (select from bulk_import o where o.file_key = i.file_key and o.id <> i.id and o.status = 'running' and o.expires_at > ${now})
      or exists (select from bulk_file f join bulk_export e on e.id = f.export_id
        where f.file_key = i.file_key and e.status in ('running', 'done') and e.expires_at > ${now}) as used
    from bulk_import i where i.expires_at <= ${now} or (i.status = 'done' and i.file_key is not null) limit ${limit}`.execute(
    db,
  )
  return rows
}

export const forgetFileOf = (tx: Tx, id: string) =>
  tx.updateTable('bulk_import').set({ file_key: null }).where('id', '=', id).execute()

export const forgetImport = (tx: Tx, id: string) => tx.deleteFrom('bulk_import').where('id', '=', id).execute()
