import { type Insertable, type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { Tables } from '../database.ts'
import {
  columns,
  type Import,
  type ImportFault,
  type ImportSource,
  type Patient,
  type Practitioner,
} from '../tables.ts'

type Db = Kysely<Tables>
type Tx = Transaction<Tables>
export type ImportRow = Selectable<Import>
const WITHOUT_CONTENT = columns.import.filter((name) => name !== 'content')
export type ShownImport = Omit<ImportRow, 'content'>

export const insertImport = (tx: Tx, row: Insertable<Import>) => tx.insertInto('import').values(row).execute()

/** Where the account manages the organisation, or looks at all of them. */
export const visibleImport = (db: Db, id: string, by: { account: string; administrator: boolean }) =>
  db
    .selectFrom('import')
    .select(WITHOUT_CONTENT)
    .where('id', '=', id)
    .where(sql<boolean>`(${by.administrator} or platform.works_at(${by.account}, organisation_id, '{manager}'))`)
    .executeTakeFirst()

export const importsOf = (db: Db, organisation: string, before: string | undefined, limit: number) =>
  db
    .selectFrom('import')
    .select(WITHOUT_CONTENT)
    .where('organisation_id', '=', organisation)
    .$if(before !== undefined, (query) => query.where('id', '<', before as string))
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()

export const lockImport = (tx: Tx, id: string) =>
  tx.selectFrom('import').select(columns.import).where('id', '=', id).forUpdate().executeTakeFirst()

export const updateImport = (tx: Tx, id: string, change: Partial<ImportRow>) =>
  tx.updateTable('import').set(change).where('id', '=', id).execute()

export const insertFaults = (tx: Tx, rows: Insertable<ImportFault>[]) =>
  tx.insertInto('import_fault').values(rows).execute()

/** At most as many as a person mends; more are of one kind. */
const MOST_FAULTS = 50_000
export const faultsOf = (db: Db, id: string) =>
  db
    .selectFrom('import_fault')
    .select(['line', 'key', 'field', 'fault'])
    .where('import_id', '=', id)
    .orderBy('line')
    .orderBy('position')
    .limit(MOST_FAULTS)
    .execute()

export const sourcesOf = (db: Db, organisation: string, kind: string, keys: string[]) =>
  db
    .selectFrom('import_source')
    .select(columns.import_source)
    .where('organisation_id', '=', organisation)
    .where('kind', '=', kind)
    .where('key', 'in', keys)
    .execute()

export const keepSource = (tx: Tx, row: Insertable<ImportSource>) =>
  tx
    .insertInto('import_source')
    .values(row)
    .onConflict((c) => c.columns(['organisation_id', 'kind', 'key']).doUpdateSet({ hash: row.hash }))
    .execute()

type Facts = Partial<Selectable<Patient>> | Partial<Selectable<Practitioner>>

/** Of somebody without an account: others keep their own record. */
export const changeRecord = (tx: Tx, table: 'patient' | 'practitioner', id: string, facts: Facts, now: Date) =>
  tx
    .updateTable(table)
    .set((eb) => ({ ...facts, version: eb('version', '+', 1), updated_at: now }))
    .where('id', '=', id)
    .where('account_id', 'is', null)
    .where(sql<boolean>`not is_somebodys(id)`)
    .returning('id')
    .executeTakeFirst()

export const isKeptHere = (db: Db, table: 'patient' | 'practitioner', id: string) =>
  db
    .selectFrom(table)
    .select('id')
    .where('id', '=', id)
    .where('account_id', 'is', null)
    .where(sql<boolean>`not is_somebodys(id)`)
    .executeTakeFirst()

/** Those that were done before then, with what was wrong in them. */
export async function forgetImports(tx: Tx, before: Date, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    with gone as (select id from import where status = 'done' and done_at < ${before} limit ${limit}),
         faults as (delete from import_fault where import_id in (select id from gone))
    delete from import where id in (select id from gone)`.execute(tx)
  return Number(numAffectedRows ?? 0)
}
