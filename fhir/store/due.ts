import { type Kysely, sql, type Transaction } from 'kysely'

// Resources that follow from rows, and are to be made anew (platform/migrations/0021_projection.sql).

export interface Name {
  type: string
  id: string
}

/** What this transaction has changed that is shown as one of these types: others may be another room's part of it. */
export async function takeOwn(tx: Transaction<unknown>, types: readonly string[]): Promise<Name[]> {
  const { rows } = await sql<Name>`
    delete from platform.projection_due where in_transaction = pg_current_xact_id_if_assigned() and type = any (${[...types]}::text[]) returning type, id`.execute(
    tx,
  )
  return distinct(rows)
}

/** What others left of these types, which the owner of the database is alone to do. */
export async function takeLeft(tx: Transaction<unknown>, types: readonly string[], limit: number): Promise<Name[]> {
  const { rows } = await sql<Name>`
    delete from platform.projection_due where change = any (array(
      select change from platform.projection_due where type = any (${[...types]}::text[]) order by change limit ${limit} for update skip locked)) returning type, id`.execute(
    tx,
  )
  return distinct(rows)
}

const distinct = (rows: Name[]): Name[] => [...new Map(rows.map((row) => [`${row.type}/${row.id}`, row])).values()]

interface Row {
  id: string
}

/** A page of the rows of a table, behind this one: by its key, so that all pages together look at each row once. */
export async function rowsAfter(db: Kysely<unknown>, table: string, after: string, limit: number): Promise<Row[]> {
  const { rows } = await sql<Row>`
    select t.id::text from ${sql.table(table)} t where t.id > ${after}::uuid order by t.id limit ${limit}`.execute(db)
  return rows
}

/** Those of these that a table has. */
export async function rowsAmong(db: Kysely<unknown>, table: string, ids: readonly string[]): Promise<Row[]> {
  const { rows } = await sql<Row>`
    select t.id::text from ${sql.table(table)} t where t.id = any (${[...ids]}::uuid[])`.execute(db)
  return rows
}
