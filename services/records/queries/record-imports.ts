import type { Insertable, Kysely, Selectable, Transaction } from 'kysely'
import { columns, type RecordImport, type RecordsTables } from '../tables.ts'

type Db = Kysely<RecordsTables>
type Tx = Transaction<RecordsTables>
export type RecordImportRow = Selectable<RecordImport>

export const insertRecordImport = (tx: Tx, row: Insertable<RecordImport>): Promise<RecordImportRow> =>
  tx.insertInto('record_import').values(row).returning(columns.record_import).executeTakeFirstOrThrow()

interface Own {
  id: string
  patient: string
  account: string
  now: Date
}

const own = (db: Db, { id, patient, account, now }: Own) =>
  db
    .selectFrom('record_import')
    .select(columns.record_import)
    .where('id', '=', id)
    .where('patient_id', '=', patient)
    .where('account_id', '=', account)
    .where('expires_at', '>', now)

export const ownRecordImport = (db: Db, of: Own): Promise<RecordImportRow | undefined> => own(db, of).executeTakeFirst()

/** Whoever decides on it twice comes one after the other. */
export const lockRecordImport = (tx: Tx, of: Own): Promise<RecordImportRow | undefined> =>
  own(tx, of).forUpdate().executeTakeFirst()

export const updateRecordImport = (
  tx: Tx,
  { id, version }: Pick<RecordImportRow, 'id' | 'version'>,
  to: Partial<Pick<RecordImportRow, 'preview' | 'applied_at' | 'bundle'>>,
): Promise<RecordImportRow> =>
  tx
    .updateTable('record_import')
    .set({ ...to, version: version + 1 })
    .where('id', '=', id)
    .returning(columns.record_import)
    .executeTakeFirstOrThrow()

/** All that nobody has decided on but the newest so many. */
export const forgetOldestOpen = (tx: Tx, account: string, kept: number) =>
  tx
    .deleteFrom('record_import')
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('record_import')
        .select('id')
        .where('account_id', '=', account)
        .where('applied_at', 'is', null)
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .offset(kept),
    )
    .execute()

/** Of whom the patient is by now. */
export const moveRecordImports = (tx: Tx, from: string, to: string) =>
  tx.updateTable('record_import').set({ patient_id: to }).where('patient_id', '=', from).execute()

export const forgetRecordImportsOf = (tx: Tx, patient: string) =>
  tx.deleteFrom('record_import').where('patient_id', '=', patient).execute()

export const forgetRecordImports = (tx: Tx, now: Date) =>
  tx.deleteFrom('record_import').where('expires_at', '<=', now).execute()

/** What somebody brought, or what was brought of them; how many. */
export async function eraseRecordImports(
  tx: Tx,
  { patient, account }: { patient?: string | undefined; account?: string | undefined },
): Promise<number> {
  const { numDeletedRows } = await tx
    .deleteFrom('record_import')
    .where((eb) =>
      eb.or([
        ...(patient === undefined ? [] : [eb('patient_id', '=', patient)]),
        ...(account === undefined ? [] : [eb('account_id', '=', account)]),
      ]),
    )
    .executeTakeFirst()
  return Number(numDeletedRows)
}

/** Of a person: those who are asked about, without what is in them. */
export const recordImportsOf = (db: Db, patient: string) =>
  db
    .selectFrom('record_import')
    .select(['id', 'source', 'created_at', 'expires_at', 'applied_at'])
    .where('patient_id', '=', patient)
    .orderBy('id')
    .execute()
